import { type Station, startStation } from '@forecourt/local/stations';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestSystem, type TestSystem } from '../own-system.ts';
import { operatorBearer } from '../people.ts';
import { type HttpClient, httpClient } from '../storefront-client.ts';
import { aDriver, anInvoice, pressAt, type SignedInDriver } from './app.ts';
import { type Listener, listenAs } from './listener.ts';

/* What a driver's app is told, and may ask, from the start of a charge to its payment: over the broker and a real line to a
   station, with an identity that dies in the middle. */

const versions = ['1.6', '2.0.1'] as const;
const nameOf = (version: string) => `charge-${version}`;
const passwordOf = (version: string) => `the-password-of-${version}`;

interface Charging {
  purchaseId: string;
  deviceId: string;
  state: string;
  energyWh: number;
  durationSec: number;
  amount: number;
}

let system: TestSystem;
let client: HttpClient;
const devices = new Map<string, string>();
const stations = new Map<string, Station>();
beforeAll(async () => {
  system = await startTestSystem({ scale: { identity: 2 } });
  client = httpClient(system.gateway);
  const header = 'number,station,station_password,connector,longitude,latitude,price,waiting_price';
  const rows = versions.map(
    (version) => `${nameOf(version)},${nameOf(version)},${passwordOf(version)},1,106.9,47.9,700,100`,
  );
  const { body, text } = await client.post<{ created: number; rows: { number: string; deviceId: string }[] }>(
    '/admin/devices/import',
    [header, ...rows, ''].join('\n'),
    { ...(await operatorBearer(client)), headers: { 'content-type': 'text/csv' } },
  );
  expect(body.created, text).toBe(versions.length);
  for (const { number, deviceId } of body.rows) devices.set(number, deviceId);
  for (const version of versions) {
    const station = startStation({
      url: `${system.gateway.replace(/^http/, 'ws')}/ocpp`,
      identity: nameOf(version),
      password: passwordOf(version),
      version,
      switches: { powerW: 100_000, meterEveryMs: 400 },
    });
    stations.set(version, station);
    await station.ready(60_000);
  }
}, 240_000);
afterAll(async () => {
  await Promise.all([...stations.values()].map((station) => station.close()));
  await system?.stop();
}, 60_000);

const meOf = async ({ token }: Pick<SignedInDriver, 'token'>) =>
  (await client.post<SignedInDriver & { device?: object }>('/api/user/me', undefined, { bearer: token })).body;
const deviceById = async (id: string) => {
  const box = 'bottom-left-longitude=106&bottom-left-latitude=47&upper-right-longitude=107&upper-right-latitude=48';
  const { body } = await client.get<{ _id: string; state: string }[]>(`/api/devices/by-location?${box}`);
  return body.find(({ _id }) => _id === id);
};

const told = <Data>(app: Listener, name: string): Data[] =>
  app.heard.flatMap(({ data }) => (data as Record<string, Data>)[name] ?? []);
const chargingTo = (app: Listener) => told<Charging>(app, 'charging');
const hasHeard = (app: Listener, state: string) => chargingTo(app).some((charging) => charging.state === state);
const bareTo = <Data>(app: Listener, name: string): Data[] =>
  app.heard.flatMap(({ subject, data }) => (subject.endsWith(`.${name}`) ? [data as Data] : []));

describe.each(versions)('a driver at a station of OCPP %s', (version) => {
  test('hears the charge, its end, its payment and the device, each in order, and nobody else does', async () => {
    const station = stations.get(version) as Station;
    const deviceId = devices.get(nameOf(version)) as string;
    const driver = await aDriver(client);
    await pressAt(await anInvoice(driver, 10_000, client), 'pay');
    const balance = async () => (await meOf(driver)).profile.balance;
    await until(async () => (await balance()) === 10_000, { timeoutMs: 20_000 });
    await until(async () => (await deviceById(deviceId))?.state === 'Idle', { timeoutMs: 20_000 });
    const other = await aDriver(client);
    // Each look at the account brought another way in, and only the newest few of them lead in.
    const me = await meOf(driver);
    expect(me.device).toBeUndefined();
    const [app, others] = [await listenAs(me.nats), await listenAs(other.nats)];

    const start = await client.post(`/api/devices/${deviceId}/start`, {}, { bearer: driver.token });
    expect([start.status, start.text]).toEqual([200, '{}']);
    await until(() => hasHeard(app, 'charging'), { timeoutMs: 20_000 });
    expect((await meOf(driver)).device).toEqual({
      _id: deviceId,
      deviceNumber: nameOf(version),
      location: [106.9, 47.9],
      price: 700,
      waitingPrice: 100,
    });
    const [name] = system.instances.filter(({ service }) => service === 'identity').map(({ name }) => name);
    system.program(name as string).kill('SIGKILL');
    const before = chargingTo(app).length;
    await until(() => chargingTo(app).length > before + 2, { timeoutMs: 30_000 });

    const finish = await client.post<{ id: string }>(`/api/devices/${deviceId}/finish`, {}, { bearer: driver.token });
    expect(finish.status, finish.text).toBe(200);
    await until(() => station.charges.at(-1)?.flow === 'stopped', { timeoutMs: 20_000 });
    station.outlet().unplug();
    await until(() => bareTo(app, 'PAYMENT').length > 0, { timeoutMs: 30_000 });
    await until(() => told<{ state: string }>(app, 'device').at(-1)?.state === 'Idle', { timeoutMs: 20_000 });

    const all = chargingTo(app);
    expect(new Set(all.map((one) => `${one.purchaseId} ${one.deviceId}`))).toEqual(
      new Set([`${finish.body.id} ${deviceId}`]),
    );
    const states = all.map(({ state }) => state);
    const order = ['starting', 'charging', 'waiting', 'finished'];
    expect(states).toEqual(states.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(states.filter((state) => state === 'finished')).toHaveLength(1);
    const energies = all.map(({ energyWh }) => energyWh);
    expect(energies).toEqual(energies.toSorted((a, b) => a - b));
    const last = all.at(-1) as Charging;
    expect(last.energyWh).toBe(station.charges.at(-1)?.energyWh);
    expect(last.energyWh).toBeGreaterThan(0);
    expect(bareTo(app, 'PAYMENT')).toEqual([{ status: 'success', amount: last.amount }]);
    expect(bareTo<{ energy: number; amount: number }>(app, 'CHARGING').at(-1)).toMatchObject({
      energy: last.energyWh,
      amount: last.amount,
    });
    expect(told<{ id: string; state: string }>(app, 'device')).toEqual([
      { id: deviceId, state: 'Busy' },
      { id: deviceId, state: 'Idle' },
    ]);
    await until(async () => (await meOf(driver)).device === undefined, { timeoutMs: 20_000 });
    // Asked of payments, or when that takes its time what it last told.
    const left = 1_000_000 - Math.round(last.amount * 100);
    await until(async () => Math.round((await balance()) * 100) === left, { timeoutMs: 20_000 });
    expect(others.heard).toEqual([]);
    await Promise.all([app.connection.close(), others.connection.close()]);
  }, 180_000);
});
