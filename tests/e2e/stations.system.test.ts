import { type Scenario, type Station, scenarios, startStation } from '@forecourt/local/stations';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { anInvoice, pressAt } from './driver/app.ts';
import { operatorReads } from './operator.ts';
import { startTestSystem, type TestSystem } from './own-system.ts';
import { aCustomer, operatorBearer, type Person } from './people.ts';
import { type HttpClient, httpClient } from './storefront-client.ts';

/* Stations of both versions, difficult in every way that we know, against the whole system: a driver starts each of them, and
   what is billed is held against the book that the station itself keeps. */

const versions = ['1.6', '2.0.1'] as const;
const names = Object.keys(scenarios) as Scenario[];
const cases = versions.flatMap((version) =>
  names.map((scenario) => ({ version, scenario, identity: `${version === '1.6' ? 'old' : 'new'}-${scenario}` })),
);
const priceOfKwh = 10;
const paidIn = 30_000;

interface Purchase {
  _id: string;
  deviceNumber: string;
  state: string;
  energyWh: number;
  amount: number;
}

interface Outcome {
  readonly station: Station;
  /** Of the wish to start. */
  readonly status: number;
  readonly purchases: Purchase[];
}

let system: TestSystem;
let client: HttpClient;
let driver: Person;
const outcomes = new Map<string, Outcome>();
const outcomeOf = (identity: string): Outcome => outcomes.get(identity) as Outcome;
const passwordOf = (identity: string) => `${identity}-of-these-tests`;
const isOver = ({ state }: Purchase) => state === 'finished' || state === 'failed';

async function addDevices(): Promise<Map<string, string>> {
  const header = 'number,station,station_password,connector,longitude,latitude,price,waiting_price';
  const rows = cases.map(
    ({ identity }) => `${identity},${identity},${passwordOf(identity)},1,106.9,47.9,${priceOfKwh},1`,
  );
  const { bearer } = await operatorBearer(client);
  const headers = { 'content-type': 'text/csv' };
  const file = [header, ...rows, ''].join('\n');
  const { body, text } = await client.post<{ created: number; rows: { number: string; deviceId: string }[] }>(
    '/admin/devices/import',
    file,
    { bearer, headers },
  );
  expect(body.created, text).toBe(cases.length);
  return new Map(body.rows.map(({ number, deviceId }) => [number, deviceId]));
}

const purchases = async (): Promise<Purchase[]> =>
  (await client.get<Purchase[]>('/api/purchases?page-size=100', driver.auth)).body;
const holds = async () => {
  const path = `/admin/ledger/holds?status=placed&customerId=${driver.customer.id}`;
  return (await operatorReads<{ items: unknown[] }>(path, client)).items;
};

/** A driver starts it, waits for what happens to it, ends it if nobody has, and drives off. */
async function drive(station: Station, deviceId: string): Promise<number> {
  const { status } = await client.post(`/api/devices/${deviceId}/start`, undefined, driver.auth);
  const lastMs = Math.max(0, ...station.switches.incidents.map(({ afterMs }) => afterMs));
  const begun = await until(() => station.charges.length > 0, { timeoutMs: 25_000 }).catch(() => false);
  if (!begun) return status;
  const over = performance.now() + lastMs + 2_000;
  await until(() => performance.now() > over, { timeoutMs: lastMs + 20_000 });
  await client.post(`/api/devices/${deviceId}/finish`, undefined, driver.auth);
  const isStopped = () => station.charges.at(-1)?.flow === 'stopped';
  await until(isStopped, { timeoutMs: 2_000 }).catch(() => station.outlet().stop('Local'));
  station.outlet().unplug();
  await station.settled(30_000);
  return status;
}

beforeAll(async () => {
  system = await startTestSystem({ env: { PLUG_IN_SECONDS: '10' } });
  client = httpClient(system.gateway);
  driver = await aCustomer({}, client);
  for (let paid = 0; paid < paidIn; paid += 10_000) {
    await pressAt(await anInvoice({ token: driver.auth.bearer }, 10_000, client), 'pay');
  }
  const ids = await addDevices();
  const url = `${system.gateway.replace(/^http/, 'ws')}/ocpp`;
  const driven = cases.map(async ({ version, scenario, identity }) => {
    const options = { url, identity, version, scenario, password: passwordOf(identity) };
    const station = startStation({ ...options, switches: { powerW: 100_000, meterEveryMs: 500 } });
    outcomes.set(identity, { station, status: 0, purchases: [] });
    await station.ready(60_000).catch(() => {});
    const deviceId = ids.get(identity) ?? '';
    const isIdle = async () => {
      const box = 'bottom-left-longitude=106&bottom-left-latitude=47&upper-right-longitude=107&upper-right-latitude=48';
      const { body } = await client.get<{ _id: string; state: string }[]>(`/api/devices/by-location?${box}`);
      return body.some((device) => device._id === deviceId && device.state === 'Idle');
    };
    await until(isIdle, { timeoutMs: 30_000 });
    outcomes.set(identity, { station, status: await drive(station, deviceId), purchases: [] });
  });
  await Promise.all(driven);
  const patience = { timeout: 120_000, interval: 500 };
  await vi.waitFor(async () => expect((await purchases()).filter((one) => !isOver(one))).toEqual([]), patience);
  await vi.waitFor(async () => expect(await holds()).toEqual([]), patience);
  for (const purchase of await purchases()) outcomeOf(purchase.deviceNumber).purchases.push(purchase);
}, 600_000);
afterAll(async () => {
  await Promise.all([...outcomes.values()].map(({ station }) => station.close()));
  await system?.stop();
}, 60_000);

/** What a station did not let anybody know, nobody can bill. */
const hidden: Partial<Record<Scenario, string>> = {
  'meter-reset': 'what flowed between the last reading and the reset',
  'rolls-over': 'what flowed between the last reading and the end of the register',
  'start-lost': 'where the register stood at the start',
};
const neverBegin: Partial<Record<Scenario, number>> = { 'never-plugs-in': 200, refuses: 409, silent: 504 };

describe.each(cases)('a station of OCPP $version, $scenario,', ({ version, scenario, identity }) => {
  test('is billed once, for what its own book says', () => {
    const { station, status, purchases: made } = outcomeOf(identity);
    const billed = made.map(({ energyWh }) => energyWh);
    expect(station.complaints).toEqual([]);
    expect(status).toBe(neverBegin[scenario] ?? 200);
    if (scenario in neverBegin || (scenario === 'start-lost' && version === '1.6')) return expect(billed).toEqual([]);
    const [charge] = station.charges;
    expect(station.charges).toHaveLength(1);
    expect(billed).toHaveLength(1);
    if (scenario in hidden) expect(billed[0]).toBeLessThanOrEqual(charge?.energyWh ?? 0);
    else expect(billed[0]).toBe(charge?.energyWh);
    expect(billed[0]).toBeGreaterThan(0);
    expect(made[0]?.amount).toBeCloseTo(((billed[0] ?? 0) * priceOfKwh) / 1000, 1);
  });
});

test('what was billed has left the wallet, and nothing else', async () => {
  const spent = (await purchases()).reduce((sum, { amount }) => sum + Math.round(amount * 100), 0);
  const path = `/admin/ledger/accounts?customerId=${driver.customer.id}`;
  const { items } = await operatorReads<{ items: { kind: string; balance: number }[] }>(path, client);
  const wallet = items.find(({ kind }) => kind === 'wallet');
  expect(Math.round((wallet?.balance ?? 0) * 100)).toBe(paidIn * 100 - spent);
});
