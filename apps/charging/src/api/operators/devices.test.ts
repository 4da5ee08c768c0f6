import { deviceChanged } from '@forecourt/contracts';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDevice, anId, aStation } from '../../../test/builders.ts';
import { pretendLines } from '../../../test/lines.ts';
import { openSite, type Site } from '../../../test/site.ts';
import { findDevice } from '../../device/store.ts';

const pretended = pretendLines();
let site: Site;
let operator: Record<string, string>;
beforeAll(async () => {
  site = await openSite({ deps: { lines: pretended.lines } });
  operator = await site.asOperator();
});
afterAll(() => site.close());

const wish = (stationId: string, more: Record<string, unknown> = {}) => ({
  stationId,
  connector: 1,
  number: `UB-${anId().slice(-6)}`,
  longitude: 106.9,
  latitude: 47.9,
  price: 700.5,
  waitingPrice: 100,
  ...more,
});

test('a device is added out of order, and told; it is free as soon as its station says so', async () => {
  const station = await aStation(site.deps.database);
  const added = await site.post('/admin/devices', wish(station.id), operator);
  expect(added.status, added.text).toBe(201);
  expect(added.body).toMatchObject({
    stationIdentity: station.identity,
    price: 700.5,
    active: true,
    state: 'Error',
    status: null,
  });
  const told = (await site.told(deviceChanged.subject)).filter(({ deviceId }) => deviceId === added.body.id);
  expect(told).toMatchObject([
    { version: 1, state: 'Error', price: 70_050, waitingPrice: 10_000, location: [106.9, 47.9], active: true },
  ]);
  expect((await site.get(`/admin/devices/${added.body.id}`, operator)).body).toEqual(added.body);
});

test('what a device can give is said, changed and unsaid by an operator', async () => {
  const station = await aStation(site.deps.database);
  const { body } = await site.post('/admin/devices', wish(station.id, { powerKw: 22.5 }), operator);
  expect(body.powerKw).toBe(22.5);
  expect((await findDevice(site.deps.database, body.id))?.powerW).toBe(22_500);
  expect((await site.patch(`/admin/devices/${body.id}`, { powerKw: 50 }, operator)).body.powerKw).toBe(50);
  expect((await site.patch(`/admin/devices/${body.id}`, { price: 3 }, operator)).body.powerKw).toBe(50);
  expect((await site.patch(`/admin/devices/${body.id}`, { powerKw: null }, operator)).body.powerKw).toBeNull();
  for (const powerKw of [0, -7, 5_001, '22']) {
    expect((await site.patch(`/admin/devices/${body.id}`, { powerKw }, operator)).status).toBe(400);
  }
});

const askedOf = (stationId: string) =>
  pretended.asked.filter((asked) => asked.stationId === stationId).map(({ wish }) => wish);

test('a station that is there already is asked how a device is that is added to it, or moved to another connector', async () => {
  const station = await aStation(site.deps.database);
  const { body } = await site.post('/admin/devices', wish(station.id, { connector: 2 }), operator);
  const ask = (connector: number) => ({ action: 'trigger', message: 'StatusNotification', connector });
  await until(() => askedOf(station.id).length === 1);
  await site.patch(`/admin/devices/${body.id}`, { connector: 3 }, operator);
  await until(() => askedOf(station.id).length === 2);
  expect(askedOf(station.id)).toEqual([ask(2), ask(3)]);
});

test('a station that is away, or that nobody has said yes to, is asked nothing', async () => {
  const away = await aStation(site.deps.database, { connected: false });
  const pending = await aStation(site.deps.database, { status: 'pending' });
  const there = await aStation(site.deps.database);
  for (const { id } of [away, pending, there]) await site.post('/admin/devices', wish(id), operator);
  await until(() => askedOf(there.id).length === 1);
  expect([...askedOf(away.id), ...askedOf(pending.id)]).toEqual([]);
});

test('a change is told with the next version, and what is not new tells nothing', async () => {
  const { id } = await aDevice(site.deps.database, { price: 100n });
  const changed = await site.patch(`/admin/devices/${id}`, { price: 2, inRepair: true }, operator);
  expect(changed.body).toMatchObject({ price: 2, inRepair: true, state: 'Repair' });
  expect((await site.patch(`/admin/devices/${id}`, { price: 2 }, operator)).status).toBe(200);
  expect((await site.patch(`/admin/devices/${id}`, {}, operator)).status).toBe(200);
  expect((await site.patch(`/admin/devices/${id}`, { inRepair: false }, operator)).body.state).toBe('Idle');
  const told = (await site.told(deviceChanged.subject)).filter(({ deviceId }) => deviceId === id);
  expect(told).toMatchObject([
    { version: 2, state: 'Repair', price: 200 },
    { version: 3, state: 'Idle' },
  ]);
});

test('who changed what is in the station’s log', async () => {
  const { id, stationId } = await aDevice(site.deps.database);
  await site.patch(`/admin/devices/${id}`, { price: 3 }, operator);
  const events = await site.deps.prisma.stationEvent.findMany({ where: { stationId } });
  expect(events).toMatchObject([{ kind: 'device.changed', detail: { price: '300' }, operatorId: expect.any(String) }]);
});

test('a number, and a connector of a station, has one device', async () => {
  const station = await aStation(site.deps.database);
  const first = await site.post('/admin/devices', wish(station.id), operator);
  const sameNumber = await site.post(
    '/admin/devices',
    wish(station.id, { connector: 2, number: first.body.number }),
    operator,
  );
  expect([sameNumber.status, sameNumber.body.code]).toEqual([409, 'device_number_taken']);
  const samePlace = await site.post('/admin/devices', wish(station.id), operator);
  expect([samePlace.status, samePlace.body.code]).toEqual([409, 'connector_taken']);
  const second = await site.post('/admin/devices', wish(station.id, { connector: 2 }), operator);
  const moved = await site.patch(`/admin/devices/${second.body.id}`, { connector: 1 }, operator);
  expect([moved.status, moved.body.code]).toEqual([409, 'connector_taken']);
});

test('of many who add a device with one number at once, one does', async () => {
  const station = await aStation(site.deps.database);
  const number = `UB-${anId().slice(-6)}`;
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, at) =>
      site.post('/admin/devices', wish(station.id, { number, connector: at + 1 }), operator),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
});

test.each<[string, Record<string, unknown>]>([
  ['connector 0, which is the station', { connector: 0 }],
  ['a place that is not on earth', { longitude: 181 }],
  ['a negative price', { price: -1 }],
  ['more decimals than the currency has', { price: 0.001 }],
  ['a price as a text', { price: '1' }],
  ['a number with a line break', { number: 'a\nb' }],
  ['a state, which follows from others', { state: 'Idle' }],
])('%s is refused', async (_what, more) => {
  const station = await aStation(site.deps.database);
  expect((await site.post('/admin/devices', wish(station.id, more), operator)).status).toBe(400);
});

test('nothing is added to a station that is not there, and nothing changed that is not there', async () => {
  const none = await site.post('/admin/devices', wish(anId()), operator);
  expect([none.status, none.body.code]).toEqual([404, 'station_not_found']);
  const nowhere = await site.patch(`/admin/devices/${anId()}`, { price: 1 }, operator);
  expect([nowhere.status, nowhere.body.code]).toEqual([404, 'device_not_found']);
  expect((await site.get(`/admin/devices/${anId()}`, operator)).status).toBe(404);
});

test('lists are filtered, and their pages join up', async () => {
  const station = await aStation(site.deps.database);
  for (const connector of [1, 2, 3, 4, 5]) {
    await aDevice(site.deps.database, {
      stationId: station.id,
      connector,
      number: `${connector < 4 ? 'north' : 'south'}-${station.id}-${connector}`,
      ...(connector === 2 && { active: false }),
      ...(connector === 3 && { state: 'Busy' as const }),
    });
  }
  const list = async (query: string) => {
    const { body } = await site.get(`/admin/devices?stationId=${station.id}${query}`, operator);
    return body as { items: { connector: number; id: string }[]; next: string | null };
  };
  const connectors = async (query: string) => (await list(query)).items.map(({ connector }) => connector);
  expect(await connectors('')).toEqual([5, 4, 3, 2, 1]);
  expect(await connectors('&state=Busy')).toEqual([3]);
  expect(await connectors('&active=false')).toEqual([2]);
  expect(await connectors(`&number=south-${station.id}`)).toEqual([5, 4]);
  const first = await list('&limit=3');
  expect(first.next).toBe(first.items[2]?.id);
  expect(await connectors(`&limit=3&after=${first.next}`)).toEqual([2, 1]);
});

test('customers have no business here', async () => {
  const customer = await site.asCustomer(anId());
  expect((await site.get('/admin/devices', customer)).status).toBe(403);
  expect((await site.get('/admin/devices')).status).toBe(401);
});
