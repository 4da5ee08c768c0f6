import { pendingOrderRefused } from '@forecourt/contracts';
import { enqueue, lockAggregate, type SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { confirm, dueAt, type PendingOrder, takeBack } from './pending.ts';
import { findPending, savePending } from './store.ts';

type PendingDeps = Pick<Deps, 'clock' | 'database' | 'work' | 'wrote'>;

/** Changes a pending order in a transaction of its own, under its lock. */
export async function changePending(
  deps: PendingDeps,
  id: string,
  change: (before: PendingOrder, now: Date, tx: SqlTx) => PendingOrder | Promise<PendingOrder>,
): Promise<PendingOrder> {
  const after = await deps.database.transaction(async (tx) => {
    const before = await lockPending(tx, id);
    if (!before) throw new Error(`pending order ${id} is gone`);
    const now = deps.clock();
    return await keep(tx, before, await change(before, now, tx), now);
  });
  deps.wrote();
  deps.work.happened();
  return after;
}

async function keep(tx: SqlTx, before: PendingOrder, changed: PendingOrder, now: Date): Promise<PendingOrder> {
  if (changed === before) return before;
  const after = { ...changed, version: before.version + 1 };
  await savePending(tx, after, dueAt(after, now));
  const { id, version, customerId, title, reason, status } = after;
  if (status === 'refused' && before.status !== 'refused' && reason !== null) {
    await enqueue(tx, pendingOrderRefused, { pendingOrderId: id, version, customerId, title, reason, refusedAt: now });
  }
  return after;
}

/** Somebody entered the right code; what it confirms is done by the worker. Of other orders' codes nothing is known. */
export async function confirmOrder(
  tx: SqlTx,
  { clock }: Pick<Deps, 'clock'>,
  { reference, acceptedAt }: { reference: string; acceptedAt: Date },
): Promise<void> {
  const before = await lockPending(tx, reference);
  const now = clock();
  if (before) await keep(tx, before, confirm(before, acceptedAt, now), now);
}

/** What it began cannot be paid for after all, and is off; told in the transaction that finds so. */
export async function takeBackOrder(tx: SqlTx, id: string, reason: string, now: Date): Promise<void> {
  const before = await lockPending(tx, id);
  if (before) await keep(tx, before, takeBack(before, reason, now), now);
}

async function lockPending(tx: SqlTx, id: string): Promise<PendingOrder | null> {
  await lockAggregate(tx, 'pending-order', id);
  return await findPending(tx, id);
}
