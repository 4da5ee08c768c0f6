/** Locked when a session begins; minor units. */
export interface Prices {
  /** Of a kWh. */
  readonly price: bigint;
  /** Of a minute. */
  readonly waitingPrice: bigint;
}

/** Rounded once, half a minor unit up. */
export const costOf = (
  { price, waitingPrice }: Prices,
  { energyWh, minutes }: { energyWh: bigint; minutes: number },
): bigint => (energyWh * price + BigInt(minutes) * waitingPrice * 1_000n + 500n) / 1_000n;

/** What so much power costs in so much time, rounded up: what is to come is not to be less than we think. */
export const costAhead = ({ price }: Prices, powerW: number, seconds: number): bigint =>
  (BigInt(Math.max(0, Math.ceil(powerW))) * BigInt(Math.max(0, Math.ceil(seconds))) * price + 3_599_999n) / 3_600_000n;

/** After how many seconds of that power it costs `money`, or more; null: never. */
export function lastsSec({ price }: Prices, powerW: number, money: bigint): number | null {
  const aSecond = BigInt(Math.max(0, Math.ceil(powerW))) * price;
  if (aSecond === 0n) return null;
  return money <= 0n ? 0 : Number(((money - 1n) * 3_600_000n) / aSecond) + 1;
}

/** Something that payments is asked for under a key of its own: a hold, or a charge for what no hold covered. */
export interface Portion {
  /** From 1 on, within the session. */
  readonly n: number;
  readonly kind: 'hold' | 'charge';
  readonly wanted: bigint;
  /** What is held; of a charge what it took. */
  readonly amount: bigint;
  readonly status: 'asked' | 'placed' | 'refused' | 'captured' | 'released';
  /** What is to be captured of it; null: not settled yet. Once decided it is never decided otherwise. */
  readonly take: bigint | null;
  readonly captured: bigint;
  readonly askedAt: Date;
}

export const keyOf = (sessionId: string, { n }: Pick<Portion, 'n'>): string => `session:${sessionId}:${n}`;

export const aHold = (n: number, wanted: bigint, askedAt: Date): Portion => ({
  n,
  kind: 'hold',
  wanted,
  amount: 0n,
  status: 'asked',
  take: null,
  captured: 0n,
  askedAt,
});

/** Settled by being made: it takes what it is made for, or nothing. */
const aCharge = (n: number, wanted: bigint, askedAt: Date): Portion => ({
  ...aHold(n, wanted, askedAt),
  kind: 'charge',
  take: wanted,
});

export const heldIn = (portions: readonly Portion[]): bigint =>
  sum(portions.map(({ kind, status, amount }) => (kind === 'hold' && status === 'placed' ? amount : 0n)));

export const paidBy = (portions: readonly Portion[]): bigint => sum(portions.map(({ captured }) => captured));

/** Payments has not said what became of it, or has not been asked. */
export const isOpen = ({ status }: Portion): boolean => status === 'asked' || status === 'placed';

/**
 * Divides what a session costs among what is held, the oldest first; the rest is charged. A hold that nobody knows the fate
 * of is given back rather than counted on. What was decided before stays so: the same question is asked after a crash.
 */
export function settle(portions: readonly Portion[], amount: bigint, now: Date): Portion[] {
  let left = amount - sum(portions.map(takenOf));
  const settled = portions.map((portion) => {
    if (portion.take !== null || !isOpen(portion)) return portion;
    const usable = portion.status === 'placed' ? portion.amount : 0n;
    const take = left <= 0n ? 0n : left < usable ? left : usable;
    left -= take;
    return { ...portion, take };
  });
  return left > 0n ? [...settled, aCharge(nextOf(portions), left, now)] : settled;
}

/** What is, or will be, the operator's of it. */
const takenOf = ({ status, take, captured }: Portion): bigint =>
  status === 'asked' || status === 'placed' ? (take ?? 0n) : captured;

/** What the wallet was asked for and did not have; what it has now is asked for. */
export const chargeAgain = (portions: readonly Portion[], wanted: bigint, now: Date): Portion[] => [
  ...portions,
  aCharge(nextOf(portions), wanted, now),
];

export const topUp = (portions: readonly Portion[], wanted: bigint, now: Date): Portion[] => [
  ...portions,
  aHold(nextOf(portions), wanted, now),
];

const nextOf = (portions: readonly Portion[]): number => Math.max(0, ...portions.map(({ n }) => n)) + 1;

/** Four fifths of what is held are used. */
export const isNearlyUsed = (amount: bigint, held: bigint): boolean => amount * 5n >= held * 4n;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
