import { ObjectId } from '@forecourt/contracts';
import { toMinorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { accountIdOf, accountNamed } from '../../account/account.ts';
import { type Adjustment, adjustmentStatuses } from '../../adjustment/adjustment.ts';
import { decideAdjustment, propose } from '../../adjustment/service.ts';
import { findAdjustment, listAdjustments } from '../../adjustment/store.ts';
import type { Deps } from '../../deps.ts';
import { AccountId, instant, Key, Limit, major, nextOf, Reason, Time } from './common.ts';

/** Major units. What is more than this is a slip of the hand. */
const most = 1_000_000_000;
const Amount = z
  .number()
  .min(-most)
  .max(most)
  .refine((amount) => amount !== 0, { params: { rule: 'not_acceptable' } });

/** What is adjusted is adjusted against this one. */
const Adjusted = AccountId.refine(({ kind }) => kind !== 'adjustments', { params: { rule: 'not_acceptable' } });

const AdjustmentBody = z
  .object({
    id: z.string(),
    key: z.string(),
    accountId: z.string(),
    currency: z.string(),
    amount: z.number().describe('Positive adds to the account'),
    reason: z.string(),
    status: z.enum(adjustmentStatuses),
    proposedBy: z.string(),
    proposedAt: Time,
    decidedBy: z.string().nullable(),
    decidedAt: Time.nullable(),
    transferId: z.string().nullable(),
  })
  .meta({ id: 'Adjustment' });

export const adjustmentRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const params = z.object({ adjustmentId: ObjectId });

    app.get('/admin/ledger/adjustments', {
      onRequest,
      schema: {
        operationId: 'listAdjustments',
        summary: 'Corrections by hand, newest first',
        tags: ['Ledger'],
        querystring: z.strictObject({
          status: z.enum(adjustmentStatuses).optional(),
          accountId: AccountId.optional(),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(AdjustmentBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { status, accountId, after, limit } }) => {
        const filter = { status, accountId: accountId && accountIdOf(accountId), after, limit };
        const adjustments = await listAdjustments(deps.prisma, filter);
        return { items: adjustments.map(toBody), next: nextOf(adjustments, limit, ({ id }) => id) };
      },
    });

    app.post('/admin/ledger/adjustments', {
      onRequest,
      schema: {
        operationId: 'proposeAdjustment',
        summary: 'Propose to correct an account; nothing moves until another operator approves',
        tags: ['Ledger'],
        body: z.strictObject({ key: Key, accountId: Adjusted, amount: Amount, reason: Reason }),
        response: { 201: AdjustmentBody },
      },
      config: { tellsNothing: true },
      handler: async (request, reply) => {
        const { key, accountId: account, amount, reason } = request.body;
        const adjustment = await propose(deps, {
          key,
          account,
          amount: toMinorUnits(amount, account.currency),
          reason,
          by: principalOf(request).customerId,
        });
        return reply.code(201).send(toBody(adjustment));
      },
    });

    app.get('/admin/ledger/adjustments/:adjustmentId', {
      onRequest,
      schema: {
        operationId: 'getAdjustment',
        summary: 'One correction, who proposed it and who decided',
        tags: ['Ledger'],
        params,
        response: { 200: AdjustmentBody },
      },
      handler: async ({ params: { adjustmentId } }) => {
        const adjustment = await findAdjustment(deps.database, adjustmentId);
        if (!adjustment) throw new AppError('adjustment_not_found', 'There is no such adjustment.');
        return toBody(adjustment);
      },
    });

    for (const [word, status] of [
      ['approve', 'approved'],
      ['reject', 'rejected'],
    ] as const) {
      app.post(`/admin/ledger/adjustments/:adjustmentId/${word}`, {
        onRequest,
        schema: {
          operationId: `${word}Adjustment`,
          summary:
            status === 'approved'
              ? "Approve another operator's proposal; the money moves at once"
              : "Reject another operator's proposal",
          tags: ['Ledger'],
          params,
          response: { 200: AdjustmentBody },
        },
        handler: async (request) => {
          const by = principalOf(request).customerId;
          return toBody(await decideAdjustment(deps, { id: request.params.adjustmentId, status, by }));
        },
      });
    }
  };

const toBody = ({ amount, proposedAt, decidedAt, ...rest }: Adjustment): z.input<typeof AdjustmentBody> => {
  const { currency } = accountNamed(rest.accountId);
  return {
    ...rest,
    currency,
    amount: major(amount, currency),
    proposedAt: proposedAt.toISOString(),
    decidedAt: instant(decidedAt),
  };
};
