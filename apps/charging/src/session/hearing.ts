import type { ConnectorStatus } from '../device/device.ts';
import type { MeterReading } from '../energy/readings.ts';
import { type Bounds, energyOf, mostIn, read, startedBefore, startingAt, unread } from '../energy/register.ts';
import { beginWaiting, endWaiting } from '../waiting/waiting.ts';
import type { ChargingState } from './saying.ts';
import {
  atOnce,
  finish,
  flagged,
  type Instants,
  isOver,
  isRunning,
  latest,
  more,
  type Session,
  secondsBetween,
} from './session.ts';
import { isOfTheStation, isOurs, isTheDrivers, isUnplugged } from './words.ts';

// What becomes of a session by what its station says.

export interface Start extends Instants {
  readonly transactionId: string;
  readonly startKey: string | null;
  readonly protocol: string;
  readonly meterStartWh: bigint | null;
}

export const begun = (
  session: Session,
  { at, receivedAt, transactionId, startKey, protocol, meterStartWh }: Start,
): Session => ({
  ...session,
  state: 'charging',
  transactionId,
  startKey,
  protocol,
  register: meterStartWh === null ? unread : startingAt(meterStartWh),
  meteredAt: meterStartWh === null ? null : at,
  startedAt: at,
  heardAt: receivedAt,
  ...atOnce,
});

/** The start of a session that was known before it is told of, or is told of with less than is known now. */
export function begunEarlier(session: Session, { at, meterStartWh }: Pick<Start, 'at' | 'meterStartWh'>): Session {
  if (session.state === 'failed' || !session.startedAt) return session;
  const startedAt = at < session.startedAt ? at : session.startedAt;
  if (meterStartWh === null) return startedAt === session.startedAt ? session : { ...session, startedAt };
  const register = startedBefore(
    session.register,
    meterStartWh,
    mostIn(session.mostPowerW, secondsBetween(startedAt, session.meteredAt ?? session.startedAt)),
  );
  return { ...session, startedAt, register, energyWh: more(session.energyWh, energyOf(register)) };
}

/** What is told at once, of one session, and whether it was told some time after it happened. */
export interface Readings {
  readonly readings: readonly MeterReading[];
  readonly receivedAt: Date;
  readonly late: boolean;
}

/** Of the time after a transaction nothing counts; of the time before, what comes late does, unless its end told more. */
export function metered(session: Session, told: Readings): Session {
  const { state, startedAt, stoppedAt, meteredAt } = session;
  if (state === 'failed' || !startedAt || (stoppedAt && meteredAt && meteredAt >= stoppedAt)) return session;
  const counted = told.readings.filter(({ at }) => !stoppedAt || at <= stoppedAt);
  if (stoppedAt && counted.length === 0) return session;
  const inOrder = counted.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const known = heardBy(session, told.receivedAt);
  const sinceHeardSec = secondsBetween(session.heardAt, told.receivedAt);
  return inOrder.reduce(
    (before, reading) => withReading(before, reading, boundsOf(before, reading, told, sinceHeardSec)),
    known,
  );
}

/** Of what a station tells later by a clock that it has not set, nobody knows how long it took. */
const unknownSec = 4 * 3_600;

/** What can have flowed until a reading. What a clock that was turned back says of that is no less than what ours says. */
function boundsOf(
  { mostPowerW, meteredAt, startedAt }: Session,
  { at }: MeterReading,
  { receivedAt, late }: Readings,
  sinceHeardSec: number,
): Bounds {
  const since = (from: Date | null, byOurClockSec: number): bigint => {
    const byItsClockSec = secondsBetween(from, at);
    if (!late) return mostIn(mostPowerW, Math.max(byItsClockSec, byOurClockSec));
    const isKnown = at < receivedAt && startedAt !== null && at >= startedAt;
    return mostIn(mostPowerW, isKnown ? byItsClockSec : Math.max(byItsClockSec, unknownSec));
  };
  return {
    sinceLastWh: since(meteredAt ?? startedAt, sinceHeardSec),
    inAllWh: since(startedAt, secondsBetween(startedAt, receivedAt)),
  };
}

function withReading(session: Session, { at, registerWh, powerW: said }: MeterReading, bounds: Bounds): Session {
  const { meteredAt, startedAt, mostPowerW } = session;
  const powerW = said === null ? null : Math.min(said, mostPowerW);
  if (registerWh === null) return powerW === null ? session : { ...session, powerW };
  const sinceMeteredSec = secondsBetween(meteredAt ?? startedAt, at);
  const { register, odd } = read(session.register, registerWh, bounds);
  const energyWh = more(session.energyWh, energyOf(register));
  // What is not believed leaves the last that was where it is: what flowed since then has had all that time.
  const isBelieved = odd === null || register.lastWh !== session.register.lastWh;
  const newer = isBelieved && (meteredAt === null || at > meteredAt);
  return {
    ...session,
    register,
    energyWh,
    powerW: powerW ?? (newer ? averageW(energyWh - session.energyWh, sinceMeteredSec) : session.powerW),
    ...(newer && { meteredAt: at }),
    ...(odd && flagged(session, odd === 'jumped' ? 'meter_jumped' : 'meter_fell')),
  };
}

const averageW = (energyWh: bigint, seconds: number): number | null =>
  seconds > 0 ? Math.min(Math.round((Number(energyWh) * 3_600) / seconds), 100_000_000) : null;

export interface Stated extends Instants {
  readonly word: ConnectorStatus | ChargingState;
}

/** What a station says of a connector, or of the car at it, while a session is there. */
export function stated(session: Session, { word, at, receivedAt }: Stated): Session {
  if (!isRunning(session) || !session.startedAt || at < session.startedAt) return session;
  const known = heardBy(session, receivedAt);
  const { stoppedAt } = known;

  if (isUnplugged(word)) {
    if (!wasPlugged(session)) return stoppedAt ? finish(known, at) : { ...known, chargingState: word };
    const unplugged = { ...known, chargingState: word, unpluggedAt: known.unpluggedAt ?? at };
    return stoppedAt ? finish(unplugged, at) : { ...unplugged, waiting: endWaiting(known.waiting, at) };
  }
  if (isTheDrivers(word, session.energyWh) || (stoppedAt && word === 'Occupied')) return waitsFor(known, word, at);
  if (isOurs(word)) return { ...known, chargingState: word, powerW: 0, waiting: endWaiting(known.waiting, at) };
  // Occupied, Preparing, Reserved: all that follows from them is that the cable is where it was.
  if (word !== 'Charging' || stoppedAt) return known;
  return {
    ...known,
    state: 'charging',
    chargingState: word,
    waiting: endWaiting(known.waiting, at),
    chargedAt: null,
    unpluggedAt: null,
  };
}

const waitsFor = (session: Session, word: ConnectorStatus | ChargingState, at: Date): Session => ({
  ...session,
  state: 'waiting',
  chargingState: word,
  powerW: 0,
  waiting: beginWaiting(session.waiting, at),
  chargedAt: session.chargedAt ?? at,
  unpluggedAt: null,
});

/** There was a cable to take out: a transaction may begin before anybody has come to plug in. */
const wasPlugged = ({ chargingState, energyWh }: Session): boolean =>
  energyWh > 0n || (chargingState !== null && !isUnplugged(chargingState));

export interface Stop extends Instants {
  readonly meterStopWh: bigint | null;
  readonly readings: readonly MeterReading[];
  readonly reason: string;
  readonly late: boolean;
}

/** The station's own end of a transaction. It is final; what was settled without it is put right by it. */
export function stopped(session: Session, stop: Stop): Session {
  if (session.stoppedAt || session.state === 'failed') return session;
  const { at, meterStopWh, reason } = stop;
  const last: MeterReading[] = meterStopWh === null ? [] : [{ at, registerWh: meterStopWh, powerW: null, raw: null }];
  const read = metered(session, { ...stop, readings: [...stop.readings, ...last] });
  const stoppedAt = latest(at, session.startedAt);
  const ended: Session = {
    ...read,
    stoppedAt,
    reason,
    powerW: 0,
    chargedAt: session.chargedAt ?? stoppedAt,
    ...atOnce,
  };
  if (isOver(session)) return putRight(session, ended, stoppedAt);
  if (reason === 'EVDisconnected' || session.unpluggedAt) return finish(ended, session.unpluggedAt ?? stoppedAt);
  // Nothing was there to take out, that anybody knows of.
  if (!wasPlugged(read) && (reason === 'Timeout' || read.origin === 'found')) return finish(ended, stoppedAt);
  if (isOfTheStation(reason)) return { ...ended, state: 'waiting', waiting: endWaiting(ended.waiting, stoppedAt) };
  return { ...ended, state: 'waiting', waiting: beginWaiting(ended.waiting, stoppedAt) };
}

/** It was settled without its own end, which came later than anybody knew. */
function putRight({ chargedAt, endedAt }: Session, ended: Session, stoppedAt: Date): Session {
  if (!endedAt || stoppedAt <= endedAt) return ended;
  const wasCutOff = chargedAt?.getTime() === endedAt.getTime();
  return { ...ended, endedAt: stoppedAt, ...(wasCutOff && { chargedAt: stoppedAt }) };
}

const heardBy = (session: Session, receivedAt: Date): Session =>
  session.heardAt && session.heardAt >= receivedAt ? session : { ...session, heardAt: receivedAt };
