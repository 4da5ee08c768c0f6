import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import type { Difference, Fault, Sum } from '../../reconciliation/reconciliation.ts';
import { reconcile } from '../../reconciliation/service.ts';
import { instant, Moment, major, Time } from './common.ts';

const faults = ['not_booked', 'not_credited', 'amount_differs', 'refunded', 'not_paid', 'not_listed'] as const;
const mostDays = 31;
const dayMs = 24 * 60 * 60_000;
/** The provider lists a month page by page. */
const patienceMs = 90_000;

const SumBody = z.object({ count: z.int(), amount: z.number() });
const DifferenceBody = z
  .object({
    fault: z.enum(faults satisfies readonly Fault[]),
    paymentId: z.string(),
    invoiceId: z.string().nullable(),
    providerRef: z.string().nullable().describe("The provider's name for the invoice"),
    listed: z
      .object({ status: z.string(), amount: z.number(), currency: z.string(), paidAt: Time.nullable() })
      .nullable(),
    booked: z
      .object({ transferId: z.string().nullable(), amount: z.number(), currency: z.string(), seenAt: Time })
      .nullable(),
  })
  .meta({ id: 'ReconciliationDifference' });

export const reconciliationRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    app.get('/admin/ledger/reconciliation', {
      onRequest: app.requireRole('operator'),
      handlerTimeout: patienceMs + 10_000,
      schema: {
        operationId: 'reconcilePayments',
        summary: 'What the provider says was paid, against our books',
        description:
          'Asks the provider for all payments of the time. `not_booked`: paid, and not in our books. `not_credited`: in our ' +
          'books, and in no wallet. `amount_differs`. `refunded`: the provider gave back what is in the wallet. ' +
          '`not_paid`, `not_listed`: in the wallet, and the provider does not say that it is paid, or does not know it.',
        tags: ['Ledger'],
        querystring: z
          .strictObject({ from: Moment, to: Moment.describe(`Not included; at most ${mostDays} days after \`from\``) })
          .refine(({ from, to }) => from < to && to.getTime() - from.getTime() <= mostDays * dayMs, {
            path: ['to'],
            params: { rule: 'not_acceptable' },
          }),
        response: {
          200: z.object({
            provider: z.string(),
            currency: z.string(),
            from: Time,
            to: Time,
            listed: SumBody.describe('What the provider says was paid in this time'),
            credited: SumBody.describe('What of that is in wallets'),
            differences: z.array(DifferenceBody),
            complete: z.boolean().describe('false: there is more than is told here; ask for less time'),
          }),
        },
      },
      handler: async ({ query: time }) => {
        const { currency } = deps;
        const report = await reconcile(deps, time, AbortSignal.timeout(patienceMs));
        return {
          provider: report.provider,
          currency,
          from: time.from.toISOString(),
          to: time.to.toISOString(),
          listed: toSumBody(report.listed, currency),
          credited: toSumBody(report.credited, currency),
          differences: report.differences.map(toDifferenceBody),
          complete: report.complete,
        };
      },
    });
  };

const toSumBody = ({ count, amount }: Sum, currency: string) => ({ count, amount: major(amount, currency) });

const toDifferenceBody = ({ fault, paymentId, listed, booked }: Difference): z.input<typeof DifferenceBody> => ({
  fault,
  paymentId,
  invoiceId: booked?.invoiceId ?? null,
  providerRef: listed?.ref ?? null,
  listed: listed && {
    status: listed.status,
    amount: major(listed.amount, listed.currency),
    currency: listed.currency,
    paidAt: instant(listed.paidAt),
  },
  booked: booked && {
    transferId: booked.transferId,
    amount: major(booked.amount, booked.currency),
    currency: booked.currency,
    seenAt: booked.seenAt.toISOString(),
  },
});
