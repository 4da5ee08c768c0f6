import { randomBytes } from 'node:crypto';
import { newObjectId, newUuid } from '@forecourt/service-kit';
import type { Device } from '../device/store.ts';
import { unread } from '../energy/register.ts';
import { notWaiting } from '../waiting/waiting.ts';
import type { Flag, Origin, Session } from './session.ts';
import type { SessionSettings } from './settings.ts';

export interface Opening {
  readonly number: number;
  readonly origin: Origin;
  /** null: nobody that we know. */
  readonly customerId: string | null;
  readonly idToken: string | null;
  readonly flag?: Flag | undefined;
  /** As they were when it was wished for; the device's own unless told. */
  readonly prices?: Pick<Session, 'price' | 'waitingPrice' | 'graceSec' | 'waitingCapSec'> | undefined;
}

/** What a station has said of a session, and what followed from that, before it has said anything. */
export const nothingHeard = {
  transactionId: null,
  startKey: null,
  assumed: false,
  register: unread,
  meteredAt: null,
  energyWh: 0n,
  powerW: null,
  chargingState: null,
  waiting: notWaiting,
  startedAt: null,
  chargedAt: null,
  stopAskedAt: null,
  stoppedAt: null,
  unpluggedAt: null,
  heardAt: null,
  reason: null,
  flag: null,
} satisfies Partial<Session>;

/** A session as it begins, with what is locked for as long as it goes on. */
export function openSession(
  device: Pick<Device, 'id' | 'number' | 'stationId' | 'protocol' | 'currency' | 'price' | 'waitingPrice' | 'powerW'>,
  { number, origin, customerId, idToken, flag, prices }: Opening,
  now: Date,
  { graceSec, waitingCapSec, mostPowerW }: Pick<SessionSettings, 'graceSec' | 'waitingCapSec' | 'mostPowerW'>,
): Session {
  const asPriced = prices ?? { price: device.price, waitingPrice: device.waitingPrice, graceSec, waitingCapSec };
  const isFree = origin === 'free';
  return {
    id: newObjectId(now),
    uuid: newUuid(now),
    number,
    version: 0,
    state: 'requested',
    origin,
    customerId,
    stationId: device.stationId,
    deviceId: device.id,
    deviceNumber: device.number,
    protocol: device.protocol,
    currency: device.currency,
    price: isFree ? 0n : asPriced.price,
    waitingPrice: isFree ? 0n : asPriced.waitingPrice,
    graceSec: asPriced.graceSec,
    waitingCapSec: asPriced.waitingCapSec,
    mostPowerW: device.powerW ?? mostPowerW,
    idToken: idToken?.toUpperCase() ?? null,
    remoteStartId: origin === 'app' ? number : null,
    ...nothingHeard,
    requestedAt: now,
    startAskedAt: null,
    endedAt: null,
    flag: flag ?? null,
    amount: 0n,
    paid: 0n,
    refunded: 0n,
    settled: null,
    attempts: 0,
    notBefore: null,
    stationAttempts: 0,
    stationNotBefore: null,
    quietUntil: null,
  };
}

/** For one start alone; as long as 1.6 takes, and in one case, since stations do not tell them apart. */
export const newStartToken = (): string => `FC${randomBytes(9).toString('hex').toUpperCase()}`;
