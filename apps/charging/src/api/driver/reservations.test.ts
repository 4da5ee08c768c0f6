import { deviceChanged } from '@forecourt/contracts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aDevice, anId, aStation } from '../../../test/builders.ts';
import { pretendLines } from '../../../test/lines.ts';
import { openSite, type Site } from '../../../test/site.ts';
import { endReservations } from '../../reservation/service.ts';
import { useReservation } from '../../reservation/store.ts';
import type { Carried } from '../../station/wish.ts';

const pretended = pretendLines();
let site: Site;
beforeAll(async () => {
  site = await openSite({ deps: { lines: pretended.lines } });
});
beforeEach(() => {
  pretended.asked.length = 0;
  pretended.answer('accepted');
});
afterAll(() => site.close());

const aDriver = async () => {
  const customerId = anId();
  const headers = await site.asCustomer(customerId);
  return {
    customerId,
    reserve: (deviceId: string, body?: unknown) => site.post(`/api/devices/${deviceId}/reserve`, body, headers),
    cancel: (deviceId: string) => site.remove(`/api/devices/${deviceId}/reserve`, headers),
  };
};
const statesOf = async (id: string) =>
  (await site.told(deviceChanged.subject)).filter(({ deviceId }) => deviceId === id).map(({ state }) => state);
const statusesOf = async (deviceId: string) =>
  (await site.deps.prisma.reservation.findMany({ where: { deviceId }, orderBy: { number: 'asc' } })).map(
    ({ status }) => status,
  );
const actions = () => pretended.asked.map(({ wish }) => wish.action);
/** A line that broke is looked for again, and the same asked of it. */
const kindsOfActions = () => [...new Set(actions())];

test('a device is kept for a driver: its station is asked, and others see it as busy', async () => {
  const { id } = await aDevice(site.deps.database, { connector: 2 });
  const driver = await aDriver();
  const { status, body } = await driver.reserve(id, { minutes: 30 });
  expect(status).toBe(200);
  const expiresAt = new Date(site.deps.clock().getTime() + 30 * 60_000);
  expect(body).toEqual({ reservation: { deviceId: id, expiresAt: expiresAt.toISOString() } });
  expect(pretended.asked).toMatchObject([
    { wish: { action: 'reserve', connector: 2, expiresAt, idToken: expect.stringMatching(/^RV[0-9A-F]{18}$/) } },
  ]);
  expect(await statesOf(id)).toEqual(['Busy']);
  expect((await (await aDriver()).reserve(id)).body.error.code).toBe('device_busy');
});

test('a second tap is the same reservation, and asks the station nothing', async () => {
  const { id } = await aDevice(site.deps.database);
  const driver = await aDriver();
  const first = await driver.reserve(id);
  expect(first.body.reservation.expiresAt).toBe(new Date(site.deps.clock().getTime() + 15 * 60_000).toISOString());
  expect((await driver.reserve(id, {})).body).toEqual(first.body);
  expect(actions()).toEqual(['reserve']);
});

test('of many drivers who want one device at once, one has it', async () => {
  const { id } = await aDevice(site.deps.database);
  const drivers = await Promise.all(Array.from({ length: 6 }, aDriver));
  const answers = await Promise.all(drivers.map(({ reserve }) => reserve(id)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  expect(actions()).toEqual(['reserve']);
});

test('a driver keeps one device at a time, whatever they ask for at once', async () => {
  const driver = await aDriver();
  const devices = await Promise.all(Array.from({ length: 4 }, () => aDevice(site.deps.database)));
  const answers = await Promise.all(devices.map(({ id }) => driver.reserve(id)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.error.code).toBe('reservation_limit');
});

test.each([
  ['rejected', 409, 'device_busy'],
  ['offline', 503, 'device_offline'],
  ['failed', 503, 'device_offline'],
  ['timeout', 504, 'device_timeout'],
] as const)('when the station’s answer is %s nothing stays kept', async (outcome, status, code) => {
  const { id } = await aDevice(site.deps.database);
  pretended.answer(outcome);
  const answer = await (await aDriver()).reserve(id);
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  expect(await statusesOf(id)).toEqual(['refused']);
  expect(await statesOf(id)).toEqual(['Busy', 'Idle']);
  // Of a station that did not answer nobody knows: it is told to forget.
  expect(kindsOfActions()).toEqual(outcome === 'timeout' ? ['reserve', 'cancelReservation'] : ['reserve']);
});

test('a station that knows no reservations keeps nothing by itself, but nobody else starts the device', async () => {
  const { id } = await aDevice(site.deps.database);
  pretended.answer('not_supported');
  expect((await (await aDriver()).reserve(id)).status).toBe(200);
  expect(await statusesOf(id)).toEqual(['active']);
});

test('a device is kept no longer when its driver says so, and the station is told', async () => {
  const { id } = await aDevice(site.deps.database);
  const driver = await aDriver();
  await driver.reserve(id);
  pretended.answer('offline');
  const canceled = await driver.cancel(id);
  expect([canceled.status, canceled.body]).toEqual([200, {}]);
  expect(kindsOfActions()).toEqual(['reserve', 'cancelReservation']);
  expect(await statesOf(id)).toEqual(['Busy', 'Idle']);
  expect((await driver.cancel(id)).body.error.code).toBe('reservation_not_found');
  pretended.answer('accepted');
  expect((await driver.reserve(id)).status).toBe(200);
});

test('nobody cancels for another', async () => {
  const { id } = await aDevice(site.deps.database);
  await (await aDriver()).reserve(id);
  expect((await (await aDriver()).cancel(id)).status).toBe(404);
  expect(await statusesOf(id)).toEqual(['active']);
});

test('who cancels while the station is asked has canceled, and the station is told to forget', async () => {
  const { id } = await aDevice(site.deps.database);
  const driver = await aDriver();
  pretended.answer(async ({ action }) => {
    if (action === 'reserve') await driver.cancel(id);
    return { outcome: 'accepted', answer: null };
  });
  expect((await driver.reserve(id)).body.error.code).toBe('reservation_not_found');
  expect(await statusesOf(id)).toEqual(['canceled']);
  expect(actions()).toEqual(['reserve', 'cancelReservation', 'cancelReservation']);
});

test('it runs out by itself; what began of it is used', async () => {
  const { database } = site.deps;
  const [kept, used] = [await aDevice(database), await aDevice(database)];
  const [one, other] = [await aDriver(), await aDriver()];
  await one.reserve(kept.id, { minutes: 1 });
  await other.reserve(used.id, { minutes: 1 });
  await useReservation(database, { deviceId: used.id, customerId: other.customerId, now: site.deps.clock() });
  await endReservations(site.deps);
  expect(await statusesOf(kept.id)).toEqual(['active']);
  site.runtime.clock.advance(60_000);
  await endReservations(site.deps);
  expect([await statusesOf(kept.id), await statusesOf(used.id)]).toEqual([['expired'], ['used']]);
  expect(await statesOf(kept.id)).toEqual(['Busy', 'Idle']);
});

test('what a process asked for that did not live to hear the answer is over after a while', async () => {
  const { id } = await aDevice(site.deps.database);
  const heard = Promise.withResolvers<Carried>();
  pretended.answer(() => heard.promise);
  const driver = await aDriver();
  const asking = driver.reserve(id, { minutes: 60 });
  await expect.poll(() => statusesOf(id)).toEqual(['asked']);
  await endReservations(site.deps);
  expect(await statusesOf(id)).toEqual(['asked']);
  site.runtime.clock.advance(2 * 60_000 + 1);
  await endReservations(site.deps);
  expect(await statusesOf(id)).toEqual(['refused']);
  heard.resolve({ outcome: 'timeout', answer: null });
  await asking;
  expect(await statusesOf(id)).toEqual(['refused']);
});

test.each([
  ['in repair', { inRepair: true }, 503, 'device_offline'],
  ['faulted', { status: 'Faulted' }, 503, 'device_offline'],
  ['with a cable in', { status: 'Preparing' }, 409, 'device_busy'],
  ['not shown', { active: false }, 404, 'device_not_found'],
] as const)('a device %s is not kept', async (_what, wishes, status, code) => {
  const { id } = await aDevice(site.deps.database, wishes);
  const answer = await (await aDriver()).reserve(id);
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  expect(pretended.asked).toEqual([]);
});

test.each([{ minutes: 0 }, { minutes: 61 }, { minutes: 1.5 }, { minutes: '5' }, { hours: 1 }])(
  '%o is no wish',
  async (body) => {
    const { id } = await aDevice(site.deps.database);
    expect((await (await aDriver()).reserve(id, body)).status).toBe(400);
  },
);

test('a device of a station that is not connected is not kept', async () => {
  const station = await aStation(site.deps.database, { connected: false });
  const { id } = await aDevice(site.deps.database, { stationId: station.id, state: 'Error' });
  expect((await (await aDriver()).reserve(id)).body.error.code).toBe('device_offline');
  expect((await site.post(`/api/devices/${id}/reserve`)).status).toBe(401);
});
