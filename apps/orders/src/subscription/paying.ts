import { afterPeriods, lastsUntil, unusedOf } from '../period/period.ts';
import {
  aPeriod,
  type Case,
  end,
  isInForce,
  kindOf,
  nextNumber,
  type Package,
  type Period,
  returning,
  type Subscription,
  withPeriod,
  withTime,
} from './subscription.ts';

/** What decides about periods besides the subscription itself. */
export interface Calendar {
  readonly timeZone: string;
  /** What is paid so soon after an end goes on from that end. */
  readonly lateSec: number;
}

/**
 * Somebody is about to ask for a period. Of a change of package the difference is asked for; where there is none, or the
 * period costs nothing, it is paid at once.
 */
export function ask({ subscription, periods }: Case, period: Period, now: Date, calendar: Calendar): Case {
  const kind = period.kind === 'renewal' ? 'renewal' : kindOf(subscription, period.terms);
  const credit = kind === 'change' ? creditOf(periods, now) : 0n;
  const difference = period.terms.price - credit;
  const price = difference > 0n ? difference : 0n;
  const asked: Period = { ...period, kind, credit, price, status: 'asked' };
  const after = {
    subscription: { ...subscription, askedVersion: subscription.walletVersion, attempts: 0, notBefore: null },
    periods: withPeriod(periods, asked),
  };
  return price === 0n ? paid(after, asked.n, now, calendar) : after;
}

/** What is left of all that is paid for, in proportion to its time. */
const creditOf = (periods: readonly Period[], now: Date): bigint =>
  periods.reduce((sum, { price, credit, from, until, cutAt }) => {
    return from && until && !cutAt ? sum + unusedOf(price + credit, { from, until }, now) : sum;
  }, 0n);

/** The wallet gave what was asked for; for what nobody wants any more it gets it back. */
export function paid(before: Case, n: number, now: Date, calendar: Calendar): Case {
  const period = before.periods.find((known) => known.n === n);
  if (!period || period.status === 'paid') return before;
  const { subscription } = before;
  const isUnwanted = subscription.state === 'ended' || period.status === 'returning' || period.status === 'dropped';
  if (isUnwanted) return { subscription, periods: withPeriod(before.periods, returning(period, now)) };
  const bought =
    period.kind === 'change' ? changed(period, now, calendar) : followed(subscription, period, now, calendar);
  const { from, until } = bought;
  const cut = before.periods.map((known) =>
    period.kind === 'change' && known.until && known.until > now && !known.cutAt ? { ...known, cutAt: now } : known,
  );
  const periods = withPeriod(cut, { ...period, status: 'paid', from, until, answeredAt: now });
  const { productId, productNumber, title, length, price } = period.terms;
  return {
    subscription: {
      ...withTime(subscription, { from, until }),
      productId,
      productNumber,
      title,
      length,
      price,
      anchor: bought.anchor,
      counted: bought.counted,
      state: 'active',
      reason: reasonOf(subscription, period),
      renews: !subscription.canceledAt && renewsAfter(subscription, period),
      unpaidSince: null,
      attempts: 0,
      notBefore: null,
    },
    periods,
  };
}

/** What a customer orders says whether it goes on; a renewal changes nothing about that. */
const renewsAfter = ({ renews }: Subscription, { kind, terms }: Period): boolean =>
  kind === 'renewal' ? renews : terms.renews;

const reasonOf = ({ state }: Subscription, { kind }: Period) => {
  if (kind === 'change') return 'replaced';
  if (state !== 'active') return 'paid';
  return kind === 'renewal' ? 'renewed' : 'extended';
};

interface Bought {
  readonly from: Date;
  readonly until: Date;
  readonly anchor: Date;
  readonly counted: number;
}

/** From the end of what is paid for on; or, where that is past, from now. */
function followed(subscription: Subscription, { terms: { length } }: Period, now: Date, calendar: Calendar): Bought {
  const { until: end, anchor, counted } = subscription;
  const isLate = end === null || now.getTime() - end.getTime() > calendar.lateSec * 1_000;
  if (isLate || !anchor || !isSame(length, subscription.length)) return aRow(isLate ? now : end, length, calendar);
  const until = afterPeriods(anchor, length, counted + 1, calendar.timeZone);
  return { from: end, until, anchor, counted: counted + 1 };
}

/**
 * At once: with the difference paid a whole period of the other package; without one, as much of it as is left to pay for.
 */
function changed(
  { terms: { length, price }, price: difference, credit }: Period,
  now: Date,
  calendar: Calendar,
): Bought {
  if (difference > 0n) return aRow(now, length, calendar);
  const until = lastsUntil(now, length, { money: credit, price }, calendar.timeZone);
  return { from: now, until, anchor: until, counted: 0 };
}

const aRow = (from: Date, length: Package['length'], { timeZone }: Calendar): Bought => ({
  from,
  until: afterPeriods(from, length, 1, timeZone),
  anchor: from,
  counted: 1,
});

const isSame = (one: Package['length'], other: Package['length']): boolean =>
  one.unit === other.unit && one.count === other.count;

/** The wallet had too little. A change of package is off; all else waits for money, unless something newer does. */
export function refused(before: Case, n: number, now: Date): Case {
  const { subscription, periods } = before;
  const period = periods.find((known) => known.n === n);
  if (period?.status !== 'asked') return before;
  const isOver = subscription.state === 'ended' || subscription.canceledAt !== null;
  const isReplaced = periods.some(({ status, n: other }) => status === 'wanted' && other > n);
  const isOff = isOver || isReplaced || period.kind === 'change';
  const answered: Period = isOff ? returning(period, now) : { ...period, status: 'refused', answeredAt: now };
  const after: Case = {
    subscription: { ...subscription, attempts: 0, notBefore: null },
    periods: withPeriod(periods, answered),
  };
  if (subscription.state === 'unpaid' && subscription.canceledAt) return end(after, 'canceled', now);
  if (isOff) return after;
  return { ...after, subscription: { ...after.subscription, reason: 'insufficient_balance' } };
}

/**
 * The key of the period has paid for something else, as after a restore of an older state: nothing is asked under it any more,
 * and nothing instead of it by itself, for the money may have been for the same time. An operator has to look.
 */
export function unclear(before: Case, n: number, now: Date): Case {
  const { subscription, periods } = before;
  const period = periods.find((known) => known.n === n);
  if (period?.status !== 'asked') return before;
  const after: Case = {
    subscription: { ...subscription, attempts: 0, notBefore: null },
    periods: withPeriod(periods, { ...period, status: 'dropped', answeredAt: now }),
  };
  if (subscription.state === 'ended') return after;
  const changed: Subscription = { ...after.subscription, reason: 'charge_unclear' };
  if (isInForce(subscription, now)) return { ...after, subscription: changed };
  if (subscription.canceledAt) return end(after, 'canceled', now);
  return { ...after, subscription: { ...changed, state: 'unpaid', unpaidSince: subscription.unpaidSince ?? now } };
}

/** The next period by itself, as it was locked when the end was announced. */
export const renewal = ({ subscription, periods }: Case, terms: Package, now: Date): Period =>
  aPeriod({ n: nextNumber(periods), kind: 'renewal', terms, pendingOrderId: null }, subscription.until ?? now);

/** Whatever was taken for it is back. */
export function returned(before: Case, n: number): Case {
  const period = before.periods.find((known) => known.n === n);
  if (period?.status !== 'returning') return before;
  return {
    subscription: { ...before.subscription, attempts: 0, notBefore: null },
    periods: withPeriod(before.periods, { ...period, status: 'dropped' }),
  };
}
