import type { SqlTx } from '@forecourt/messaging';
import { type Card, findCard, statusOf } from './card.ts';
import type { AuthorizationStatus, Beginning } from './saying.ts';
import { type Flag, isOver, type Origin, type Session } from './session.ts';
import { findRunningOf, findWish } from './store.ts';

/** Whose a transaction is, whether they may, and why it is not to go on. */
export interface Payer {
  readonly origin: Origin;
  readonly customerId: string | null;
  readonly status: AuthorizationStatus;
  readonly stop?: string | undefined;
  readonly flag?: Flag | undefined;
  /** What a driver wished for and this is, at last, or on another connector. */
  readonly wish?: Session | undefined;
}

/** Of a wish that has not begun, of a card, of nobody who pays, of nobody that we know. */
export async function payerOf(tx: SqlTx, told: Beginning, now: Date, freeVend: boolean): Promise<Payer> {
  const wish = await findWish(tx, told);
  if (wish && wish.startedAt === null) {
    const { customerId, reason } = wish;
    const stop = reason === 'canceled' ? 'canceled' : undefined;
    return { origin: 'app', customerId, status: 'Accepted', stop, wish, flag: isOver(wish) ? 'late_start' : undefined };
  }
  const card = told.idToken === null ? null : await findCard(tx, told.idToken);
  if (card) {
    const status = await statusOfCard(tx, card, now);
    return { origin: 'card', customerId: card.customerId, status, stop: status === 'Accepted' ? undefined : status };
  }
  return freeVend
    ? { origin: 'free', customerId: null, status: 'Accepted' }
    : { origin: 'found', customerId: null, status: 'Invalid', stop: 'unknown_payer', flag: 'unknown_payer' };
}

/** One card charges one car. */
async function statusOfCard(tx: SqlTx, card: Card, now: Date): Promise<AuthorizationStatus> {
  const status = statusOf(card, now);
  return status === 'Accepted' && (await findRunningOf(tx, card.token)) ? 'ConcurrentTx' : status;
}
