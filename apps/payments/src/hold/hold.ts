import { AppError } from '@forecourt/errors';
import { availableIn, insufficient, keyReused, move, type Wallet } from '../ledger/ledger.ts';

/** Money of a wallet that is kept from being spent otherwise. It ends once, and then for good. */
export interface Hold {
  readonly id: string;
  readonly key: string;
  /** null: released before anybody placed it. */
  readonly customerId: string | null;
  readonly amount: bigint;
  readonly captured: bigint;
  readonly status: 'placed' | 'captured' | 'released' | 'expired';
  readonly reference: string | null;
  readonly transferId: string | null;
  readonly placedAt: Date;
  readonly expiresAt: Date | null;
  readonly endedAt: Date | null;
}

export interface HoldWish {
  readonly key: string;
  readonly customerId: string;
  readonly amount: bigint;
  /** What it may be less than `amount`, when the wallet has no more. */
  readonly atLeast: bigint;
  readonly reference: string;
  readonly expiresAt: Date;
}

interface Step {
  readonly wallet: Wallet;
  readonly hold: Hold;
}

export function place(wallet: Wallet, wish: HoldWish, { id, at }: { id: string; at: Date }): Step {
  const available = availableIn(wallet);
  // biome-ignore lint/complexity/useMathMinMax: it knows no bigint
  const amount = available < wish.amount ? available : wish.amount;
  if (amount < wish.atLeast || amount <= 0n) throw insufficient(wish.atLeast, wallet.currency);
  const { key, customerId, reference, expiresAt } = wish;
  return {
    wallet: { ...wallet, held: wallet.held + amount },
    hold: {
      id,
      key,
      customerId,
      amount,
      captured: 0n,
      status: 'placed',
      reference,
      transferId: null,
      placedAt: at,
      expiresAt,
      endedAt: null,
    },
  };
}

/** Whether a hold answers a wish that comes again: it is that customer's, for that thing, and within what was asked. */
export function assertAnswers(hold: Hold, wish: HoldWish): void {
  const fits =
    hold.customerId === null ||
    (hold.customerId === wish.customerId &&
      hold.reference === wish.reference &&
      hold.amount >= wish.atLeast &&
      hold.amount <= wish.amount);
  if (!fits) throw keyReused(wish.key);
}

/** What nobody placed: a hold under this key that comes late is released already. */
export const neverPlaced = (key: string, { id, at }: { id: string; at: Date }): Hold => ({
  id,
  key,
  customerId: null,
  amount: 0n,
  captured: 0n,
  status: 'released',
  reference: null,
  transferId: null,
  placedAt: at,
  expiresAt: null,
  endedAt: at,
});

/** Gives the rest back and takes the money, in one step. What is still held may be captured, also past its time. */
export function capture(
  wallet: Wallet,
  hold: Hold,
  { amount, transferId, at }: { amount: bigint; transferId: string | null; at: Date },
): Step {
  if (hold.status !== 'placed') throw holdEnded(hold);
  if (amount > hold.amount) throw new AppError('capture_exceeds_hold', 'That is more than what is held.');
  return {
    wallet: move(setFree(wallet, hold), -amount),
    hold: { ...hold, status: 'captured', captured: amount, transferId, endedAt: at },
  };
}

/** Gives back all of it. */
export function giveBack(wallet: Wallet, hold: Hold, status: 'released' | 'expired', at: Date): Step {
  if (hold.status !== 'placed') throw holdEnded(hold);
  return { wallet: setFree(wallet, hold), hold: { ...hold, status, endedAt: at } };
}

export const isOverdue = (hold: Hold, now: Date): boolean =>
  hold.status === 'placed' && hold.expiresAt !== null && hold.expiresAt <= now;

export const holdEnded = ({ key, status }: Hold): AppError =>
  new AppError('hold_ended', `The hold ${key} is ${status} already.`);

const setFree = (wallet: Wallet, { amount }: Hold): Wallet => ({ ...wallet, held: wallet.held - amount });
