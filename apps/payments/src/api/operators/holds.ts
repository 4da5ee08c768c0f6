import { ObjectId } from '@forecourt/contracts';
import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import type { Hold } from '../../hold/hold.ts';
import { listHolds } from '../../hold/lookup.ts';
import { instant, Limit, major, nextOf, Time } from './common.ts';

const Status = z.enum(['placed', 'captured', 'released', 'expired'] satisfies Hold['status'][]);

const HoldBody = z
  .object({
    id: z.string(),
    key: z.string(),
    customerId: z.string().nullable().describe('null: it was released before anybody placed it'),
    amount: z.number(),
    captured: z.number(),
    status: Status,
    reference: z.string().nullable(),
    transferId: z.string().nullable(),
    placedAt: Time,
    expiresAt: Time.nullable(),
    endedAt: Time.nullable(),
  })
  .meta({ id: 'Hold' });

export const holdRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    app.get('/admin/ledger/holds', {
      onRequest: app.requireRole('operator'),
      schema: {
        operationId: 'listHolds',
        summary: 'Money of wallets that is kept from being spent otherwise, newest first',
        tags: ['Ledger'],
        querystring: z.strictObject({
          status: Status.optional(),
          customerId: ObjectId.optional(),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(HoldBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { status = null, customerId = null, after = null, limit } }) => {
        const holds = await listHolds(deps.database, { status, customerId, after, limit });
        return {
          items: holds.map(({ currency, ...hold }) => toBody(hold, currency ?? deps.currency)),
          next: nextOf(holds, limit, ({ id }) => id),
        };
      },
    });
  };

const toBody = (
  { amount, captured, placedAt, expiresAt, endedAt, ...hold }: Hold,
  currency: string,
): z.input<typeof HoldBody> => ({
  ...hold,
  amount: major(amount, currency),
  captured: major(captured, currency),
  placedAt: placedAt.toISOString(),
  expiresAt: instant(expiresAt),
  endedAt: instant(endedAt),
});
