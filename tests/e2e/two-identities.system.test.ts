import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@forecourt/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anotherCode, askForCode, codeIn, enterCode } from './codes.ts';
import { signatureOf } from './device.ts';
import { anApp, confirm, resubmit, submit } from './mobile-app.ts';
import { startTestSystem, type TestSystem } from './own-system.ts';
import { aCustomer, aPhone } from './people.ts';
import { type SmsGateway, startSmsGateway } from './sms-gateway.ts';
import { type HttpClient, httpClient } from './storefront-client.ts';

let system: TestSystem;
let sms: SmsGateway;
let tables: pg.Client;
let client: HttpClient;
/** Both processes of identity, past the gateway. */
let both: HttpClient[];

beforeAll(async () => {
  sms = await startSmsGateway();
  const env = async ({ name }: { name: string }) => ({
    MESSAGE_PROVIDERS: sms.settings(name),
    CODE_COOLDOWN_SECONDS: '2,600',
  });
  system = await startTestSystem({ scale: { identity: 2 }, env });
  client = httpClient(system.gateway);
  both = system.instances.filter(({ service }) => service === 'identity').map(({ url }) => httpClient(url));
  expect(both).toHaveLength(2);
  tables = new pg.Client({ connectionString: system.databaseUrl('identity') });
  await tables.connect();
}, 180_000);
afterAll(async () => {
  await tables?.end();
  await system?.stop();
  await sms?.close();
}, 60_000);

const codesTo = (phone: string) => sms.calls.filter(({ to }) => to === phone).flatMap((call) => codeIn(call) ?? []);
const codeTo = (phone: string, count = 1) =>
  until(() => (codesTo(phone).length >= count ? codesTo(phone).at(-1) : undefined));

/** At once, the one half to one process and the other half to the other. */
const fromBothSides = <T>(times: number, ask: (process: HttpClient, nth: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, nth) => ask(both[nth % 2] as HttpClient, nth)));

const statusesOf = (answers: readonly { status: number }[]) =>
  Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, { length }]) => [status, length]));

const rows = async <Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> =>
  (await tables.query<Row>(text, values)).rows;

describe('guesses from both sides', () => {
  test('forty wrong ones at once use up the tries and no more; the right one is worth nothing after them', async () => {
    const asked = await askForCode(client);
    const code = await codeTo(asked.phone);
    const guesses = await fromBothSides(40, (process, nth) => enterCode(asked, anotherCode(code, nth + 1), process));
    expect(statusesOf(guesses)).toEqual({ 400: 40 });
    expect(await rows('SELECT tries, max_tries FROM code_request WHERE id = $1', asked.requestId)).toEqual([
      { tries: 5, max_tries: 5 },
    ]);
    for (const process of [...both, client]) expect((await enterCode(asked, code, process)).status).toBe(400);
    expect(await rows('SELECT FROM customer WHERE phone = $1', asked.phone)).toEqual([]);
  });

  test('the right one among them is taken only when it is among the first five', async () => {
    for (let round = 0; round < 3; round += 1) {
      const asked = await askForCode(client);
      const code = await codeTo(asked.phone);
      const guesses = await fromBothSides(20, (process, nth) =>
        enterCode(asked, nth === 3 ? code : anotherCode(code, nth + 1), process),
      );
      const [request] = await rows<{ tries: number; accepted: boolean }>(
        'SELECT tries, accepted_at IS NOT NULL AS accepted FROM code_request WHERE id = $1',
        asked.requestId,
      );
      const accepted = guesses.filter(({ status }) => status === 201).length;
      expect([request?.accepted, accepted]).toEqual(request?.accepted ? [true, 1] : [false, 0]);
      expect(request?.tries).toBeLessThanOrEqual(5);
      expect(guesses.every(({ status }) => [201, 400, 404].includes(status))).toBe(true);
    }
  });

  test('tries are not given back by a resend', async () => {
    const phone = aPhone();
    const { id } = (await submit(phone, client)).body;
    const first = await codeTo(phone);
    await fromBothSides(4, (process, nth) => confirm(id, anotherCode(first, nth + 1), process));
    await until(async () => (await resubmit(id, client)).status === 200);
    const second = await codeTo(phone, 2);
    const statuses = await fromBothSides(6, (process, nth) => confirm(id, anotherCode(second, nth + 1), process));
    expect(statusesOf(statuses)).toEqual({ 400: 6 });
    expect((await confirm(id, second, client)).body).toMatchObject({ code: -10008 });
    expect(await rows('SELECT tries FROM code_request WHERE short_id = $1', id)).toEqual([{ tries: 5 }]);
  });
});

test('the right code twenty times at once is one customer, one session and one event', async () => {
  const asked = await askForCode(client);
  const code = await codeTo(asked.phone);
  const answers = await fromBothSides(20, (process) => enterCode(asked, code, process));
  // Five tries: who comes later finds them used up, or the request finished.
  const { 201: accepted, ...refused } = statusesOf(answers);
  expect(accepted).toBe(1);
  expect(Object.keys(refused).every((status) => status === '400' || status === '404')).toBe(true);
  const [person] = await rows<{ id: string }>('SELECT id FROM customer WHERE phone = $1', asked.phone);
  expect(answers.find(({ status }) => status === 201)?.body.customer.id).toBe(person?.id);
  expect(await rows('SELECT FROM session WHERE customer_id = $1', person?.id)).toHaveLength(1);
  const told = await rows<{ subject: string }>(
    'SELECT subject FROM outbox WHERE aggregate_id = $1 ORDER BY aggregate_version',
    person?.id,
  );
  expect(told.map(({ subject }) => subject)).toEqual([
    'identity.customer.registered.v1',
    'identity.customer.phone-verified.v1',
  ]);
});

test('a code that is entered at both doors is taken by one of them', async () => {
  const phone = aPhone();
  const { id } = (await submit(phone, client)).body;
  const code = await codeTo(phone);
  const answers = await fromBothSides(4, (process) => confirm(id, code, process));
  expect(statusesOf(answers)).toEqual({ 200: 1, 400: 3 });
  expect(
    await rows(
      'SELECT FROM device_key JOIN session ON id = session_id JOIN customer c ON c.id = customer_id WHERE phone = $1',
      phone,
    ),
  ).toHaveLength(1);
});

describe('sending from both sides', () => {
  test('twenty requests for codes to one phone, in twenty spellings, send one', async () => {
    const phone = aPhone();
    const spellings = [
      phone,
      phone.slice(3),
      `${phone.slice(0, 6)} ${phone.slice(6)}`,
      `00${phone.slice(1)}`,
      phone.slice(1),
    ];
    const answers = await fromBothSides(20, (process, nth) =>
      process.post('/auth/request-code', { phone: spellings[nth % spellings.length], clientId: `browser-${nth}` }),
    );
    expect(statusesOf(answers)).toEqual({ 201: 1, 429: 19 });
    await codeTo(phone);
    expect(codesTo(phone)).toHaveLength(1);
  });

  test('resends in parallel send one, whose code is the only one that is right', async () => {
    const phone = aPhone();
    const { id } = (await submit(phone, client)).body;
    const first = await codeTo(phone);
    const sent = await until(
      async () => {
        const answers = await fromBothSides(10, (process) => resubmit(id, process));
        return answers.some(({ status }) => status === 200) ? answers : undefined;
      },
      { timeoutMs: 20_000 },
    );
    expect(statusesOf(sent)).toEqual({ 200: 1, 400: 9 });
    expect(sent.find(({ status }) => status === 400)?.body).toMatchObject({ code: -10011 });
    const second = await codeTo(phone, 2);
    expect((await confirm(id, first, client)).body).toMatchObject({ code: -10008 });
    expect((await confirm(id, second, client)).status).toBe(200);
    expect(codesTo(phone)).toEqual([first, second]);
  });
});

describe('signed requests, exchanged by either process', () => {
  test('each is taken once, however often and wherever it is sent', async () => {
    const app = await anApp(aPhone(), codeTo, client);
    for (let round = 0; round < 3; round += 1) {
      const call = { headers: signatureOf(app, { path: '/me' }) };
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.get('/me', call)));
      expect(statusesOf(answers)).toEqual({ 200: 1, 400: 19 });
    }
    const logs = ['identity', 'identity-2'].map((name) => join(system.directory, 'logs', `${name}.log`));
    for (const log of logs)
      await until(async () => (await readFile(log, 'utf8')).includes('identity.credential.exchange'));
  });

  test('a device that ends at one is nobody at the other, at once', async () => {
    const phone = aPhone();
    const app = await anApp(phone, codeTo, client);
    const sign = (path: string, method = 'GET') => ({ headers: signatureOf(app, { path, method }) });
    // Both processes have made a token for it by now.
    await Promise.all(Array.from({ length: 10 }, () => client.get('/me', sign('/me'))));
    const { body } = await client.get<{ id: string }[] | { items: { id: string }[] }>(
      '/me/devices',
      sign('/me/devices'),
    );
    const [device] = Array.isArray(body) ? body : body.items;
    const path = `/me/devices/${device?.id}`;
    expect((await client.delete(path, sign(path, 'DELETE'))).status).toBe(204);
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.get('/me', sign('/me'))));
    expect(statusesOf(answers)).toEqual({ 401: 20 });
  });

  test('an access token whose session ends at one is refused by the other and by every service', async () => {
    const { auth } = await aCustomer({}, client);
    expect((await (both[0] as HttpClient).post('/auth/logout', undefined, auth)).status).toBe(204);
    await until(async () => (await (both[1] as HttpClient).get('/me', auth)).status === 401);
    await until(async () => (await client.get('/me/orders', auth)).status === 401);
  });
});

describe('kill -9 of one in the middle of sending', () => {
  interface Row {
    message: string;
    to: string;
    id: string;
    provider: string;
    outcome: string | null;
  }
  const callsAbout = (phones: readonly string[]) =>
    rows<Row>(
      `SELECT message.id AS message, recipient AS "to", call.id, provider, outcome
       FROM message JOIN message_call AS call ON message_id = message.id
       WHERE kind = 'code' AND recipient = ANY ($1) ORDER BY begun_at`,
      phones,
    );
  const settled = async () =>
    (await rows(`SELECT FROM message WHERE kind = 'code' AND status = 'queued'`)).length === 0;

  test('every code that was promised comes; twice only what the dead had in hand, and then it is the same', async () => {
    await until(settled, { timeoutMs: 30_000 });
    sms.hold();
    const before = sms.calls.length;
    const asked = await fromBothSides(12, (process) => askForCode(process));
    const phones = asked.map(({ phone }) => phone);
    // All calls are written down, and some of them made: between the two nobody knows which.
    await until(async () => (await callsAbout(phones)).length === asked.length, { timeoutMs: 30_000 });
    await until(() => sms.calls.length > before, { timeoutMs: 30_000 });
    const begun = await callsAbout(phones);
    const dead = begun.find(({ id }) => id === sms.calls[before]?.id)?.provider ?? '';
    const program = system.program(dead);
    const { pid } = program;
    program.kill('SIGKILL');
    await until(() => program.pid !== pid, { timeoutMs: 30_000 });
    const inHand = begun.filter(({ provider }) => provider === dead);
    const callsOfTheDead = () => sms.calls.filter(({ id }) => inHand.some((call) => call.id === id));
    await until(() => callsOfTheDead().every(({ state }) => state === 'lost'), { timeoutMs: 30_000 });
    sms.release();

    await system.ready();
    // What nobody can wait for: the two minutes after which the dead are known to be dead.
    const expired = await rows(
      `UPDATE message SET taken_until = now() - interval '1 s'
       WHERE id = ANY ($1) AND status = 'queued' AND attempts = 1 AND taken_until > now() RETURNING id`,
      inHand.map(({ message }) => message),
    );
    expect(expired).toHaveLength(inHand.length);
    await until(settled, { timeoutMs: 60_000 });

    const written = Map.groupBy(await callsAbout(phones), ({ to }) => to);
    for (const phone of phones) {
      const called = written.get(phone) ?? [];
      const repeated = inHand.some(({ to }) => to === phone);
      expect(called.map(({ outcome }) => outcome)).toEqual(repeated ? ['in_doubt', 'taken'] : ['taken']);
      // Of the call that is in doubt it is not known whether it was made; the others were, once each.
      const heard = sms.calls.filter(({ to }) => to === phone);
      const made = called.filter(({ id, outcome }) => outcome === 'taken' || heard.some((call) => call.id === id));
      expect(heard.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
      expect(heard.at(-1)?.state).toBe('taken');
      expect(new Set(codesTo(phone)).size).toBe(1);
    }
    expect(callsOfTheDead().some(({ state }) => state === 'lost')).toBe(true);
    const statuses = await Promise.all(asked.map(async (one) => enterCode(one, codesTo(one.phone)[0] ?? '', client)));
    expect(statusesOf(statuses)).toEqual({ 201: asked.length });
  }, 240_000);
});
