import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerUsers } from '@forecourt/broker';
import { type QpaySandbox, startQpaySandbox } from '@forecourt/local/qpay-sandbox';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDriver, anInvoice, type Invoice, type SignedInDriver } from '../driver/app.ts';
import { type Listener, listenAs } from '../driver/listener.ts';
import { operatorReads } from '../operator.ts';
import { type HttpClient, httpClient } from '../storefront-client.ts';
import { type OverheardSystem, overhearing, type Piece, startOverheardSystem } from './eavesdropper.ts';
import { openSecretBook } from './secret-book.ts';

/** What opens a purse or a line to somebody: ours at QPay, apps' at the broker, and our own users' there. */
const { keep, of, found } = openSecretBook();

const canary = (kind: string) => `canary-${kind}-${randomBytes(12).toString('hex')}`;
const qpay = { username: 'FORECOURT', password: canary('qpay-password'), invoiceCode: 'FORECOURT_INVOICE' };
const callbackSecret = canary('callback-secret');

let sandbox: QpaySandbox;
let overheard: OverheardSystem;
let client: HttpClient;
let said: Piece[];
const refusals: string[] = [];

beforeAll(async () => {
  sandbox = await startQpaySandbox({ ...qpay, currency: 'UAH' });
  overheard = await startOverheardSystem({
    PAYMENT_PROVIDER: 'qpay',
    QPAY_URL: sandbox.url,
    QPAY_USERNAME: qpay.username,
    QPAY_PASSWORD: qpay.password,
    QPAY_INVOICE_CODE: qpay.invoiceCode,
    CALLBACK_SECRET: callbackSecret,
  });
  client = overhearing(httpClient(overheard.system.gateway), refusals);
  keep('password at QPay', qpay.password);
  keep('callback secret', callbackSecret);
  await keepOurs();
  const driver = await signIn();
  await payIn(driver);
  await callBackWrongly(driver);
  await misplace(driver);
  await knockAtTheBroker(driver);
  await quarrelWithQpay(driver);
  keep('token at QPay', ...new Set(sandbox.requests.flatMap(({ authorization }) => bearerIn(authorization))));
  keep('address of a callback', ...sandbox.invoices().map(({ callbackUrl }) => callbackUrl.split('/').at(-1)));
  said = await overheard.everything();
}, 240_000);
afterAll(async () => {
  await overheard?.stop();
  await sandbox?.close();
}, 60_000);

const bearerIn = (authorization = '') => /^Bearer (\S+)$/.exec(authorization)?.[1] ?? [];

async function keepOurs(): Promise<void> {
  const { system } = overheard;
  // The helpers have their users as the services do.
  for (const user of brokerUsers as Parameters<typeof system.natsUrlOf>[0][])
    keep('password of a broker user', new URL(system.natsUrlOf(user)).password);
  const { brokerKeys } = JSON.parse(await readFile(join(system.directory, 'secrets.json'), 'utf8'));
  keep('seed of the broker', brokerKeys.issuerSeed, brokerKeys.xkeySeed);
}

function keepSignIn({ token, nats }: SignedInDriver): void {
  keep('token of an app', token);
  keep('password of a topic', nats.pass);
}

async function signIn(): Promise<SignedInDriver> {
  const driver = await aDriver(client);
  keepSignIn(driver);
  const { body } = await client.post<SignedInDriver>('/api/user/me', undefined, { bearer: driver.token });
  keepSignIn(body);
  const isReply = ({ subject, text }: { subject: string; text: string }) =>
    subject.startsWith('_INBOX.') && text.includes('"accessToken"');
  const { text } = await until(() => overheard.wire.heard.find(isReply));
  keep('what it is exchanged for', (JSON.parse(text.slice(text.indexOf('{"'))) as { accessToken: string }).accessToken);
  return body;
}

async function hears(listener: Listener, count: number): Promise<void> {
  await until(() => listener.heard.length >= count);
}

async function payIn(driver: SignedInDriver): Promise<void> {
  const listener = await listenAs(driver.nats);
  await anInvoice(driver, 10_069, client);
  sandbox.pay(String(sandbox.invoices().at(-1)?.id));
  await hears(listener, 2);
  await client.get(`/admin/ledger/reconciliation?from=${hoursFromNow(-1)}&to=${hoursFromNow(1)}`, {
    bearer: driver.token,
  });
  const { items } = await operatorReads<{ items: unknown[] }>('/admin/invoices', client);
  expect(items).toHaveLength(1);
  await operatorReads(`/admin/ledger/reconciliation?from=${hoursFromNow(-1)}&to=${hoursFromNow(1)}`, client);
  await listener.connection.close();
}

const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

async function callBackWrongly({ token }: SignedInDriver): Promise<void> {
  const { pathname } = new URL(String(sandbox.invoices()[0]?.callbackUrl));
  const last = pathname.at(-1) === 'A' ? 'E' : 'A';
  for (const path of [`${pathname.slice(0, -1)}${last}`, `${pathname}/`, `${pathname}x`, `${pathname}/${token}`])
    await client.get(path);
  await client.put(pathname, { token });
  expect((await client.get(`${pathname}?qpay_payment_id=${token}&token=${token}`)).text).toBe('SUCCESS');
  expect((await client.post(pathname, `{"password":"${qpay.password}`)).text).toBe('SUCCESS');
}

/** Everything where it does not belong. */
async function misplace({ token, nats: { pass, user } }: SignedInDriver): Promise<void> {
  const replenish = '/api/customer/replenish';
  for (const secret of [token, pass]) {
    await client.post(replenish, { amount: secret }, { bearer: token });
    await client.post(replenish, { amount: 10, [secret]: secret }, { bearer: token });
    await client.post(replenish, `{"amount":"${secret}`, { bearer: token });
    await client.post(`${replenish}?token=${secret}`, { amount: 0 }, { bearer: token });
    await client.post(`/api/customer/replenishment/${secret}`, undefined, { bearer: token });
    await client.post('/api/user/otp-check', { phone: secret, code: secret.slice(0, 16) });
    await client.post('/api/user/otp-request', { phone: secret.slice(0, 32), token: secret });
    await client.post('/api/customer/update-info', { email: secret }, { bearer: token });
    await client.post(`/api/user/me/${secret}`, { token: secret }, { bearer: token });
    await client.post('/api/user/me', undefined, { headers: { authorization: `Basic ${btoa(`${user}:${secret}`)}` } });
    await client.post('/api/user/me', undefined, { headers: { authorization: `Bearer ${secret} ${secret}` } });
    await client.post('/api/user/me', undefined, {
      headers: { cookie: `token=${secret}`, 'x-request-id': `${secret} spoilt` },
    });
    await client.get('/me/wallet', { bearer: secret });
    await client.get(`/admin/ledger/accounts/${secret}`, { bearer: token });
  }
  const stranger = `drv_${randomBytes(32).toString('base64url')}`;
  keep('token of an app', stranger, `${token}x`);
  for (const bearer of [stranger, `${token}x`]) expect((await client.post(replenish, {}, { bearer })).status).toBe(401);
}

async function knockAtTheBroker({ token, nats }: SignedInDriver): Promise<void> {
  const other = canary('topic-password');
  keep('password of a topic', other);
  for (const login of [
    { ...nats, pass: other },
    { ...nats, user: 'nobody' },
    { ...nats, pass: token },
  ])
    await expect(listenAs(login)).rejects.toThrow();
  const { connection } = await listenAs(nats);
  connection.publish(nats.topic, nats.pass);
  connection.subscribe('_INBOX.>');
  connection.subscribe('$SYS.>');
  await connection.flush();
  await connection.close();
  const another = await aDriver(client);
  keepSignIn(another);
  const last = await listenAs(another.nats);
  expect((await client.post('/auth/logout', undefined, { bearer: another.token })).status).toBe(204);
  await until(() => last.connection.isClosed());
  await expect(listenAs(another.nats)).rejects.toThrow();
}

/** It answers nonsense, and refuses our token, and then our password. */
async function quarrelWithQpay(driver: SignedInDriver): Promise<void> {
  const ask = () => client.post<Invoice>('/api/customer/replenish', { amount: 20 }, { bearer: driver.token });
  const works = () => until(async () => (await ask()).status === 200, { timeoutMs: 30_000 });
  for (const how of ['garbage', 'half', 500] as const) {
    sandbox.fail({ on: 'POST /invoice', how });
    await ask();
  }
  sandbox.forgetTokens();
  await works();
  expect(sandbox.requests.some(({ path }) => path === '/auth/refresh')).toBe(true);
  sandbox.forgetTokens();
  sandbox.fail({ on: 'POST /auth/refresh', how: 401 });
  sandbox.fail({ on: 'POST /auth/token', how: 401 });
  await until(async () => (await ask()).status === 503, { timeoutMs: 30_000 });
}

const from = (kind: string) => said.filter(({ where }) => where.startsWith(`${kind} `));

test('everything was said, and listened to', () => {
  for (const [kind, least] of Object.entries({
    'password at QPay': 1,
    'callback secret': 1,
    'token at QPay': 2,
    'address of a callback': 2,
    'token of an app': 4,
    'what it is exchanged for': 1,
    'password of a topic': 4,
    'password of a broker user': brokerUsers.length,
    'seed of the broker': 2,
  })) {
    expect(of(kind).length, kind).toBeGreaterThanOrEqual(least);
    for (const secret of of(kind)) expect(secret.length, kind).toBeGreaterThan(20);
  }
  expect(sandbox.requests.some(({ authorization = '' }) => authorization.startsWith('Basic '))).toBe(true);
  expect(refusals.length).toBeGreaterThan(25);
  expect(from('trace').length).toBeGreaterThan(2);
  expect(from('metrics')).toHaveLength(overheard.system.instances.length);
  expect(from('log').some(({ text }) => text.includes('/payments/callback/:number/:token'))).toBe(true);
  expect(from('log').some(({ where, text }) => where === 'log nats.log' && text.includes('Violation'))).toBe(true);
  for (const table of ['payments.invoice', 'payments.outbox', 'identity.app_token', 'identity.broker_credential'])
    expect(from('table').filter(({ where }) => where === `table ${table}`).length, table).toBeGreaterThan(0);
  // What is looked for can be found: an app's token is asked about by the one question that takes it.
  expect(found(from('nats')).some((line) => line.startsWith('token of an app in nats'))).toBe(true);
});

test.each(['log', 'trace', 'metrics'])('no secret is in any %s', (kind) => {
  expect(found(from(kind)).slice(0, 20)).toEqual([]);
});

test('events, questions and what JetStream is asked hold none, but for the exchange of an app’s token', () => {
  const exchanged = (kind: string, { where }: Piece) =>
    (kind === 'token of an app' && where.includes('identity.token.exchange')) ||
    (kind === 'what it is exchanged for' && where.startsWith('nats _INBOX.'));
  expect(found(from('nats'), exchanged).slice(0, 20)).toEqual([]);
});

test('no table holds one: not the dead letters, not what is about to be sent, not what QPay said', () => {
  expect(found(from('table')).slice(0, 20)).toEqual([]);
});

test('no refusal says one', () => {
  expect(found(refusals.map((text) => ({ where: 'an answer', text }))).slice(0, 20)).toEqual([]);
});
