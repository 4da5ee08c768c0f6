import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';

export type AccountKind = 'wallet' | 'clearing' | 'revenue' | 'fees' | 'adjustments';
export type TransferKind = 'replenishment' | 'charge' | 'capture' | 'refund' | 'adjustment' | 'fee';

/** Whose money: a customer's wallet, what a provider holds for us, what we earned by a kind of sale, and so on. */
export interface AccountName {
  readonly kind: AccountKind;
  /** The customer, the provider, the kind of revenue; empty where there is only one. */
  readonly owner: string;
}

/** One side of a transfer. Positive is what we owe a customer or have earned. */
export interface Leg {
  readonly account: AccountName;
  readonly amount: bigint;
}

/** What somebody wants to move, under a key of theirs. */
export interface Entry {
  readonly key: string;
  readonly kind: TransferKind;
  readonly legs: readonly Leg[];
  readonly currency: string;
  readonly at: Date;
  /** What the caller calls the thing that money moves for. */
  readonly reference?: string | null;
  /** The id of the transfer that this one gives back. */
  readonly refunds?: string | null;
  readonly operatorId?: string | null;
  readonly reason?: string | null;
}

export interface Transfer extends Entry {
  readonly id: string;
}

export interface Wallet {
  readonly customerId: string;
  /** null: nothing was ever in it. */
  readonly accountId: string | null;
  readonly currency: string;
  readonly posted: bigint;
  readonly held: bigint;
  readonly version: number;
}

export const availableIn = ({ posted, held }: Pick<Wallet, 'posted' | 'held'>): bigint => posted - held;

/** What an account may hold: all of it can be told as a number of JSON. */
const mostPosted = BigInt(Number.MAX_SAFE_INTEGER);

/** Money into a wallet, or out of it: never more than is available. */
export function move(wallet: Wallet, amount: bigint): Wallet {
  if (amount < 0n && availableIn(wallet) < -amount) throw insufficient(-amount, wallet.currency);
  const posted = wallet.posted + amount;
  if (posted > mostPosted) {
    throw new AppError('amount_out_of_range', 'No wallet holds so much.', {
      params: { least: inWords(1n, wallet.currency), most: inWords(mostPosted - wallet.posted, wallet.currency) },
    });
  }
  return { ...wallet, posted };
}

export const insufficient = (needed: bigint, currency: string): AppError =>
  new AppError('insufficient_balance', `The balance is too small: ${inWords(needed, currency)} needed.`, {
    params: { needed: inWords(needed, currency) },
  });

const inWords = (amount: bigint, currency: string) => `${toMajorUnits(amount, currency)} ${currency}`;

/** What no caller may hand us, whatever a customer does: a bug of ours. */
export function assertSound({ key, legs }: Entry): void {
  const wrong =
    legs.length < 2
      ? 'has less than two legs'
      : legs.reduce((sum, { amount }) => sum + amount, 0n) !== 0n
        ? 'does not add up to zero'
        : legs.some(({ amount }) => amount === 0n)
          ? 'has a leg that moves nothing'
          : new Set(legs.map(({ account }) => nameOf(account))).size < legs.length
            ? 'names an account twice'
            : undefined;
  if (wrong) throw new Error(`transfer ${key} ${wrong}`);
}

/** One word for an account. */
export const nameOf = ({ kind, owner }: AccountName): string => `${kind}:${owner}`;

/** The same money for the same thing: who repeats a key must mean the same by it. */
export function isSame(known: Entry, entry: Entry): boolean {
  return (
    known.kind === entry.kind &&
    known.currency === entry.currency &&
    (known.reference ?? null) === (entry.reference ?? null) &&
    (known.refunds ?? null) === (entry.refunds ?? null) &&
    known.legs.length === entry.legs.length &&
    entry.legs.every(({ account, amount }) =>
      known.legs.some((leg) => nameOf(leg.account) === nameOf(account) && leg.amount === amount),
    )
  );
}

export const keyReused = (key: string): AppError =>
  new AppError('transfer_key_reused', `The key ${key} was used for something else.`);

/** Customers whose wallets a transfer touches. */
export const walletsOf = (legs: readonly Leg[]): string[] =>
  legs.flatMap(({ account }) => (account.kind === 'wallet' ? [account.owner] : []));

const refundable: ReadonlySet<TransferKind> = new Set(['charge', 'capture']);

/** From what was earned back into the wallet that paid. */
export function refundLegs(original: Transfer, amount: bigint): Leg[] {
  const [paid, earned] = sidesOf(original);
  return [
    { account: earned.account, amount: -amount },
    { account: paid.account, amount },
  ];
}

/** All refunds together give back no more than was paid. */
export function assertRefundable(original: Transfer, refunded: bigint, amount: bigint): void {
  const [paid] = sidesOf(original);
  if (refunded + amount > -paid.amount) {
    throw new AppError('refund_exceeds_transfer', 'That is more than was paid and is not given back yet.');
  }
}

/** The wallet's leg of what a customer paid, and ours. */
export function sidesOf({ key, kind, legs }: Transfer): [paid: Leg, earned: Leg] {
  const paid = legs.find(({ account, amount }) => account.kind === 'wallet' && amount < 0n);
  const earned = legs.find(({ amount }) => amount > 0n);
  if (!refundable.has(kind) || !paid || !earned || legs.length !== 2) throw noSuchPayment(key);
  return [paid, earned];
}

export const noSuchPayment = (key: string): AppError =>
  new AppError('transfer_not_found', `Nothing was paid under the key ${key}.`);
