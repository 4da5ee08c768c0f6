import type { PackageTerms, ProductSnapshot, SubscriptionReason, SubscriptionState } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import type { NumberedOffer } from '../offer/offer.ts';
import type { Length } from '../period/period.ts';

/** What is bought: a package as the catalogue had it when somebody wanted a period of it. */
export interface Package {
  readonly productId: string;
  readonly productNumber: number;
  readonly title: ProductSnapshot['title'];
  readonly line: string | null;
  readonly length: Length;
  readonly renews: boolean;
  /** Of a period, after discounts. */
  readonly price: bigint;
}

export type PeriodKind = 'first' | 'renewal' | 'extension' | 'change' | 'gift';
/**
 * One at a time is asked for. What is refused is asked for again. What was asked for and is wanted no more is first returning:
 * whatever was taken for it after all is given back, before it is dropped.
 */
export type PeriodStatus = 'wanted' | 'asked' | 'refused' | 'paid' | 'returning' | 'dropped';

export interface Period {
  readonly n: number;
  readonly kind: PeriodKind;
  readonly status: PeriodStatus;
  readonly terms: Package;
  /** What the wallet is asked for. */
  readonly price: bigint;
  /** What was left of other periods, and went into this one. */
  readonly credit: bigint;
  readonly from: Date | null;
  readonly until: Date | null;
  /** When it was given up for another package. */
  readonly cutAt: Date | null;
  readonly wantedAt: Date;
  readonly answeredAt: Date | null;
  readonly pendingOrderId: string | null;
}

export interface Subscription {
  readonly id: string;
  readonly version: number;
  readonly customerId: string;
  readonly productId: string;
  readonly productNumber: number;
  readonly title: Package['title'];
  readonly line: string | null;
  readonly length: Length;
  readonly price: bigint;
  readonly currency: string;
  readonly state: SubscriptionState;
  /** What the last change came from. */
  readonly reason: SubscriptionReason;
  readonly renews: boolean;
  /** The time that is paid for without a gap; null: none ever was. */
  readonly from: Date | null;
  readonly until: Date | null;
  /** Where the calendar is counted from, and how many periods were since. */
  readonly anchor: Date | null;
  readonly counted: number;
  /** The end that was announced, and what the period after it was locked at. */
  readonly noticedFor: Date | null;
  readonly next: Package | null;
  readonly orderedAt: Date;
  readonly unpaidSince: Date | null;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
  /** The newest wallet that was heard of with enough in it, and the one that was known when money was last asked for. */
  readonly walletVersion: number;
  readonly askedVersion: number;
  /** Of payments, in vain; and until when it is left alone. */
  readonly attempts: number;
  readonly notBefore: Date | null;
}

/** A subscription with its periods, the first first. */
export interface Case {
  readonly subscription: Subscription;
  readonly periods: readonly Period[];
}

/** What its customer may use now. */
export const isInForce = ({ state, until }: Subscription, now: Date): boolean =>
  state === 'active' && until !== null && until > now;

export const packageOf = (
  { title, productId, number }: NumberedOffer,
  terms: PackageTerms,
  price: bigint,
): Package => ({
  productId,
  productNumber: number,
  title,
  line: terms.line,
  length: terms.period,
  renews: terms.renews,
  price,
});

export interface Beginning {
  readonly id: string;
  readonly customerId: string;
  readonly currency: string;
  readonly terms: Package;
  readonly pendingOrderId: string | null;
}

export function begin({ id, customerId, currency, terms, pendingOrderId }: Beginning, now: Date): Case {
  const { productId, productNumber, title, line, length, renews, price } = terms;
  return {
    subscription: {
      id,
      version: 0,
      customerId,
      productId,
      productNumber,
      title,
      line,
      length,
      price,
      currency,
      state: 'unpaid',
      reason: 'ordered',
      renews,
      from: null,
      until: null,
      anchor: null,
      counted: 0,
      noticedFor: null,
      next: null,
      orderedAt: now,
      unpaidSince: now,
      canceledAt: null,
      endedAt: null,
      walletVersion: 0,
      askedVersion: 0,
      attempts: 0,
      notBefore: null,
    },
    periods: [aPeriod({ n: 1, kind: 'first', terms, pendingOrderId }, now)],
  };
}

/**
 * Its customer ordered again: the same package, which adds a period, or another one of its line. What waited for money
 * gives way to what was ordered last, so that nobody pays twice for being impatient.
 */
export function order(
  { subscription, periods }: Case,
  { terms, pendingOrderId }: Pick<Beginning, 'terms' | 'pendingOrderId'>,
  now: Date,
): Case {
  const kind = kindOf(subscription, terms);
  return {
    subscription: { ...subscription, canceledAt: null, reason: 'ordered' },
    periods: [...withoutRefused(periods, now), aPeriod({ n: nextNumber(periods), kind, terms, pendingOrderId }, now)],
  };
}

/** What a period of a package is to a subscription as it is: without time that is paid for there is nothing to change. */
export function kindOf({ state, productId }: Subscription, terms: Package): PeriodKind {
  if (state !== 'active') return 'first';
  return terms.productId === productId ? 'extension' : 'change';
}

/** No period follows the one in force, and one that waits for money waits no longer. What is being asked for may still be paid. */
export function cancel(before: Case, now: Date): Case {
  const { subscription, periods } = before;
  if (subscription.state === 'ended' || (subscription.canceledAt && !subscription.renews)) return before;
  const after: Case = {
    subscription: { ...subscription, renews: false, canceledAt: now, reason: 'canceled', next: null },
    periods: dropped(periods, now),
  };
  return subscription.state === 'unpaid' && !isAskedFor(after) ? end(after, 'canceled', now) : after;
}

/** Days that nobody pays for. The calendar is counted anew from their end. */
export function give(before: Case, until: Date, now: Date): Case {
  const { subscription, periods } = before;
  if (subscription.state === 'ended') throw new AppError('subscription_ended', 'The subscription is over.');
  const from = isInForce(subscription, now) ? (subscription.until as Date) : now;
  const terms = { ...termsOf(subscription), price: 0n };
  const gift = aPeriod({ n: nextNumber(periods), kind: 'gift', terms, pendingOrderId: null }, now);
  return {
    subscription: {
      ...withTime(subscription, { from, until }),
      state: 'active',
      reason: 'operator',
      anchor: until,
      counted: 0,
      unpaidSince: null,
    },
    periods: [...periods, { ...gift, status: 'paid', from, until, answeredAt: now }],
  };
}

/** It is over, whatever waits for money; what is being asked for is known once it is answered. */
export const end = ({ subscription, periods }: Case, reason: SubscriptionReason, now: Date): Case => ({
  subscription: {
    ...subscription,
    state: 'ended',
    reason,
    renews: false,
    unpaidSince: null,
    next: null,
    endedAt: now,
  },
  periods: dropped(periods, now),
});

const isAskedFor = ({ periods }: Pick<Case, 'periods'>): boolean => periods.some(({ status }) => status === 'asked');

/** The one that is to be paid for: one that is asked for, then the first that is wanted or was refused. */
export const openPeriod = ({ periods }: Pick<Case, 'periods'>): Period | undefined =>
  periods.find(({ status }) => status === 'asked') ??
  periods.find(({ status }) => status === 'wanted' || status === 'refused');

export const withPeriod = (periods: readonly Period[], changed: Period): readonly Period[] =>
  periods.map((period) => (period.n === changed.n ? changed : period));

const withoutRefused = (periods: readonly Period[], now: Date): readonly Period[] =>
  periods.map((period) => (period.status === 'refused' ? returning(period, now) : period));

/** Nobody wants what is wanted, or was refused, any more. */
const dropped = (periods: readonly Period[], now: Date): readonly Period[] =>
  periods.map((period) => {
    if (period.status === 'refused') return returning(period, now);
    return period.status === 'wanted' ? { ...period, status: 'dropped' } : period;
  });

export const returning = (period: Period, now: Date): Period => ({ ...period, status: 'returning', answeredAt: now });

/** Numbers are never used again: a number is in the key of a charge. */
export const nextNumber = (periods: readonly Period[]): number => (periods.at(-1)?.n ?? 0) + 1;

export const aPeriod = (
  { n, kind, terms, pendingOrderId }: Pick<Period, 'n' | 'kind' | 'terms' | 'pendingOrderId'>,
  now: Date,
): Period => ({
  n,
  kind,
  status: 'wanted',
  terms,
  price: terms.price,
  credit: 0n,
  from: null,
  until: null,
  cutAt: null,
  wantedAt: now,
  answeredAt: null,
  pendingOrderId,
});

const termsOf = (subscription: Subscription): Package => {
  const { productId, productNumber, title, line, length, renews, price } = subscription;
  return { productId, productNumber, title, line, length, renews, price };
};

/** More time that is paid for: what was announced of the end before is of no use any more. */
export function withTime(subscription: Subscription, { from, until }: { from: Date; until: Date }): Subscription {
  const follows = subscription.until?.getTime() === from.getTime();
  return { ...subscription, from: follows ? subscription.from : from, until, noticedFor: null, next: null };
}
