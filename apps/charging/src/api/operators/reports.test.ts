import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bay, openBay, type Scene, stationOf } from '../../../test/bay.ts';
import { aDevice, anId } from '../../../test/builders.ts';
import { startSession } from '../../session/driving.ts';
import { toCsv } from './csv.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay({ env: { RECEIPT_TIME_ZONE: 'Asia/Ulaanbaatar' } });
});
afterAll(() => bay.close());

/** With a fresh token: hours pass here. */
const read = async (path: string, headers = {}) => await bay.get(path, { ...(await bay.asOperator()), ...headers });
const now = () => bay.runtime.clock();
const hour = 3_600;
const since = (at: Date) => `from=${at.toISOString()}&to=${now().toISOString()}`;

/** One for each: what it says has its own keys. */
const stations = new Map<string, ReturnType<typeof stationOf>>();

/** An hour that charges 300 Wh, then so many seconds with the cable in. */
async function aCharge(scene: Scene, waitsSec = 0) {
  const station = stations.get(scene.stationId) ?? stationOf(bay, scene);
  stations.set(scene.stationId, station);
  const { id, idToken, number } = await startSession(bay.deps, scene);
  await station.begin({ idToken });
  await station.say('Charging');
  bay.pass(hour);
  await station.end(String(number), 1_300n, { reason: 'Local' });
  bay.pass(waitsSec);
  await station.say('Available');
  await bay.settle();
  bay.pass(1);
  return id;
}

test('revenue is by the day where the business is, without what was given back', async () => {
  const scene = await bay.scene({ funds: 1_000_000n });
  // The test's clock begins at noon UTC, which is eight in the evening there.
  const from = now();
  await aCharge(scene);
  bay.pass(4 * hour);
  const second = await aCharge(scene);
  await aCharge(scene, 300 + 61);
  const refund = { key: 'refund-1', amount: 10, reason: 'a broken cable' };
  await bay.post(`/admin/sessions/${second}/refund`, refund, await bay.asOperator());

  const day = (n: number) => new Date(from.getTime() + (n * 24 + 8) * 3_600_000).toISOString().slice(0, 10);
  const path = `/admin/revenue?${since(from)}&deviceId=${scene.deviceId}`;
  const first = { currency: 'UAH', purchases: 1, energyKwh: 0.3, amount: 210, paid: 210, refunded: 0, revenue: 210 };
  expect((await read(path)).body).toEqual({
    items: [
      { day: day(0), ...first },
      { day: day(1), ...first, purchases: 2, energyKwh: 0.6, amount: 620, paid: 620, refunded: 10, revenue: 610 },
    ],
  });
  for (const csv of [await read(`${path}&format=csv`), await read(path, { accept: 'text/csv' })]) {
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.text).toBe(
      'day,currency,purchases,energyKwh,amount,paid,refunded,revenue\r\n' +
        `${day(0)},UAH,1,0.3,210,210,0,210\r\n${day(1)},UAH,2,0.6,620,620,10,610\r\n`,
    );
  }
});

test('utilisation tells how long each device was used, within the time that is asked about, and of the unused ones', async () => {
  const scene = await bay.scene({ funds: 1_000_000n });
  const idle = await aDevice(bay.deps.database);
  const from = now();
  await aCharge(scene, hour);
  const of = async (query: string, id: string) =>
    (await read(`/admin/utilisation?${query}`)).body.items.find(
      ({ deviceId }: { deviceId: string }) => deviceId === id,
    );
  expect(await of(since(from), scene.deviceId)).toMatchObject({
    sessions: 1,
    busySec: 2 * hour,
    chargingSec: hour,
    busyShare: 0.9999,
    energyKwh: 0.3,
  });
  expect(await of(since(from), idle.id)).toMatchObject({ sessions: 0, busySec: 0, busyShare: 0, energyKwh: 0 });
  const half = new Date(from.getTime() + 1.5 * 3_600_000);
  expect(await of(since(half), scene.deviceId)).toMatchObject({ sessions: 1, busySec: hour / 2, chargingSec: 0 });
  const csv = await read(`/admin/utilisation?${since(from)}&format=csv`);
  expect(csv.text).toContain(`${scene.deviceId},`);
});

test('devices come page by page, each once', async () => {
  const from = new Date(now().getTime() - 1_000);
  const seen: string[] = [];
  for (let after = ''; ; ) {
    const { body } = await read(`/admin/utilisation?${since(from)}&limit=1${after}`);
    seen.push(...body.items.map(({ deviceId }: { deviceId: string }) => deviceId));
    if (body.next === null) break;
    after = `&after=${body.next}`;
  }
  expect(seen.length).toBe(await bay.deps.prisma.device.count());
  expect(new Set(seen).size).toBe(seen.length);
});

test('what drivers say is listed with its average, by device, score and time', async () => {
  const scene = await bay.scene({ funds: 1_000_000n });
  const from = now();
  const ids: string[] = [];
  for (const score of [5, 4, 1]) {
    const id = await aCharge(scene);
    ids.unshift(id);
    const feedback = { score, description: `score ${score}` };
    await bay.post(`/api/purchases/${id}/feedback`, { feedback }, await bay.asCustomer(scene.customerId));
    bay.pass(1);
  }
  const { body } = await read(`/admin/feedback?deviceId=${scene.deviceId}`);
  expect(body).toMatchObject({ count: 3, average: 3.33, next: null });
  expect(body.scores).toEqual([1, 2, 3, 4, 5].map((score) => ({ score, count: [1, 4, 5].includes(score) ? 1 : 0 })));
  expect(body.items.map(({ purchaseId }: { purchaseId: string }) => purchaseId)).toEqual(ids);
  expect(body.items[0]).toMatchObject({
    deviceId: scene.deviceId,
    customerId: scene.customerId,
    description: 'score 1',
  });
  expect((await read(`/admin/feedback?deviceId=${scene.deviceId}&score=4`)).body).toMatchObject({
    count: 1,
    average: 4,
  });
  expect((await read(`/admin/feedback?deviceId=${anId()}`)).body).toMatchObject({ count: 0, average: null, items: [] });
  expect((await read(`/admin/feedback?deviceId=${scene.deviceId}&to=${from.toISOString()}`)).body.count).toBe(0);
});

test.each(['/admin/revenue', '/admin/utilisation', '/admin/feedback'])(
  '%s is operators’ business alone',
  async (path) => {
    const query = `?${since(new Date(now().getTime() - 1_000))}`;
    expect((await bay.get(path + query)).status).toBe(401);
    expect((await bay.get(path + query, await bay.asCustomer(anId()))).status).toBe(403);
    expect((await read(path + query)).status).toBe(200);
  },
);

test.each([
  '',
  '?from=2026-01-01T00:00:00Z',
  '?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  '?from=2025-01-01T00:00:00Z&to=2026-06-01T00:00:00Z',
  '?from=yesterday&to=today',
])('%s is no time', async (query) => {
  for (const path of ['/admin/revenue', '/admin/utilisation']) expect((await read(path + query)).status).toBe(400);
});

test('what is written on a device is no formula in a spreadsheet', () => {
  expect(
    toCsv(
      ['a', 'b'],
      [
        ['=1+1', 2],
        ['x,"y"', -3],
      ],
    ),
  ).toBe('a,b\r\n\'=1+1,2\r\n"x,""y""",-3\r\n');
});
