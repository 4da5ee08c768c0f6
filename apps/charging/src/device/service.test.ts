import { deviceChanged } from '@forecourt/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDevice, anId, aStation } from '../../test/builders.ts';
import { openSite, type Site } from '../../test/site.ts';
import type { ConnectorStatus } from './device.ts';
import { followLines, hearStatus, refreshStation, type StatusSaid } from './service.ts';
import { findDevice, findDeviceAt, idsOfStation, lockDevices } from './store.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite({ env: { DEVICE_LOST_AFTER_SECONDS: '60' } });
});
afterAll(() => site.close());

const stateOfDevice = async (id: string) => (await findDevice(site.deps.database, id))?.state;
const toldOf = async (id: string) =>
  (await site.told(deviceChanged.subject))
    .filter(({ deviceId }) => deviceId === id)
    .map(({ state, version }) => [version, state]);
const hear = (stationId: string, status: ConnectorStatus, { connector = 1, ...said }: Partial<StatusSaid> = {}) =>
  site.deps.database.transaction(async (tx) => {
    const ids = await idsOfStation(tx, stationId, connector === 0 ? null : connector);
    await lockDevices(tx, ids);
    const known = { stationId, connector, status, errorCode: null, at: site.deps.clock(), late: false };
    await hearStatus(tx, site.deps, { ...known, ...said }, ids);
  });

test('what a station says is told once for each change of state, with versions in order', async () => {
  const { id, stationId } = await aDevice(site.deps.database);
  for (const status of ['Preparing', 'Charging', 'Charging', 'Available'] as const) await hear(stationId, status);
  expect(await toldOf(id)).toEqual([
    [2, 'Busy'],
    [3, 'Idle'],
  ]);
});

test('a connector without a device changes nothing and makes none', async () => {
  const { id, stationId } = await aDevice(site.deps.database);
  await hear(stationId, 'Faulted', { connector: 2 });
  expect(await stateOfDevice(id)).toBe('Idle');
  expect(await findDeviceAt(site.deps.database, stationId, 2)).toBeNull();
});

test('connector 0 speaks for all devices of the station, and each is itself again when it is well', async () => {
  const { database } = site.deps;
  const station = await aStation(database);
  const one = await aDevice(database, { stationId: station.id, connector: 1 });
  const two = await aDevice(database, { stationId: station.id, connector: 2, status: 'Charging', state: 'Busy' });
  const elsewhere = await aDevice(database);

  await hear(station.id, 'Faulted', { connector: 0 });
  expect(await Promise.all([one, two, elsewhere].map(({ id }) => stateOfDevice(id)))).toEqual([
    'Error',
    'Error',
    'Idle',
  ]);
  await hear(station.id, 'Available', { connector: 0 });
  expect(await Promise.all([one, two].map(({ id }) => stateOfDevice(id)))).toEqual(['Idle', 'Busy']);
});

test('what comes out of a station’s queue does not undo what it said since', async () => {
  const { id, stationId } = await aDevice(site.deps.database);
  const now = site.deps.clock();
  const before = new Date(now.getTime() - 60_000);
  await hear(stationId, 'Charging', { at: now });
  await hear(stationId, 'Available', { at: before, late: true });
  expect(await stateOfDevice(id)).toBe('Busy');
  await hear(stationId, 'Faulted', { connector: 0, at: now });
  await hear(stationId, 'Available', { connector: 0, at: before, late: true });
  expect(await stateOfDevice(id)).toBe('Error');
});

test('a station that is away for a moment is not away; after that its devices are out of order until it is back', async () => {
  const { deps, runtime } = site;
  const { id, stationId } = await aDevice(deps.database);
  await deps.database
    .$executeRaw`UPDATE station SET instance = NULL, disconnected_at = ${deps.clock()} WHERE id = ${stationId}`;
  await deps.database.transaction((tx) => refreshStation(tx, deps, stationId));
  expect(await stateOfDevice(id)).toBe('Idle');
  runtime.clock.advance(60_000);
  await followLines(deps);
  expect(await stateOfDevice(id)).toBe('Idle');
  runtime.clock.advance(1);
  await followLines(deps);
  expect(await stateOfDevice(id)).toBe('Error');
  await followLines(deps);

  await deps.database.$executeRaw`UPDATE station SET instance = 'test' WHERE id = ${stationId}`;
  await followLines(deps);
  expect(await toldOf(id)).toEqual([
    [2, 'Error'],
    [3, 'Idle'],
  ]);
});

test('many who speak of one device at once tell each state of it once, in the order of its versions', async () => {
  const { id, stationId } = await aDevice(site.deps.database);
  await Promise.all(
    Array.from({ length: 20 }, (_, turn) => hear(stationId, turn % 2 === 0 ? 'Charging' : 'Available')),
  );
  const told = await toldOf(id);
  const states = told.map(([, state]) => state);
  expect(told.map(([version]) => version)).toEqual(told.map((_, index) => index + 2));
  expect(states.every((state, index) => state !== (states[index - 1] ?? 'Idle'))).toBe(true);
  expect(await stateOfDevice(id)).toBe(states.at(-1) ?? 'Idle');
});

test('a station that nobody has accepted has no device that could be started', async () => {
  const { database } = site.deps;
  const station = await aStation(database, { status: 'pending' });
  const { id } = await aDevice(database, { stationId: station.id, state: 'Error', status: null });
  await hear(station.id, 'Available');
  expect(await stateOfDevice(id)).toBe('Error');
  expect(await findDevice(database, anId())).toBeNull();
});
