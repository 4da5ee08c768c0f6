import { AppError } from '@forecourt/errors';
import { lockAggregate } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import { accountIdOf, accountNamed, type BookAccount } from '../account/account.ts';
import { findAccount } from '../account/store.ts';
import type { Deps } from '../deps.ts';
import { post } from '../ledger/service.ts';
import { type Adjustment, type Decision, decide, isRepeated } from './adjustment.ts';
import { findAdjustment, findAdjustmentByKey, insertAdjustment, saveDecision } from './store.ts';

export interface Proposal {
  readonly key: string;
  readonly account: BookAccount;
  readonly amount: bigint;
  readonly reason: string;
  readonly by: string;
}

/** Moves nothing yet. Who never had money may be given some; any other account is one that is in use. */
export async function propose(
  { database, prisma, clock, currency }: Deps,
  { key, account, amount, reason, by }: Proposal,
): Promise<Adjustment> {
  const mayBeNew = account.kind === 'wallet' && account.currency === currency;
  if (!mayBeNew && !(await findAccount(database, account))) {
    throw new AppError('account_not_found', `There is no account ${accountIdOf(account)}.`);
  }
  const now = clock();
  const proposal: Adjustment = {
    id: newObjectId(now),
    key,
    accountId: accountIdOf(account),
    amount,
    reason,
    status: 'proposed',
    proposedBy: by,
    proposedAt: now,
    decidedBy: null,
    decidedAt: null,
    transferId: null,
  };
  if (await insertAdjustment(database, proposal)) return proposal;
  const before = await findAdjustmentByKey(prisma, key);
  if (before && isRepeated(before, proposal)) return before;
  throw new AppError('idempotency_key_reused', 'This key was used for another proposal.');
}

/** An approved one moves its money in the same transaction: there is no decision without its transfer. */
export const decideAdjustment = (
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  { id, status, by }: { id: string; status: Decision; by: string },
): Promise<Adjustment> =>
  database.transaction(async (tx) => {
    await lockAggregate(tx, 'adjustment', id);
    const adjustment = await findAdjustment(tx, id);
    if (!adjustment) throw new AppError('adjustment_not_found', 'There is no such adjustment.');
    const at = clock();
    const decided = decide(adjustment, { status, by, at });
    if (decided === adjustment) return adjustment;

    const transferId = status === 'approved' ? await move(tx, decided, { at, by }) : null;
    const saved = { ...decided, transferId };
    await saveDecision(tx, saved);
    return saved;
  });

async function move(
  tx: Parameters<typeof post>[0],
  { id, accountId, amount, reason }: Adjustment,
  { at, by }: { at: Date; by: string },
): Promise<string> {
  const { currency, ...account } = accountNamed(accountId);
  const { transferId } = await post(tx, {
    key: `adjustment:${id}`,
    kind: 'adjustment',
    legs: [
      { account, amount },
      { account: { kind: 'adjustments', owner: '' }, amount: -amount },
    ],
    reference: id,
    operatorId: by,
    reason,
    currency,
    at,
  });
  return transferId;
}
