import { AppError } from '@forecourt/errors';
import { lockAggregate } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { keyOf } from '../money/money.ts';
import { readCases } from '../session/store.ts';
import { divideRefund } from './refund.ts';
import { endRefund, insertRefund, listForgotten, listRefunds, type Refund } from './store.ts';

type RefundDeps = Pick<Deps, 'clock' | 'database' | 'payments' | 'log'>;

export interface RefundWish {
  readonly sessionId: string;
  /** The operator's: the same wish sent twice gives back once. */
  readonly key: string;
  readonly amount: bigint;
  readonly reason: string;
  readonly operatorId: string;
}

/**
 * Gives back of a purchase, never more in all than was paid. It is written down before payments is asked: what nobody hears
 * the answer of is asked again by the rounds. Refuses `purchase_not_found`, `purchase_move_refused` while it goes on,
 * `refund_exceeds_transfer`, `transfer_key_reused`.
 */
export async function refundPurchase(deps: RefundDeps, wish: RefundWish): Promise<void> {
  const { sessionId, key } = wish;
  const isRefused = async () =>
    (await listRefunds(deps.database, [sessionId])).some((part) => part.key === key && part.status === 'refused');
  await deps.database.transaction(async (tx) => {
    await lockAggregate(tx, 'session', sessionId);
    const known = (await readCases(tx, [sessionId])).get(sessionId);
    if (!known) throw new AppError('purchase_not_found', 'There is no such session.');
    const given = await listRefunds(tx, [sessionId]);
    const before = given.filter((part) => part.key === key);
    if (before.length > 0) return sameOrRefused(before, wish);
    if (known.session.state !== 'finished') {
      throw new AppError('purchase_move_refused', 'Only of what is over is anything given back.');
    }
    const askedAt = deps.clock();
    const parts = divideRefund(known.portions, given, wish.amount);
    await insertRefund(
      tx,
      parts.map((part) => ({ ...wish, ...part, askedAt })),
    );
  });
  await askFor(deps, sessionId);
  if (await isRefused()) {
    throw new AppError('refund_exceeds_transfer', 'That was given back by way of the ledger already.');
  }
}

function sameOrRefused(before: readonly Refund[], { amount, reason }: RefundWish): void {
  const total = before.reduce((sum, part) => sum + part.amount, 0n);
  if (total !== amount || before.some((part) => part.reason !== reason)) {
    throw new AppError('transfer_key_reused', 'This key was another refund.');
  }
}

/** Each question has a key, and may be asked by two at once. */
async function askFor(deps: RefundDeps, sessionId: string): Promise<void> {
  const open = (await listRefunds(deps.database, [sessionId])).filter(({ status }) => status === 'asked');
  for (const part of open) {
    const { key, n, amount, reason } = part;
    const done = await deps.payments.refund({
      key: `refund:${sessionId}:${key}:${n}`,
      of: keyOf(sessionId, { n }),
      amount,
      reason: reason || 'refund',
    });
    await deps.database.transaction(async (tx) => {
      await lockAggregate(tx, 'session', sessionId);
      await endRefund(tx, part, { done, now: deps.clock() });
    });
  }
}

const atOnce = 50;
const patienceMs = 30_000;

/** Asks again for what nobody has heard the answer of. Gives whether there may be more. */
export async function askAgain(deps: RefundDeps): Promise<boolean> {
  const askedBefore = new Date(deps.clock().getTime() - patienceMs);
  const forgotten = await listForgotten(deps.database, { askedBefore, most: atOnce });
  let failed = 0;
  for (const { sessionId } of forgotten) {
    await askFor(deps, sessionId).catch((error: unknown) => {
      failed += 1;
      deps.log.warn({ err: error, sessionId }, 'a refund is postponed');
    });
  }
  return forgotten.length === atOnce && failed === 0;
}
