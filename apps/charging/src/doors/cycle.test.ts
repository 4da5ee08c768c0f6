import { type Scenario, type Station, type Switches, scenarios, startStation } from '@forecourt/local/stations';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openPlaza, type Plaza, type PlazaSite } from '../../test/plaza.ts';
import { finishSession, startSession } from '../session/driving.ts';
import { askStation } from '../station/asking.ts';
import type { Wish } from '../station/wish.ts';

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

const versions = ['1.6', '2.0.1'] as const;

async function aRealStation(
  site: PlazaSite,
  version: (typeof versions)[number],
  switches: Partial<Switches> = {},
): Promise<Station> {
  const station = startStation({
    url: `ws://127.0.0.1:${plaza.port}/ocpp`,
    identity: site.identity,
    password: site.password,
    version,
    connectors: 2,
    now: plaza.runtime.clock,
    switches: { meterEveryMs: 0, powerW: 60_000, ...switches },
  });
  onTestFinished(() => station.close());
  await station.ready();
  await station.settled();
  return station;
}

test.each(versions)('a station of OCPP %s charges a car, from the wish to the last coin', async (version) => {
  const site = await plaza.site();
  const { customerId, stationId, deviceIds } = site;
  const station = await aRealStation(site, version);
  const outlet = station.outlet(1);
  expect(await plaza.states(stationId)).toEqual(['Idle', 'Idle']);

  const started = await startSession(plaza.deps, { customerId, deviceId: deviceIds[0] });
  await until(() => outlet.charge?.flow === 'charging');
  await station.settled();
  expect(await plaza.session(started.id)).toMatchObject({ state: 'charging', chargingState: 'Charging' });
  plaza.pass(60);
  outlet.sample();
  await station.settled();
  expect(await plaza.session(started.id)).toMatchObject({ energyWh: 1_000n, powerW: 60_000, amount: 70_000n });

  await finishSession(plaza.deps, { customerId, deviceId: deviceIds[0] });
  plaza.pass(6);
  await plaza.settle();
  await station.settled();
  plaza.pass(5 * 60 + 61);
  outlet.unplug();
  await station.settled();
  await plaza.settle();

  const [charge] = station.charges;
  const session = await plaza.session(started.id);
  expect(session).toMatchObject({ state: 'finished', energyWh: BigInt(charge?.energyWh ?? 0), flag: null });
  expect(session.amount).toBe((session.energyWh * 70_000n) / 1_000n + 2n * 10_000n);
  expect(session).toMatchObject({ paid: session.amount });
  expect(plaza.wallets.mistakes()).toEqual([]);
  expect(await plaza.states(stationId)).toEqual(['Idle', 'Idle']);
  expect(station.complaints).toEqual([]);
  expect(await plaza.suspects(stationId)).toEqual([]);
});

const minute = 60;
const oddities = ['repeats', 'wrong-unit', 'in-kwh', 'seqno-stuck', 'clock-wrong', 'clock-in-1970'] as const;

test.each(versions.flatMap((version) => oddities.map((scenario) => [version, scenario] as const)))(
  'a station of OCPP %s that is odd (%s) is paid for what its own book says',
  async (version, scenario: Scenario) => {
    const site = await plaza.site();
    const station = await aRealStation(site, version, scenarios[scenario] as Partial<Switches>);
    const outlet = station.outlet(1);
    const { id } = await startSession(plaza.deps, { customerId: site.customerId, deviceId: site.deviceIds[0] });
    await until(() => outlet.charge?.flow === 'charging');
    for (const _ of [1, 2, 3]) {
      plaza.pass(minute);
      outlet.sample();
      await station.settled();
    }
    outlet.unplug();
    await station.settled();
    plaza.pass(2 * minute);
    await plaza.settle();
    const session = await plaza.session(id);
    expect(session).toMatchObject({ state: 'finished', energyWh: BigInt(station.charges[0]?.energyWh ?? -1) });
    expect(session).toMatchObject({ energyWh: 3_000n, amount: 210_000n });
    expect(await plaza.sessionsOf(site.stationId)).toHaveLength(1);
    expect(station.complaints).toEqual([]);
  },
);

test.each(versions)(
  'a station of OCPP %s that charged on without a line settles by its own numbers',
  async (version) => {
    const site = await plaza.site({ funds: 10_000_000n });
    const station = await aRealStation(site, version);
    const outlet = station.outlet(1);
    const { id } = await startSession(plaza.deps, { customerId: site.customerId, deviceId: site.deviceIds[0] });
    await until(() => outlet.charge?.flow === 'charging');
    await station.settled();
    station.goOffline();
    plaza.pass(60 * minute);
    outlet.sample();
    plaza.pass(60 * minute);
    outlet.unplug();
    plaza.pass(60 * minute);
    station.goOnline();
    await station.ready();
    await station.settled();
    plaza.pass(2 * minute);
    await plaza.settle();
    const session = await plaza.session(id);
    expect(session).toMatchObject({ state: 'finished', energyWh: 120_000n, flag: null });
    expect(session.stoppedAt).toEqual(station.charges[0]?.endedAt);
    expect(session).toMatchObject({ amount: 8_400_000n, paid: 8_400_000n });
  },
);

const asked: readonly Wish[] = [
  { action: 'getConfiguration', keys: [] },
  { action: 'changeAvailability', connector: 2, operative: false },
  { action: 'changeAvailability', connector: 0, operative: true },
  { action: 'trigger', message: 'StatusNotification', connector: 1 },
  { action: 'trigger', message: 'BootNotification' },
  { action: 'setPowerLimit', connector: 1, watts: 7_000 },
  { action: 'setPowerLimit', connector: 0, watts: 50_000 },
  { action: 'setPowerLimit', connector: 1, watts: null },
  { action: 'reserve', connector: 2, number: 7, idToken: 'FC07', expiresAt: new Date('2099-01-01T00:00:00Z') },
  { action: 'cancelReservation', number: 7 },
  { action: 'unlock', connector: 1 },
  { action: 'updateFirmware', url: 'http://127.0.0.1:9/firmware', at: new Date('2026-01-01T00:00:00Z') },
  { action: 'getDiagnostics', url: 'http://127.0.0.1:9/logs' },
  { action: 'reset', kind: 'soft' },
];

test.each(versions)('a station of OCPP %s understands all that it is asked', async (version) => {
  const site = await plaza.site();
  const station = await aRealStation(site, version);
  for (const wish of asked) {
    const { outcome } = await askStation(plaza.deps, site.stationId, wish, { deadlineMs: 10_000 });
    expect([wish, outcome]).toEqual([wish, 'accepted']);
  }
  expect(station.complaints).toEqual([]);
});
