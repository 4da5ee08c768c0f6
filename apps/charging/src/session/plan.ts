import {
  aHold,
  costAhead,
  heldIn,
  isNearlyUsed,
  isOpen,
  lastsSec,
  type Portion,
  paidBy,
  settle,
  topUp,
} from '../money/money.ts';
import { capReachedAt, nextMinuteAt } from '../waiting/waiting.ts';
import {
  askToStop,
  fail,
  finish,
  flagged,
  isOver,
  isRunning,
  priced,
  type Session,
  secondsBetween,
} from './session.ts';

/** A session with its money, and what is known of its station's line. */
export interface Case {
  readonly session: Session;
  readonly portions: readonly Portion[];
  /** Since when nobody can hear the station; null: it is connected. */
  readonly lostAt: Date | null;
}

/** How long is waited for what, in seconds; amounts in minor units. */
export interface SessionRules {
  readonly holdAmount: bigint;
  readonly holdLeast: bigint;
  /** From a driver's wish until the station is asked. */
  readonly requestSec: number;
  /** For the station's answer. */
  readonly startSec: number;
  /** From then on until the cable is in. */
  readonly plugInSec: number;
  /** Without a word about a session before the station is asked about it. */
  readonly silenceSec: number;
  /** Without a word before it is settled by what is known. */
  readonly silentMostSec: number;
  readonly longestSec: number;
}

/** Until a top-up that the wallet refused is tried again. */
const refusedPauseSec = 60;
/** How long a charge goes on beyond what is held while payments says nothing. */
const answerSec = 30;
/** How long a station takes from being asked to stop until it has. */
const stopSec = 15;
/** More is asked for so long before what is held is used. */
const topUpSec = 60;

/** What follows from the time, and from the money, alone. */
export function carryOn(before: Case, now: Date, rules: SessionRules): Case {
  const { session } = before;
  if (isOver(session)) return settled(before, now);
  if (isRunning(session)) return settled(funded(timed(before, now, rules), now, rules), now);
  const reason = whyNotStarted(session, now, rules);
  return reason === null ? ready(before, now, rules) : settled({ ...before, session: fail(session, now, reason) }, now);
}

function whyNotStarted(session: Session, now: Date, rules: SessionRules): string | null {
  const { state, requestedAt, startAskedAt, stopAskedAt } = session;
  if (stopAskedAt) return 'canceled';
  if (state === 'starting') return isPast(startAskedAt, rules.plugInSec, now) ? 'not_plugged_in' : null;
  if (startAskedAt) return isPast(startAskedAt, rules.startSec, now) ? 'device_timeout' : null;
  return isPast(requestedAt, rules.requestSec, now) ? 'abandoned' : null;
}

/** The first thing that a driver's wish needs is money, unless it costs nothing. */
function ready(before: Case, now: Date, rules: SessionRules): Case {
  const { session, portions } = before;
  if (session.state !== 'requested' || portions.length > 0) return before;
  if (costsNothing(session)) return { ...before, session: { ...session, state: 'held' } };
  return { ...before, portions: [aHold(1, rules.holdAmount, now)] };
}

const costsNothing = ({ customerId, price, waitingPrice }: Session): boolean =>
  customerId === null || (price === 0n && waitingPrice === 0n);

function timed(before: Case, now: Date, rules: SessionRules): Case {
  const known = earliest(now, before.lostAt);
  const session = overdue(before, now, rules) ?? priced(capped(before.session, known, now), known);
  const tooLong = isPast(session.startedAt, rules.longestSec, now);
  return { ...before, session: tooLong ? askToStop(session, now, 'too_long') : session };
}

/** Nobody will end it any more: it is settled by the last that is known. */
function overdue({ session, lostAt }: Case, now: Date, rules: SessionRules): Session | null {
  const { stoppedAt, unpluggedAt, heardAt, waiting } = session;
  const lastWord = heardAt ?? session.requestedAt;
  if (stoppedAt) {
    const rests = lostAt ?? (waiting.since ? null : stoppedAt);
    return isPast(rests, rules.silentMostSec, now) ? ended(session, latest(stoppedAt, rests), 'no_end') : null;
  }
  if (unpluggedAt && isPast(latest(unpluggedAt, lastWord), rules.silenceSec, now)) {
    return ended(session, unpluggedAt, 'no_stop');
  }
  return isPast(lastWord, rules.silentMostSec, now) ? ended(session, lastWord, 'silent') : null;
}

const ended = (session: Session, at: Date, flag: 'no_end' | 'no_stop' | 'silent'): Session =>
  finish(priced(session, at), at, flag);

/** The most that is billed of waiting is reached: a transaction that is over needs no more, another one is ended. */
function capped(session: Session, known: Date, now: Date): Session {
  const at = capReachedAt(session.waiting, { graceSec: session.graceSec, capSec: session.waitingCapSec });
  if (!at || at > known) return session;
  return session.stoppedAt ? finish(priced(session, at), at) : askToStop(session, now, 'waiting_cap');
}

/** More is held when that is nearly used; what cannot be paid for is not charged. */
function funded(before: Case, now: Date, rules: SessionRules): Case {
  const { session, portions } = before;
  if (!isRunning(session) || costsNothing(session) || isQuiet(session, now)) return before;
  const held = heldIn(portions);
  const known = earliest(now, before.lostAt);
  const suffices = costBy(session, known, stopSec) < held;
  if (suffices && !isNearlyUsed(session.amount, held) && costBy(session, known, topUpSec) < held) return before;

  const last = portions.findLast(({ kind }) => kind === 'hold');
  if (last?.status === 'asked') {
    if (!isPast(last.askedAt, patienceSec(last, rules) ?? 0, now) || suffices) return before;
    return { ...before, session: askToStop(session, now, 'payments_away') };
  }
  if (last?.status !== 'refused' || isPast(last.askedAt, refusedPauseSec, now)) {
    return { ...before, portions: topUp(portions, rules.holdAmount, now) };
  }
  return suffices ? before : { ...before, session: askToStop(session, now, 'money_used') };
}

/** What it will have come to in `aheadSec`, by the power that was last heard of: nobody knows when the next reading comes. */
function costBy(session: Session, known: Date, aheadSec: number): bigint {
  const { amount, stoppedAt, waiting, waitingPrice, powerW, heardAt } = session;
  if (stoppedAt) return amount;
  if (waiting.since) return amount + waitingPrice;
  return amount + costAhead(session, powerW ?? 0, secondsBetween(heardAt, known) + aheadSec);
}

/** When `funded` has to look again although nothing is heard: more is to be held, or the station to be asked to stop. */
function moneyTimes({ session, portions, lostAt }: Case): (Date | null)[] {
  const { amount, stoppedAt, waiting, powerW, heardAt } = session;
  if (lostAt || stoppedAt || waiting.since || costsNothing(session)) return [];
  const lasts = lastsSec(session, powerW ?? 0, heldIn(portions) - amount);
  return lasts === null ? [] : [after(heardAt, lasts - topUpSec), after(heardAt, lasts - stopSec)];
}

/** Divided once for each amount that it comes to; what the wallet did not have in the end stays to be seen. */
function settled(before: Case, now: Date): Case {
  if (!isOver(before.session)) return before;
  const session = priced(before.session, now);
  // It was settled, and now its station tells the rest of it, bit by bit.
  if (session.settled !== null && isQuiet(session, now))
    return session === before.session ? before : { ...before, session };
  const due = session.customerId === null ? 0n : session.amount;
  const portions = session.settled === due ? before.portions : settle(before.portions, due, now);
  const paid = paidBy(portions);
  const { flag } = paid < due && !portions.some(isOpen) ? flagged(session, 'unpaid') : session;
  if (session.settled === due && session.paid === paid && session.flag === flag) return before;
  return { ...before, portions, session: { ...session, settled: due, paid, flag } };
}

/** Something that others have to be asked for. */
export type Errand =
  | { readonly do: 'place' | 'collect'; readonly portion: Portion }
  | { readonly do: 'start' | 'stop' | 'look' };

export function errandOf(of: Case, now: Date, rules: SessionRules): Errand | null {
  return errandsOf(of, now, rules).find(({ from }) => from === null || from <= now)?.errand ?? null;
}

/** `from`: whoever is asked is left alone until then. */
interface ErrandToCome {
  readonly errand: Errand;
  readonly from: Date | null;
}

/**
 * All that is to be asked, the most urgent first. That payments is away keeps no station from being asked to stop, and a
 * station that is away no money from being collected.
 */
function errandsOf({ session, portions }: Case, now: Date, rules: SessionRules): ErrandToCome[] {
  const { notBefore, stationNotBefore, quietUntil } = session;
  if (isOver(session)) {
    const portion = nextToSettle(portions);
    return portion ? [{ errand: { do: 'collect', portion }, from: notBefore }] : [];
  }
  const ofStation = quietUntil ? latest(quietUntil, stationNotBefore) : stationNotBefore;
  const ofPayments = quietUntil ? latest(quietUntil, notBefore) : notBefore;
  const asked = portions.find(({ status }) => status === 'asked');
  const isToStop = isRunning(session) && session.stopAskedAt !== null && session.stoppedAt === null;
  return [
    ...(isToStop ? [{ errand: { do: 'stop' } as const, from: ofStation }] : []),
    ...(asked ? [{ errand: { do: 'place', portion: asked } as const, from: ofPayments }] : []),
    ...(session.state === 'held' && !session.startAskedAt
      ? [{ errand: { do: 'start' } as const, from: stationNotBefore }]
      : []),
    ...(isRunning(session) && !isToStop && isPast(session.heardAt, rules.silenceSec, now)
      ? [{ errand: { do: 'look' } as const, from: ofStation }]
      : []),
  ];
}

/** What was held for nothing is given back first: who hears that it is paid finds the rest in their wallet. */
const nextToSettle = (portions: readonly Portion[]): Portion | undefined =>
  portions.find((portion) => isOpen(portion) && portion.take === 0n) ?? portions.find(isOpen);

/** When somebody is to look at it again; null: not by itself. */
export function dueAt(of: Case, now: Date, rules: SessionRules): Date | null {
  const { session, portions, lostAt } = of;
  const errands = errandsOf(of, now, rules).map(({ from }) => (from && from > now ? from : now));
  if (isOver(session)) return errands[0] ?? (isQuiet(session, now) ? session.quietUntil : null);
  const { state, requestedAt, startAskedAt, startedAt, stopAskedAt, stoppedAt, unpluggedAt, heardAt, waiting } =
    session;
  const waitingRules = { graceSec: session.graceSec, capSec: session.waitingCapSec };
  const times: (Date | null)[] = isRunning(session)
    ? [
        session.quietUntil,
        after(heardAt, rules.silenceSec),
        after(heardAt, rules.silentMostSec),
        after(unpluggedAt, rules.silenceSec),
        after(stoppedAt, rules.silentMostSec),
        after(lostAt, rules.silentMostSec),
        stopAskedAt || stoppedAt ? null : after(startedAt, rules.longestSec),
        ...(lostAt ? [] : [capReachedAt(waiting, waitingRules), nextMinuteAt(waiting, waitingRules, now)]),
        ...portions.map((portion) => after(portion.askedAt, patienceSec(portion, rules))),
        ...moneyTimes(of),
      ]
    : [
        startAskedAt
          ? after(startAskedAt, state === 'starting' ? rules.plugInSec : rules.startSec)
          : after(requestedAt, rules.requestSec),
      ];
  // What is past has been seen to by now, and whatever hangs on a clock that turned back is looked at again soon.
  const toCome = times.filter((time): time is Date => time !== null && time > now);
  return [...errands, ...toCome].reduce<Date | null>((first, time) => earliest(time, first), null);
}

/**
 * After being asked for, or refused, money is a question again. Who began at the station, with nothing held, has as long as a
 * driver who asks first.
 */
function patienceSec({ n, status }: Portion, { requestSec }: SessionRules): number | null {
  if (status === 'asked') return n === 1 ? requestSec : answerSec;
  return status === 'refused' ? refusedPauseSec : null;
}

/** It was told late, and more of it may be on its way. */
const isQuiet = ({ quietUntil }: Session, now: Date): boolean => quietUntil !== null && quietUntil > now;

const isPast = (from: Date | null, seconds: number, now: Date): boolean =>
  from !== null && now.getTime() - from.getTime() >= seconds * 1_000;
const after = (from: Date | null, seconds: number | null): Date | null =>
  from && seconds !== null ? new Date(from.getTime() + seconds * 1_000) : null;
const earliest = (one: Date, other: Date | null): Date => (other && other < one ? other : one);
const latest = (one: Date, other: Date | null): Date => (other && other > one ? other : one);
