import { ObjectId } from '@forecourt/contracts';
import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { cancelReservation, reserve } from '../../reservation/service.ts';

/** The station has twenty seconds, and ten more to take it back. */
const handlerTimeout = 35_000;

const ReservationBody = z
  .object({
    reservation: z.object({
      deviceId: z.string(),
      expiresAt: z.string().meta({ format: 'date-time' }).describe('Until when the device is kept'),
    }),
  })
  .meta({ id: 'Reservation' });

export const reservationRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requirePrincipal;
    const params = z.object({ deviceId: ObjectId });
    const { mostMinutes, usualMinutes } = deps.reservationSettings;

    app.post('/api/devices/:deviceId/reserve', {
      onRequest,
      handlerTimeout,
      schema: {
        operationId: 'reserveDevice',
        summary: 'Keep a device for a while, so that nobody else starts it; a driver keeps one at a time',
        description: 'A second call answers the same reservation. Starting the device uses it.',
        tags: ['Devices'],
        params,
        body: z
          .strictObject({ minutes: z.int().min(1).max(mostMinutes).default(usualMinutes) })
          .nullish()
          .meta({ id: 'ReservationWish' }),
        response: { 200: ReservationBody },
      },
      handler: async (request) => {
        const { deviceId } = request.params;
        const { customerId } = principalOf(request);
        const { expiresAt } = await reserve(deps, { customerId, deviceId, minutes: request.body?.minutes });
        return { reservation: { deviceId, expiresAt: expiresAt.toISOString() } };
      },
    });

    app.delete('/api/devices/:deviceId/reserve', {
      onRequest,
      handlerTimeout,
      schema: {
        operationId: 'cancelReservation',
        summary: 'Keep a device no longer',
        tags: ['Devices'],
        params,
        response: { 200: z.object({}) },
      },
      handler: async (request) => {
        await cancelReservation(deps, {
          customerId: principalOf(request).customerId,
          deviceId: request.params.deviceId,
        });
        return {};
      },
    });
  };
