import { ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { accountIdOf } from '../../account/account.ts';
import type { Deps } from '../../deps.ts';
import { findTransfer, type Transfer } from '../../transfer/store.ts';
import { major, Time } from './common.ts';

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
      const transfer = await findTransfer(deps.database, transferId);
      if (!transfer) throw new AppError('transfer_not_found', 'There is no such transfer.');
      return toBody(transfer);
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
  };

const toBody = ({ legs, at, refundedBy, ...transfer }: Transfer): z.input<typeof TransferBody> => ({
  ...transfer,
  refundedBy: [...refundedBy],
  at: at.toISOString(),
  legs: legs.map((leg) => ({ accountId: accountIdOf(leg), amount: major(leg.amount, leg.currency) })),
});
