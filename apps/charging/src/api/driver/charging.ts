import { ObjectId } from '@forecourt/contracts';
import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { finishSession, startSession } from '../../session/driving.ts';

/** Payments has five seconds for each question, the station ten. */
const handlerTimeout = 40_000;

/** Apps send an empty object, or nothing at all. */
const NoBody = z.strictObject({}).nullish();

export const chargingRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requirePrincipal;
    const params = z.object({ deviceId: ObjectId });

    app.post('/api/devices/:deviceId/start', {
      onRequest,
      handlerTimeout,
      schema: {
        operationId: 'startDevice',
        summary: 'Hold money, ask the device to start, and answer when it has accepted',
        description:
          'Charging begins when the cable is in. Whenever this refuses, what was held is free again: ' +
          '402 `insufficient_balance`, 409 `device_busy`, 503 `device_offline`, 504 `device_timeout`.',
        tags: ['Devices'],
        params,
        body: NoBody,
        response: { 200: z.object({}) },
      },
      handler: async (request) => {
        const { customerId } = principalOf(request);
        await startSession(deps, { customerId, deviceId: request.params.deviceId });
        return {};
      },
    });

    app.post('/api/devices/:deviceId/finish', {
      onRequest,
      schema: {
        operationId: 'finishDevice',
        summary: 'End the session on a device; a second time it is the same purchase',
        description: 'The device is asked to stop. What it costs is known for good when the cable is out.',
        tags: ['Devices'],
        params,
        body: NoBody,
        response: { 200: z.object({ id: z.string().describe('The purchase') }) },
      },
      handler: async (request) => {
        const { customerId } = principalOf(request);
        const { id } = await finishSession(deps, { customerId, deviceId: request.params.deviceId });
        return { id };
      },
    });
  };
