import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../../test/bay.ts';
import { anId } from '../../../test/builders.ts';
import { startSession } from '../../session/driving.ts';

let bay: Bay;
let staff: Record<string, string>;
beforeAll(async () => {
  bay = await openBay();
  staff = await bay.asOperator();
});
afterAll(() => bay.close());

async function aCharge() {
  const scene = await bay.scene();
  const station = stationOf(bay, scene);
  const { id, idToken, number } = await startSession(bay.deps, scene);
  await station.begin({ idToken });
  await station.meter(1_200n, { transactionId: String(number) });
  const end = async () => {
    await station.end(String(number), 1_300n, { reason: 'EVDisconnected' });
    await bay.settle();
  };
  const at = (rest = '') => `/admin/sessions/${id}${rest}`;
  return { ...scene, id, number, station, end, at };
}
const list = async (query: string) => {
  const { status, body } = await bay.get(`/admin/sessions${query}`, staff);
  return status === 200 ? body.items.map(({ id }: { id: string }) => id) : status;
};

test('operators see a session as it is, with its money', async () => {
  const charge = await aCharge();
  expect((await bay.get(charge.at(), staff)).body).toMatchObject({
    id: charge.id,
    number: charge.number,
    state: 'charging',
    origin: 'app',
    customerId: charge.customerId,
    deviceId: charge.deviceId,
    transactionId: String(charge.number),
    price: 700,
    waitingPrice: 100,
    energyWh: 200,
    amount: 140,
    held: 500,
    paid: 0,
    unpaid: 0,
    endedAt: null,
    portions: [{ n: 1, kind: 'hold', key: `session:${charge.id}:1`, amount: 500, status: 'placed' }],
    refunds: [],
  });
  await charge.end();
  expect((await bay.get(charge.at(), staff)).body).toMatchObject({
    state: 'finished',
    reason: 'EVDisconnected',
    amount: 210,
    paid: 210,
    held: 0,
    portions: [{ status: 'captured', captured: 210 }],
  });
  const { items } = (await bay.get(charge.at('/readings'), staff)).body;
  expect(items).toMatchObject([{ registerWh: 1_200, raw: [{ value: '1200' }] }]);
});

test('what a customer could not pay is to be seen, and to be found', async () => {
  const scene = await bay.scene({ funds: 20_000n });
  const station = stationOf(bay, scene);
  const { id, idToken, number } = await startSession(bay.deps, scene);
  await station.begin({ idToken });
  await station.end(String(number), 1_300n, { reason: 'EVDisconnected' });
  await bay.settle();
  expect((await bay.get(`/admin/sessions/${id}`, staff)).body).toMatchObject({ paid: 200, unpaid: 10, flag: 'unpaid' });
  expect(await list(`?flag=unpaid&customerId=${scene.customerId}`)).toEqual([id]);
  expect(await list(`?flag=any&customerId=${scene.customerId}`)).toEqual([id]);
  expect(await list(`?flag=silent&customerId=${scene.customerId}`)).toEqual([]);
});

test('they are found by whose, where, when and how they are', async () => {
  bay.pass(1);
  const one = await aCharge();
  bay.pass(1);
  const other = await aCharge();
  await one.end();
  const from = new Date(bay.runtime.clock().getTime() + 60_000).toISOString();
  expect(await list(`?customerId=${one.customerId}`)).toEqual([one.id]);
  expect(await list(`?deviceId=${other.deviceId}`)).toEqual([other.id]);
  expect(await list(`?stationId=${other.stationId}&state=charging&origin=app`)).toEqual([other.id]);
  expect(await list(`?stationId=${other.stationId}&state=finished`)).toEqual([]);
  expect(await list(`?stationId=${other.stationId}&from=${from}`)).toEqual([]);
  expect(await list(`?stationId=${other.stationId}&to=${from}`)).toEqual([other.id]);
  const first = await list('?limit=1');
  expect(first).toEqual([other.id]);
  expect(await list(`?limit=1&after=${other.id}`)).toEqual([one.id]);
});

test('an operator asks its station to stop, or settles what will not end by what is known', async () => {
  const [asked, settled] = [await aCharge(), await aCharge()];
  expect((await bay.post(asked.at('/finish'), undefined, staff)).body).toMatchObject({ state: 'charging' });
  await bay.settle();
  expect(bay.asked.at(-1)).toEqual({
    stationId: asked.stationId,
    wish: { action: 'remoteStop', transactionId: String(asked.number) },
  });
  expect((await bay.post(settled.at('/finish'), { settle: true }, staff)).body).toMatchObject({
    state: 'finished',
    energyWh: 200,
    amount: 140,
    reason: 'operator',
  });
  await bay.settle();
  expect(bay.wallets.balance(settled.customerId)).toBe(100_000n - 14_000n);
  const stops = () =>
    bay.asked.filter((one) => one.stationId === settled.stationId && one.wish.action === 'remoteStop');
  await until(() => stops().length === 1);
  const again = await bay.post(settled.at('/finish'), { settle: true }, staff);
  expect(again.status).toBe(409);
  expect(
    await bay.deps.prisma.stationEvent.findMany({ where: { stationId: settled.stationId, kind: 'session.ended' } }),
  ).toMatchObject([{ detail: { sessionId: settled.id, settle: true }, operatorId: expect.any(String) }]);
});

test('an operator gives back of what was paid, once for each intention', async () => {
  const charge = await aCharge();
  const key = `refund-${anId()}`;
  const refund = (amount: number, reason = 'a broken cable') =>
    bay.post(charge.at('/refund'), { key, amount, reason }, staff);
  expect((await refund(10)).status).toBe(409);
  await charge.end();
  const { status, body } = await refund(10.5);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    paid: 210,
    refunded: 10.5,
    refunds: [{ key, amount: 10.5, reason: 'a broken cable', status: 'done' }],
  });
  expect((await refund(10.5)).body).toEqual(body);
  expect((await refund(11)).status).toBe(409);
  expect(bay.wallets.balance(charge.customerId)).toBe(100_000n - 21_000n + 1_050n);
});

test.each([
  { key: 'short', amount: 1, reason: 'because' },
  { key: 'long enough', amount: 1, reason: 'because' },
  { key: 'refund-12', amount: 0, reason: 'because' },
  { key: 'refund-12', amount: 1.005, reason: 'because' },
  { key: 'refund-12', amount: 1 },
])('%j is no refund', async (body) => {
  const charge = await aCharge();
  await charge.end();
  expect((await bay.post(charge.at('/refund'), body, staff)).status).toBe(400);
});

test('sessions are operators’ business alone, and unknown ones nobody’s', async () => {
  const charge = await aCharge();
  const theirs = await bay.asCustomer(charge.customerId);
  for (const path of ['/admin/sessions', charge.at(), charge.at('/readings')]) {
    expect([(await bay.get(path)).status, (await bay.get(path, theirs)).status]).toEqual([401, 403]);
  }
  for (const rest of ['/finish', '/refund']) {
    expect([
      (await bay.post(charge.at(rest), {})).status,
      (await bay.post(charge.at(rest), {}, theirs)).status,
    ]).toEqual([401, 403]);
  }
  const nobody = `/admin/sessions/${anId()}`;
  expect((await bay.get(nobody, staff)).status).toBe(404);
  expect((await bay.get(`${nobody}/readings`, staff)).status).toBe(404);
  expect((await bay.post(`${nobody}/finish`, {}, staff)).status).toBe(404);
  expect((await bay.post(`${nobody}/refund`, { key: 'refund-12', amount: 1, reason: 'none' }, staff)).status).toBe(404);
});
