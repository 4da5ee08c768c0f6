import { ObjectId } from '@forecourt/contracts';
import { toMinorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { accountIdOf } from '../../account/account.ts';
import type { Deps } from '../../deps.ts';
import type { Transfer } from '../../ledger/ledger.ts';
import { listRefunds } from '../../ledger/lookup.ts';
import { refundTransfer } from '../../ledger/refund.ts';
import { findTransfer } from '../../ledger/store.ts';
import { Key, major, Reason, Time } from './common.ts';

const TransferBody = z
  .object({
    id: z.string(),
    key: z.string(),
    kind: z.string(),
    currency: z.string(),
    reference: z.string().nullable(),
    refunds: z.string().nullable().describe('The transfer that this one gives back'),
    refundedBy: z.array(z.string()).describe('Those that gave back a part of it'),
    operatorId: z.string().nullable(),
    reason: z.string().nullable(),
    at: Time,
    legs: z.array(z.object({ accountId: z.string(), amount: z.number() })).describe('They add up to zero'),
  })
  .meta({ id: 'Transfer' });

export const transferRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');

    const read = async (transferId: string) => {
      const [transfer, refundedBy] = await Promise.all([
        findTransfer(deps.database, { id: transferId }),
        listRefunds(deps.database, transferId),
      ]);
      if (!transfer) throw new AppError('transfer_not_found', 'There is no such transfer.');
      return toBody(transfer, refundedBy);
    };

    app.get('/admin/ledger/transfers/:transferId', {
      onRequest,
      schema: {
        operationId: 'getTransfer',
        summary: 'A transfer, the accounts that it moved and what was given back of it',
        tags: ['Ledger'],
        params: z.object({ transferId: ObjectId }),
        response: { 200: TransferBody },
      },
      handler: async ({ params: { transferId } }) => await read(transferId),
    });

    app.post('/admin/ledger/refunds', {
      onRequest,
      schema: {
        operationId: 'refundTransfer',
        summary: 'Give back to the wallet all or a part of what a charge or a capture took, never more in all',
        tags: ['Ledger'],
        body: z.strictObject({
          key: Key,
          transferId: ObjectId,
          amount: z.number().positive().max(9_007_199_254_740),
          reason: Reason,
        }),
        response: { 201: TransferBody },
      },
      handler: async (request, reply) => {
        const { key, transferId, amount, reason } = request.body;
        const refund = await refundTransfer(deps, {
          // Services have keys of their own, which no operator could know.
          key: `operator:${key}`,
          of: { id: transferId },
          amount: toMinorUnits(amount, deps.currency),
          reason,
          operatorId: principalOf(request).customerId,
        });
        return reply.code(201).send(await read(refund.transferId));
      },
    });
  };

const toBody = (transfer: Transfer, refundedBy: string[]): z.input<typeof TransferBody> => {
  const { id, key, kind, currency, legs, at, reference, refunds, operatorId, reason } = transfer;
  return {
    id,
    key,
    kind,
    currency,
    reference: reference ?? null,
    refunds: refunds ?? null,
    refundedBy,
    operatorId: operatorId ?? null,
    reason: reason ?? null,
    at: at.toISOString(),
    legs: legs.map(({ account, amount }) => ({
      accountId: accountIdOf({ ...account, currency }),
      amount: major(amount, currency),
    })),
  };
};
