import type { Scenario, Station } from '@forecourt/local/stations';
import { until } from '@forecourt/testing';
import { afterAll, expect, test } from 'vitest';
import { aBay, anEnteredDevice, aPayingDriver, type Bay, stateOfDevice } from '../bay.ts';
import { operatorReads } from '../operator.ts';
import { gateway } from '../storefront-client.ts';
import { aDriver, type DriverRefusal, type SignedInDriver } from './app.ts';

/* Starting, ending and judging a charge, as the drivers' document prints it. */

interface Purchase {
  _id: string;
  deviceId: string;
  deviceNumber: string;
  state: string;
  energyWh: number;
  amount: number;
  feedback: { score: number; description: string } | null;
}

const stations: Station[] = [];
afterAll(async () => {
  await Promise.all(stations.map((station) => station.close()));
});

async function aFreeBay(scenario: Scenario = 'normal'): Promise<Bay> {
  const bay = await aBay({ scenario });
  stations.push(bay.station);
  return bay;
}

const appOf = ({ token }: SignedInDriver) => ({
  press: (id: string, what: 'start' | 'finish', prefix = '/api') =>
    gateway.post<{ id: string } & DriverRefusal>(`${prefix}/devices/${id}/${what}`, undefined, { bearer: token }),
  purchases: async (query = '', prefix = '/api') =>
    (await gateway.get<Purchase[]>(`${prefix}/purchases${query}`, { bearer: token })).body,
  say: (id: string, feedback: unknown, prefix = '/api') =>
    gateway.post<DriverRefusal>(`${prefix}/purchases/${id}/feedback`, { feedback }, { bearer: token }),
  receipt: (id: string, query = '') => gateway.get(`/api/purchases/${id}/receipt${query}`, { bearer: token }),
});

test('a device is started, finished and judged as the document prints it, under both paths', async () => {
  const { deviceId: id, number, station } = await aFreeBay();
  const app = appOf(await aPayingDriver(10_000));
  const started = await app.press(id, 'start');
  expect([started.status, started.text]).toEqual([200, '{}']);
  const isCharging = async () => ((await app.purchases())[0]?.energyWh ?? 0) > 0;
  await until(isCharging, { timeoutMs: 30_000 });

  const finished = await app.press(id, 'finish', '/api/v1');
  expect([finished.status, finished.body]).toEqual([200, { id: expect.stringMatching(/^[0-9a-f]{24}$/) }]);
  await until(() => station.charges.at(-1)?.flow === 'stopped', { timeoutMs: 20_000 });
  station.outlet().unplug();
  await until(async () => (await app.purchases())[0]?.state === 'finished', { timeoutMs: 20_000 });
  expect((await app.press(id, 'finish')).body).toEqual(finished.body);

  const purchaseId = finished.body.id;
  const first = await app.say(purchaseId, { score: 1, description: 'Муу' });
  expect([first.status, first.text]).toEqual([200, '{}']);
  const refused = [{ score: 0 }, { score: 6 }, { score: 4.5 }, { score: '5' }, { description: 'а'.repeat(2_001) }];
  for (const wrong of refused) {
    const { status, body } = await app.say(purchaseId, { score: 2, description: '', ...wrong });
    expect([status, body.error.code], JSON.stringify(wrong).slice(0, 40)).toEqual([400, 'validation_failed']);
  }
  const said = await app.say(purchaseId, { score: 5, description: 'Сайн' }, '/api/v1');
  expect([said.status, said.text]).toEqual([200, '{}']);
  const [purchase] = await app.purchases('?page=1&page-size=50', '/api/v1');
  expect(purchase).toMatchObject({
    _id: purchaseId,
    deviceId: id,
    deviceNumber: number,
    feedback: { score: 5, description: 'Сайн' },
  });
  expect(purchase?.amount).toBeCloseTo(((purchase?.energyWh ?? 0) * 700) / 1_000, 1);

  const page = await app.receipt(purchaseId);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text).toContain('Төлбөрийн баримт');
  expect(page.headers.get('content-security-policy')).toContain("style-src 'self' 'unsafe-inline'");
  const pdf = await app.receipt(purchaseId, '?format=pdf');
  expect([pdf.headers.get('content-type'), pdf.text.slice(0, 5)]).toEqual(['application/pdf', '%PDF-']);
});

test('who has too little is told how much is needed', async () => {
  const { deviceId: id } = await aFreeBay();
  const { status, body } = await appOf(await aDriver()).press(id, 'start');
  expect([status, body.error.code]).toEqual([402, 'insufficient_balance']);
  expect(body.error.message).toMatch(/\d/);
  await until(async () => (await stateOfDevice(id)) === 'Idle');
});

test('a device in use is busy, and its session is nobody else’s to end or to judge', async () => {
  const { deviceId: id } = await aFreeBay();
  const [app, other] = [appOf(await aPayingDriver(1_000)), appOf(await aPayingDriver(1_000))];
  await app.press(id, 'start');
  for (const whose of [app, other]) {
    const { status, body } = await whose.press(id, 'start');
    expect([status, body.error.code]).toEqual([409, 'device_busy']);
  }
  expect((await other.press(id, 'finish')).status).toBe(404);
  const { body } = await app.press(id, 'finish');
  expect((await other.say(body.id, { score: 1, description: '' })).status).toBe(404);
  expect((await other.receipt(body.id)).status).toBe(404);
});

test.each([
  ['that is not connected', anEnteredDevice, 503, 'device_offline'],
  ['that refuses', () => aFreeBay('refuses'), 409, 'device_busy'],
  ['that does not answer', () => aFreeBay('silent'), 504, 'device_timeout'],
] as const)('a device %s is a refusal, and nothing stays held', async (_what, made, status, code) => {
  const { deviceId: id } = await made();
  const driver = await aPayingDriver(1_000);
  const refused = await appOf(driver).press(id, 'start');
  expect([refused.status, refused.body.error.code]).toEqual([status, code]);
  const path = '/admin/ledger/holds?status=placed';
  const [session] = (await operatorReads<{ items: { customerId: string }[] }>(`/admin/sessions?deviceId=${id}`)).items;
  if (session) {
    const held = async () =>
      (await operatorReads<{ items: unknown[] }>(`${path}&customerId=${session.customerId}`)).items;
    await until(async () => (await held()).length === 0, { timeoutMs: 20_000 });
  }
  expect(await appOf(driver).purchases()).toEqual([]);
});

test('there is no such device, and nothing to finish or to judge', async () => {
  const nothing = '0'.repeat(24);
  const app = appOf(await aDriver());
  expect((await app.press(nothing, 'start')).body.error.code).toBe('device_not_found');
  expect((await app.press(nothing, 'finish')).status).toBe(404);
  expect((await app.say(nothing, { score: 5, description: '' })).body.error.code).toBe('purchase_not_found');
  expect((await app.say(nothing, { score: 6, description: '' })).status).toBe(400);
});
