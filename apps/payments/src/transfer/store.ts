import type { SqlTx } from '@forecourt/messaging';
import type { AccountName } from '../account/account.ts';

export interface Leg extends AccountName {
  readonly amount: bigint;
}

/** Money that moved, with every account that it touched. */
export interface Transfer {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly currency: string;
  readonly reference: string | null;
  readonly refunds: string | null;
  readonly operatorId: string | null;
  readonly reason: string | null;
  readonly at: Date;
  readonly legs: readonly Leg[];
  /** The transfers that gave back a part of it. */
  readonly refundedBy: readonly string[];
}

export async function findTransfer(db: SqlTx, transferId: string): Promise<Transfer | null> {
  const rows = await db.$queryRaw<(Omit<Transfer, 'legs'> & Leg & { account: AccountName['kind'] })[]>`
    SELECT transfer.id, transfer.key, transfer.kind, transfer.currency, transfer.reference, transfer.refunds,
           transfer.operator_id AS "operatorId", transfer.reason, transfer.at,
           account.kind AS account, account.owner, posting.amount,
           ARRAY(SELECT id FROM transfer refund WHERE refund.refunds = transfer.id ORDER BY id) AS "refundedBy"
      FROM transfer
      JOIN posting ON posting.transfer_id = transfer.id
      JOIN account ON account.id = posting.account_id
     WHERE transfer.id = ${transferId}::text
     ORDER BY posting.id`;
  const [first] = rows;
  if (!first) return null;
  const { account: _account, owner: _owner, amount: _amount, ...transfer } = first;
  const legs = rows.map(({ account: kind, owner, currency, amount }) => ({ kind, owner, currency, amount }));
  return { ...transfer, legs };
}
