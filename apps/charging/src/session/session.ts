import type { ConnectorStatus } from '../device/device.ts';
import type { Register } from '../energy/register.ts';
import { costOf } from '../money/money.ts';
import { billableSec, endWaiting, minutesIn, notWaiting, type Waiting, waitedBy } from '../waiting/waiting.ts';
import type { ChargingState } from './saying.ts';

export type State = 'requested' | 'held' | 'starting' | 'charging' | 'waiting' | 'finished' | 'failed';
/** found: the station told of it after the fact, or nobody knows the card. free: nobody pays. */
export type Origin = 'app' | 'card' | 'free' | 'found';
/** What a person should look at; the first that was noticed. */
export type Flag =
  | 'late_start'
  | 'meter_jumped'
  | 'meter_fell'
  | 'superseded'
  | 'silent'
  | 'no_stop'
  | 'no_end'
  | 'unknown_payer'
  | 'unpaid'
  | 'hold_lost';

/** A charge from the wish to the receipt. */
export interface Session {
  readonly id: string;
  readonly uuid: string;
  readonly number: number;
  readonly version: number;
  readonly state: State;
  readonly origin: Origin;
  readonly customerId: string | null;
  readonly stationId: string;
  readonly deviceId: string;
  readonly deviceNumber: string;
  readonly protocol: string | null;
  readonly currency: string;
  readonly price: bigint;
  readonly waitingPrice: bigint;
  readonly graceSec: number;
  readonly waitingCapSec: number;
  /** The most that the device can give: what is more is not believed of a meter. */
  readonly mostPowerW: number;
  readonly idToken: string | null;
  readonly remoteStartId: number | null;
  readonly transactionId: string | null;
  readonly startKey: string | null;
  /** Nobody has said whose it is: its start was lost, and it is taken for what the station was asked for. */
  readonly assumed: boolean;
  readonly register: Register;
  readonly meteredAt: Date | null;
  readonly energyWh: bigint;
  readonly powerW: number | null;
  readonly chargingState: ConnectorStatus | ChargingState | null;
  readonly waiting: Waiting;
  readonly requestedAt: Date;
  readonly startAskedAt: Date | null;
  readonly startedAt: Date | null;
  /** When the charge was over, as far as is known now. */
  readonly chargedAt: Date | null;
  readonly stopAskedAt: Date | null;
  readonly stoppedAt: Date | null;
  readonly unpluggedAt: Date | null;
  readonly endedAt: Date | null;
  readonly heardAt: Date | null;
  readonly reason: string | null;
  readonly flag: Flag | null;
  readonly amount: bigint;
  readonly paid: bigint;
  readonly refunded: bigint;
  /** The amount that its money was divided for; null: it was not yet. */
  readonly settled: bigint | null;
  /** Of payments, in vain; and until when it is left alone. */
  readonly attempts: number;
  readonly notBefore: Date | null;
  /** The same of the station. */
  readonly stationAttempts: number;
  readonly stationNotBefore: Date | null;
  /** What was told late may have more behind it: until then nobody is asked anything that no person asks for. */
  readonly quietUntil: Date | null;
}

/** When something happened by the station's clock, and when we heard of it. */
export interface Instants {
  readonly at: Date;
  readonly receivedAt: Date;
}

export const isRunning = ({ state }: Session): boolean => state === 'charging' || state === 'waiting';
export const isOver = ({ state }: Session): boolean => state === 'finished' || state === 'failed';
/** The station has yet to begin. */
export const isToCome = (session: Session): boolean => !isRunning(session) && !isOver(session);

/** Nothing more is billed from `at` on. */
export function finish(session: Session, at: Date, flag?: Flag): Session {
  if (isOver(session)) return session;
  return {
    ...session,
    state: 'finished',
    waiting: endWaiting(session.waiting, at),
    chargedAt: session.chargedAt ?? latest(at, session.startedAt),
    powerW: 0,
    endedAt: latest(at, session.startedAt),
    ...atOnce,
    ...(flag && flagged(session, flag)),
  };
}

/** Nothing came of it, and it costs nothing. */
export const fail = (session: Session, now: Date, reason: string): Session =>
  isOver(session)
    ? session
    : {
        ...session,
        state: 'failed',
        endedAt: now,
        reason,
        amount: 0n,
        waiting: notWaiting,
        ...atOnce,
      };

interface Identity {
  readonly origin: Origin;
  readonly customerId: string | null;
  readonly idToken: string | null;
  /** As they were when it was wished for. */
  readonly prices?: Pick<Session, 'price' | 'waitingPrice'> | undefined;
}

/** Whose it is turns out after it was found. */
export function identified(session: Session, { origin, customerId, idToken, prices }: Identity): Session {
  const { flag, reason, stoppedAt } = session;
  return {
    ...session,
    origin,
    customerId,
    idToken: idToken?.toUpperCase() ?? session.idToken,
    price: origin === 'free' ? 0n : (prices?.price ?? session.price),
    waitingPrice: origin === 'free' ? 0n : (prices?.waitingPrice ?? session.waitingPrice),
    amount: 0n,
    flag: flag === 'unknown_payer' ? null : flag,
    ...(reason === 'unknown_payer' && !stoppedAt && { stopAskedAt: null, reason: null }),
  };
}

export const askToStop = (session: Session, now: Date, reason: string): Session =>
  session.stopAskedAt || session.stoppedAt || isOver(session)
    ? session
    : { ...session, stopAskedAt: now, reason: session.reason ?? reason, stationAttempts: 0, stationNotBefore: null };

/** A driver or an operator wants it to stop: the station hears of it now, whatever it was left alone for. */
export function wantStopped(session: Session, now: Date, reason: 'driver' | 'operator'): Session {
  const asked = hurried(askToStop(session, now, reason));
  return asked.quietUntil ? { ...asked, quietUntil: null } : asked;
}

/** Was asked to stop in vain; now the station can be expected to hear. */
export const hurried = (session: Session): Session =>
  session.stopAskedAt && !session.stoppedAt && session.stationAttempts > 0
    ? { ...session, stationAttempts: 0, stationNotBefore: null }
    : session;

/** What is first noticed stays. */
export const flagged = (session: Session, flag: Flag): Pick<Session, 'flag'> => ({ flag: session.flag ?? flag });

const rulesOf = ({ graceSec, waitingCapSec }: Session) => ({ graceSec, capSec: waitingCapSec });

/** That is paid for. */
export const billedWaitingSec = (session: Session, now: Date): number =>
  billableSec(waitedBy(session.waiting, now), rulesOf(session));

/** What it costs by now: never less than it did before. */
export function priced(session: Session, now: Date): Session {
  if (session.state === 'failed') return session;
  const minutes = minutesIn(billedWaitingSec(session, now));
  const amount = more(session.amount, costOf(session, { energyWh: session.energyWh, minutes }));
  return amount === session.amount ? session : { ...session, amount };
}

/** Since the device began; without the time that the cable stayed in afterwards. */
export function durationSec({ startedAt, chargedAt, endedAt }: Session, now: Date): number {
  return secondsBetween(startedAt, chargedAt ?? endedAt ?? now);
}

export const more = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const latest = (at: Date, other: Date | null): Date => (other && other > at ? other : at);
/** Whole seconds; 0 when it is not known, or the clock went back. */
export const secondsBetween = (from: Date | null, to: Date): number =>
  from ? Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1_000)) : 0;

/**
 * It was told late, or after it was settled, and more of it may be on its way: nobody is asked anything meanwhile. What has been asked for already
 * is asked for all the same: a station whose clock is wrong may tell everything late.
 */
export const quietened = (session: Session, receivedAt: Date, seconds: number): Session =>
  session.stopAskedAt && !session.stoppedAt && !isOver(session)
    ? session
    : { ...session, quietUntil: new Date(receivedAt.getTime() + seconds * 1_000) };

/** What is told as it happens comes after all that was told late; of a start that was lost the rest may still come. */
export const speaking = (session: Session): Session =>
  session.quietUntil && session.origin !== 'found' ? { ...session, quietUntil: null } : session;

/** Nobody is left alone for anything any more. */
export const atOnce = { attempts: 0, notBefore: null, stationAttempts: 0, stationNotBefore: null, quietUntil: null };
