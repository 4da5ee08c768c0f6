import { toMajorUnits, toMinorUnits } from '@forecourt/dialects';
import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { type DeliveryState, getDelivery, saveDelivery } from '../../delivery/store.ts';
import type { Deps } from '../../deps.ts';
import { Time } from './common.ts';

/** Major units; below 2^53 minor units in a currency of three decimals. */
const Amount = z.number().min(0).max(9_007_199_254_740);

const DeliveryBody = z
  .object({
    fee: z.number().nullable().describe('Null: the shop has no delivery settings'),
    freeFrom: z.number().nullable(),
    changedAt: Time.nullable(),
    changedBy: z.string().nullable(),
  })
  .meta({ id: 'DeliverySettings' });

export const deliveryRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');

    app.get('/admin/delivery-settings', {
      onRequest,
      schema: {
        operationId: 'getDeliverySettings',
        summary: 'What delivery costs',
        tags: ['Delivery'],
        response: { 200: DeliveryBody },
      },
      handler: async () => toDeliveryBody(await getDelivery(deps.database), deps.currency),
    });

    app.put('/admin/delivery-settings', {
      onRequest,
      schema: {
        operationId: 'setDeliverySettings',
        summary: 'Set what delivery costs; a fee of null removes the settings',
        tags: ['Delivery'],
        body: z
          .strictObject({ fee: Amount.nullable(), freeFrom: Amount.nullable().default(null) })
          .refine(({ fee, freeFrom }) => fee !== null || freeFrom === null, { path: ['freeFrom'] }),
        response: { 200: DeliveryBody },
      },
      handler: async (request) => {
        const { fee, freeFrom } = request.body;
        const { currency, database, clock } = deps;
        const state = {
          settings:
            fee === null ? null : { fee: toMinorUnits(fee, currency), freeFrom: minorOrNull(freeFrom, currency) },
          changedAt: clock(),
          changedBy: principalOf(request).customerId,
        };
        await saveDelivery(database, state);
        return toDeliveryBody(state, currency);
      },
    });
  };

const toDeliveryBody = ({ settings, changedAt, changedBy }: DeliveryState, currency: string) => ({
  fee: majorOrNull(settings?.fee ?? null, currency),
  freeFrom: majorOrNull(settings?.freeFrom ?? null, currency),
  changedAt: changedAt?.toISOString() ?? null,
  changedBy,
});

const majorOrNull = (amount: bigint | null, currency: string) =>
  amount === null ? null : toMajorUnits(amount, currency);
const minorOrNull = (amount: number | null, currency: string) =>
  amount === null ? null : toMinorUnits(amount, currency);
