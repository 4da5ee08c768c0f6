import { randomBytes, randomUUID } from 'node:crypto';
import { type Station, startStation } from '@forecourt/local/stations';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBay, type Bay, payIn } from '../bay.ts';
import { aDriver, e164, type SignedInDriver } from '../driver/app.ts';
import { operate, operatorReads, operatorTries } from '../operator.ts';
import { type HttpClient, httpClient } from '../storefront-client.ts';
import { type OverheardSystem, overhearing, type Piece, startOverheardSystem } from './eavesdropper.ts';
import { openSecretBook } from './secret-book.ts';

/** What lets a station in, what lets a driver start at one, and who that is. */
const { keep, of, found } = openSecretBook();

const versions = ['1.6', '2.0.1'] as const;
const stationSecret = `canary-station-secret-${randomBytes(12).toString('hex')}`;
const aCardToken = () => randomBytes(7).toString('hex').toUpperCase();

let overheard: OverheardSystem;
let client: HttpClient;
let said: Piece[];
const refusals: string[] = [];
const stations: Station[] = [];

beforeAll(async () => {
  overheard = await startOverheardSystem({ STATION_SECRET: stationSecret, STATIONS_UNKNOWN: 'pending' });
  client = overhearing(httpClient(overheard.system.gateway), refusals);
  keep('secret of all stations', stationSecret);
  for (const version of versions) {
    const bay = await aBay({ version, client, origin: overheard.system.gateway });
    stations.push(bay.station);
    keep('password of a station', bay.password);
    const driver = await aRichDriver();
    await chargeByApp(bay, driver);
    await chargeByCard(bay, driver);
    await stammer(bay);
    await changePasswords(bay);
    await knockWrongly(bay);
  }
  await misplace();
  await Promise.all(stations.map((station) => station.close()));
  said = await overheard.everything();
}, 300_000);
afterAll(async () => {
  await Promise.all(stations.map((station) => station.close()));
  await overheard?.stop();
}, 60_000);

/**
 * For a minute and more at full power: a station of 2.0.1 says with how much it begins, and until its next reading it is
 * taken to have a minute between them. Who cannot pay for that is stopped, unless the reading is there before.
 */
async function aRichDriver(): Promise<SignedInDriver> {
  const driver = await aDriver(client);
  await payIn(driver, 10_000, client);
  keep('token of an app', driver.token);
  keep('password of a topic', driver.nats.pass);
  keep('phone of a driver', e164(driver.profile.phone).slice(1));
  return driver;
}

async function leave({ station }: Bay): Promise<void> {
  await until(() => station.charges.at(-1)?.flow === 'stopped');
  station.outlet().unplug();
  await station.settled();
}

async function chargeByApp(bay: Bay, { token }: SignedInDriver): Promise<void> {
  const press = async (what: 'start' | 'finish') => {
    const path = `/api/devices/${bay.deviceId}/${what}?token=${token}`;
    const { status, text } = await client.post(path, undefined, { bearer: token });
    expect(status, text).toBe(200);
  };
  await press('start');
  await until(() => (bay.station.charges.at(-1)?.energyWh ?? 0) > 20);
  await press('finish');
  await leave(bay);
  const finished = async () => {
    const purchases = await client.get<{ state: string }[]>('/api/purchases', { bearer: token });
    return purchases.body[0]?.state === 'finished';
  };
  await until(finished, { timeoutMs: 30_000 });
}

async function chargeByCard(bay: Bay, driver: SignedInDriver): Promise<void> {
  const token = aCardToken();
  keep('card', token);
  const search = encodeURIComponent(e164(driver.profile.phone));
  const { items } = await operatorReads<{ items: { id: string }[] }>(`/admin/customers?search=${search}`, client);
  const { id } = await operate<{ id: string }>('post', '/admin/cards', { token, customerId: items[0]?.id }, client);
  const before = bay.station.charges.length;
  expect(await bay.station.presentCard(token)).toBe(true);
  await until(() => (bay.station.charges[before]?.energyWh ?? 0) > 20);
  await bay.station.presentCard(token);
  await leave(bay);
  await operate('patch', `/admin/cards/${id}`, { blocked: true }, client);
  expect(await bay.station.presentCard(token)).toBe(false);
  const strange = aCardToken();
  keep('card', strange);
  expect(await bay.station.presentCard(strange)).toBe(false);
  expect((await operatorTries('post', '/admin/cards', { token, customerId: token }, client)).status).toBe(400);
  await operatorReads(`/admin/cards?token=${token}`, client);
}

/** What is nearly a message, or nearly the right one. */
async function stammer({ station }: Bay): Promise<void> {
  const [card = ''] = of('card').slice(-1);
  const payload = { idTag: card, idToken: { idToken: card, type: 'ISO14443' } };
  for (const frame of [
    `[2,"broken","Authorize",{"idTag":"${card}"`,
    JSON.stringify([2, 'unknown', 'Authorise', payload]),
    JSON.stringify([2, 'wrong', 'Authorize', { idTag: [card], idToken: card }]),
    JSON.stringify([2, 'late', 'StartTransaction', { ...payload, connectorId: 'one', meterStart: card }]),
    JSON.stringify([2, 'event', 'TransactionEvent', { ...payload, eventType: card, seqNo: card }]),
    JSON.stringify([3, card, { idTag: card }]),
    JSON.stringify([4, card, card, card, {}]),
  ]) {
    station.line.send(frame);
  }
  await station.call('Heartbeat', {});
}

async function changePasswords(bay: Bay): Promise<void> {
  const { station, stationId } = bay;
  const path = `/admin/stations/${stationId}`;
  await operate('post', `${path}/password`, { over: 'line' }, client);
  await until(() => station.password !== undefined && station.password !== bay.password);
  keep('password of a station', station.password);
  station.cut();
  await station.ready(30_000);
  const key = station.version === '1.6' ? 'AuthorizationKey' : 'SecurityCtrlr.BasicAuthPassword';
  const wish = { action: 'setConfiguration', key, value: station.password };
  expect((await operatorTries('post', `${path}/commands`, wish, client)).status).toBe(400);
  await operate('post', `${path}/commands`, { action: 'getConfiguration', keys: [key] }, client);
  const { password } = await operate<{ password: string }>('post', `${path}/password`, { over: 'hand' }, client);
  keep('password of a station', password);
}

/** Before somebody has typed the new password in, as somebody else, and as nobody whom we know. */
async function knockWrongly({ identity, password }: Bay): Promise<void> {
  const own = randomUUID();
  keep('password of a station', own);
  const url = `${overheard.system.gateway.replace(/^http/, 'ws')}/ocpp`;
  const turnedAway = async (name: string, shown: string, headers = {}) => {
    const station = startStation({ url, identity: name, password: shown, headers });
    try {
      await until(() => station.line.refusals.length > 0);
    } finally {
      await station.close();
    }
  };
  await turnedAway(identity, password);
  await turnedAway(identity, own, { 'x-password': own, cookie: `password=${own}` });
  const unknown = startStation({ url, identity: randomUUID(), password: own });
  stations.push(unknown);
  await until(() => unknown.line.open);
  await client.get(`/ocpp/${identity}?password=${own}`, { headers: { authorization: `Basic ${btoa(`x:${own}`)}` } });
}

/** Everything where it does not belong. */
async function misplace(): Promise<void> {
  for (const secret of [...of('password of a station'), ...of('card')]) {
    await operatorTries('post', '/admin/stations', { identity: [secret], password: secret }, client);
    await operatorTries('post', '/admin/stations', { identity: randomUUID(), password: [secret] }, client);
    await operatorTries('post', '/admin/stations', `{"identity":"x","password":"${secret}`, client);
    await operatorTries('post', '/admin/cards', { token: [secret], customerId: secret }, client);
    await client.get(`/admin/cards?token=${secret}`, { bearer: secret });
    await client.post(`/api/devices/${'0'.repeat(24)}/start?idTag=${secret}`, { idTag: secret }, { bearer: secret });
  }
}

const from = (kind: string) => said.filter(({ where }) => where.startsWith(`${kind} `));
const kinds = (...names: string[]) => ({
  in: (pieces: readonly Piece[], allowed: (kind: string, piece: Piece) => boolean = () => false) =>
    found(pieces, (kind, piece) => !names.includes(kind) || allowed(kind, piece)).slice(0, 20),
});

test('everything was said, and listened to', () => {
  for (const [kind, least] of Object.entries({
    'secret of all stations': 1,
    'password of a station': 8,
    card: 4,
    'token of an app': 2,
    'password of a topic': 2,
    'phone of a driver': 2,
  })) {
    expect(of(kind).length, kind).toBeGreaterThanOrEqual(least);
  }
  expect(refusals.length).toBeGreaterThan(30);
  expect(from('trace').length).toBeGreaterThan(2);
  const tables = ['session', 'card', 'frame', 'station', 'command', 'station_event', 'suspect_call', 'outbox'];
  for (const table of tables)
    expect(from('table').filter(({ where }) => where === `table charging.${table}`).length, table).toBeGreaterThan(0);
  expect(from('nats').some(({ where }) => where.includes('charging.session.metered'))).toBe(true);
  // What is looked for can be found: frames are kept as they were.
  expect(
    kinds('card')
      .in(from('table'))
      .some((line) => line.startsWith('card in table charging.frame')),
  ).toBe(true);
});

test.each(['log', 'trace', 'metrics'])('no %s says a secret, a card, or who drives', (kind) => {
  expect(found(from(kind)).slice(0, 20)).toEqual([]);
});

test('no password is kept anywhere, nor told to anybody: not in frames, not in commands, not in what was suspect', () => {
  const passwords = kinds('secret of all stations', 'password of a station', 'token of an app', 'password of a topic');
  expect(passwords.in(from('table'))).toEqual([]);
  const exchange = (kind: string, { where }: Piece) =>
    kind === 'token of an app' && where.includes('identity.token.exchange');
  expect(passwords.in(from('nats'), exchange)).toEqual([]);
});

test('cards are charging’s alone: no event tells of one, and no other service has one', () => {
  expect(kinds('card').in(from('nats'))).toEqual([]);
  const others = from('table').filter(({ where }) => !where.startsWith('table charging.'));
  expect(kinds('card').in(others)).toEqual([]);
  const told = from('table').filter(({ where }) => where === 'table charging.outbox');
  expect(kinds('card').in(told)).toEqual([]);
});

test('charging knows nobody: no phone is in its tables or its events', () => {
  const own = from('table').filter(({ where }) => where.startsWith('table charging.'));
  const events = from('nats').filter(({ where }) => where.includes('charging.'));
  expect(events.length).toBeGreaterThan(0);
  expect(kinds('phone of a driver').in([...own, ...events])).toEqual([]);
});

test('no refusal says one', () => {
  expect(found(refusals.map((text) => ({ where: 'an answer', text }))).slice(0, 20)).toEqual([]);
});
