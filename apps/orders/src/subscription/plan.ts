import { ask, type Calendar, renewal } from './paying.ts';
import { type Case, end, openPeriod, type Period, type Subscription } from './subscription.ts';

/** How long is waited for what. */
export interface SubscriptionRules extends Calendar {
  readonly noticeSec: number;
  /** Until a wallet that refused is asked again, although nothing was heard of it. */
  readonly retrySec: number;
  /** Without money before nobody waits for it any more. */
  readonly patienceSec: number;
  /** Until a charge that nobody heard of is surely made, or never will be. */
  readonly returnSec: number;
}

/** What follows from the time, and from what is known of the wallet, alone. */
export function carryOn(before: Case, now: Date, rules: SubscriptionRules): Case {
  if (before.subscription.state === 'ended') return before;
  return renewed(asked(givenUp(expired(before, now), now, rules), now, rules), now, rules);
}

/** What was paid for is over, and what is to follow it was refused: from now on it waits for money. */
function expired(before: Case, now: Date): Case {
  const { subscription } = before;
  if (!isOut(subscription, now) || openPeriod(before)?.status !== 'refused') return before;
  const { until } = subscription;
  return {
    ...before,
    subscription: { ...subscription, state: 'unpaid', reason: 'insufficient_balance', unpaidSince: until },
  };
}

function givenUp(before: Case, now: Date, rules: SubscriptionRules): Case {
  const isPatient = !isPast(waitsSince(before), rules.patienceSec, now);
  return isPatient || openPeriod(before)?.status === 'asked' ? before : end(before, 'given_up', now);
}

/** Who orders again is waited for anew. */
function waitsSince(of: Case): Date | null {
  const { unpaidSince } = of.subscription;
  return unpaidSince && latest(unpaidSince, openPeriod(of)?.wantedAt ?? null);
}

/** What is wanted is asked for, one at a time; what was refused once more, when there may be money for it. */
function asked(before: Case, now: Date, rules: SubscriptionRules): Case {
  const period = openPeriod(before);
  if (!period || period.status === 'asked') return before;
  if (period.status === 'refused' && !isToBeAskedAgain(before.subscription, period, now, rules)) return before;
  const after = ask(before, period, now, rules);
  // What costs nothing is paid by now, and more may be wanted.
  return openPeriod(after)?.status === 'wanted' ? asked(after, now, rules) : after;
}

const isToBeAskedAgain = (
  { walletVersion, askedVersion }: Subscription,
  { answeredAt }: Period,
  now: Date,
  { retrySec }: SubscriptionRules,
): boolean => walletVersion > askedVersion || isPast(answeredAt, retrySec, now);

/** What is paid for is over, and nothing waits: the next period follows as it was locked, or nothing does. */
function renewed(before: Case, now: Date, rules: SubscriptionRules): Case {
  const { subscription, periods } = before;
  if (subscription.state !== 'active' || !isOut(subscription, now) || openPeriod(before)) return before;
  if (!subscription.renews) return end(before, lastReason(subscription), now);
  // Without a lock it has to be looked up first.
  if (!subscription.next) return before;
  const next = renewal(before, subscription.next, now);
  const after = ask({ subscription, periods: [...periods, next] }, next, now, rules);
  // What costs nothing may be over by now, too.
  return openPeriod(after) ? after : renewed(after, now, rules);
}

const lastReason = ({ canceledAt, reason }: Subscription) => {
  if (canceledAt) return 'canceled';
  return reason === 'not_offered' ? 'not_offered' : 'not_renewing';
};

/** Something that others have to be asked for. */
export type Errand = { readonly do: 'charge' | 'return'; readonly period: Period } | { readonly do: 'notice' };

export function errandOf(of: Case, now: Date, rules: SubscriptionRules): Errand | null {
  const { notBefore } = of.subscription;
  return notBefore && notBefore > now ? null : nextErrand(of, now, rules);
}

function nextErrand(of: Case, now: Date, rules: SubscriptionRules): Errand | null {
  const open = openPeriod(of);
  if (open?.status === 'asked') return { do: 'charge', period: open };
  const late = of.periods.find(
    (period) => period.status === 'returning' && isPast(period.answeredAt, rules.returnSec, now),
  );
  if (late) return { do: 'return', period: late };
  const from = open ? null : noticeAt(of.subscription, rules);
  return from && from <= now ? { do: 'notice' } : null;
}

/** When the end of what is paid for is to be announced; null: it was, or nothing follows. */
function noticeAt(
  { state, renews, from, until, noticedFor }: Subscription,
  { noticeSec }: SubscriptionRules,
): Date | null {
  if (state !== 'active' || !renews || !from || !until || noticedFor?.getTime() === until.getTime()) return null;
  const usual = after(until, -noticeSec);
  return usual > from ? usual : from;
}

/** When somebody is to look at it again; null: not by itself. */
export function dueAt(of: Case, now: Date, rules: SubscriptionRules): Date | null {
  const { subscription } = of;
  if (nextErrand(of, now, rules)) return latest(now, subscription.notBefore);
  const open = openPeriod(of);
  const returns = of.periods.map(({ status, answeredAt }) =>
    status === 'returning' && answeredAt ? after(answeredAt, rules.returnSec) : null,
  );
  if (subscription.state === 'ended') return first(returns, now);
  const since = waitsSince(of);
  const times = [
    ...returns,
    subscription.until,
    open ? null : noticeAt(subscription, rules),
    since && after(since, rules.patienceSec),
    open?.answeredAt ? after(open.answeredAt, rules.retrySec) : null,
  ];
  return first(times, now);
}

/** What is past was seen to by now. */
const first = (times: readonly (Date | null)[], now: Date): Date | null =>
  times.reduce((soonest, time) => {
    if (time === null || time <= now) return soonest;
    return soonest && soonest < time ? soonest : time;
  }, null);

const isOut = ({ state, until }: Subscription, now: Date): boolean =>
  state === 'active' && until !== null && until <= now;
const isPast = (from: Date | null, seconds: number, now: Date): boolean =>
  from !== null && now.getTime() - from.getTime() >= seconds * 1_000;
const after = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1_000);
const latest = (one: Date, other: Date | null): Date => (other && other > one ? other : one);
