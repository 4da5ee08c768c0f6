import { toMajorUnits, toMinorUnits } from '@forecourt/dialects';
import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { Invoice, Status } from '../replenishment/replenishment.ts';
import { checkByHand, replenish } from '../replenishment/service.ts';

const most = 9_007_199_254_740;

const Replenishment = z
  .object({
    replenishment: z.object({
      status: z.enum(['pending', 'success', 'error', 'canceled']),
      amount: z.number().describe('What was paid; until then, what is to be paid'),
    }),
  })
  .meta({ id: 'Replenishment' });

const wordOf = {
  requested: 'pending',
  pending: 'pending',
  success: 'success',
  error: 'error',
  canceled: 'canceled',
} as const satisfies Record<Status, string>;

export const driverApi =
  (deps: Deps): Routes =>
  async (app) => {
    // What somebody pays, and where: nothing for a cache on the way.
    app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));

    app.post('/api/customer/replenish', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'replenish',
        summary: 'An invoice at the payment provider, to pay into the wallet; `url` is where to pay',
        tags: ['Wallet'],
        body: z.strictObject({ amount: z.number().min(-most).max(most) }).meta({ id: 'ReplenishmentWish' }),
        response: { 200: z.object({ invoice_id: z.uuid(), url: z.string() }) },
      },
      handler: async (request) => {
        const { customerId } = principalOf(request);
        const amount = toMinorUnits(request.body.amount, deps.currency);
        const { id, url } = await replenish(deps, { customerId, amount });
        return { invoice_id: id, url: url ?? '' };
      },
    });

    app.post('/api/customer/replenishment/:invoice_id', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'checkReplenishment',
        summary: 'What became of an invoice; asks the provider while it is pending',
        tags: ['Wallet'],
        params: z.object({ invoice_id: z.uuid().toLowerCase() }),
        response: { 200: Replenishment },
      },
      handler: async (request) => {
        const { customerId } = principalOf(request);
        return toBody(await checkByHand(deps, { customerId, invoiceId: request.params.invoice_id }), deps.currency);
      },
    });
  };

const toBody = ({ status, paid, amount }: Invoice, currency: string): z.input<typeof Replenishment> => ({
  replenishment: { status: wordOf[status], amount: toMajorUnits(status === 'success' ? paid : amount, currency) },
});
