import { type TestClock, testClock } from '@forecourt/testing';
import { afterEach, expect } from 'vitest';
import { type Charge, type Station, type StationOptions, startStation } from '../src/stations/index.ts';
import type { Payload, Version } from '../src/stations/official.ts';
import { type Csms, startCsms } from './csms.ts';

/** A station and a central system that have met, with a clock that stands still; each is asked in its version's words. */
export interface Meeting {
  readonly csms: Csms;
  readonly station: Station;
  readonly clock: TestClock;
  /** Asks it to start, as an app does through the central system. */
  start(idToken?: string, outlet?: number): Promise<Payload>;
  stop(charge?: Charge): Promise<Payload>;
  /** All that was said of transactions, in the order in which it came. */
  told(): Payload[];
  charge(): Charge;
}

const closing: (() => Promise<void>)[] = [];

/** What the one has against the other is an error unless a test takes it away. */
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export async function meet(version: Version, options: Partial<StationOptions> = {}): Promise<Meeting> {
  const csms = await startCsms(version);
  const clock = testClock();
  const station = startStation({
    url: csms.url,
    identity: 'CP-7',
    password: 'a password of twenty',
    version,
    now: clock,
    ...options,
    switches: { meterEveryMs: 0, reconnectMs: 1, retryMs: 5, rebootMs: 1, ...options.switches },
  });
  closing.push(async () => {
    await station.close();
    await csms.close();
    expect({ station: csms.faults, central: station.complaints }).toEqual({ station: [], central: [] });
  });
  await station.ready();
  await station.settled();

  const charge = () => {
    const newest = station.charges.at(-1);
    if (!newest) throw new Error('nothing was charged');
    return newest;
  };
  let starts = 0;
  return {
    csms,
    station,
    clock,
    charge,
    start: (idToken = 'A1', outlet = 1) => {
      starts += 1;
      return version === '1.6'
        ? csms.call('RemoteStartTransaction', { connectorId: outlet, idTag: idToken })
        : csms.call('RequestStartTransaction', {
            evseId: outlet,
            remoteStartId: starts,
            idToken: { idToken, type: 'Central' },
          });
    },
    stop: ({ id, number } = charge()) =>
      version === '1.6'
        ? csms.call('RemoteStopTransaction', { transactionId: number })
        : csms.call('RequestStopTransaction', { transactionId: id }),
    told: () =>
      csms.calls
        .filter(({ action }) =>
          ['StartTransaction', 'MeterValues', 'StopTransaction', 'TransactionEvent'].includes(action),
        )
        .map(({ payload }) => payload),
  };
}

/** Takes away what the central system did wrong on purpose. */
export const forgive = ({ station }: Pick<Meeting, 'station'>): string[] => (station.complaints as string[]).splice(0);
