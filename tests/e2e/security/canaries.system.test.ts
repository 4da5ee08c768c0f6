import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { until } from '@forecourt/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anAppOf, signatureOf } from '../device.ts';
import { freePort } from '../free-port.ts';
import { resetTokenFor } from '../mailbox.ts';
import { operatorReads } from '../operator.ts';
import { lineOf, orderFor, placedOrder, withKey } from '../orders.ts';
import { startTestSystem, type TestSystem } from '../own-system.ts';
import { aCustomer, operatorBearer, signIn } from '../people.ts';
import { type HttpClient, httpClient } from '../storefront-client.ts';
import { type Answer, type Knock, knock } from './knock.ts';
import { matrix } from './matrix.ts';
import { makeThings, type Things } from './things.ts';
import { listenIn, type Wire } from './wire.ts';

/** What should stay between the caller and us, by kind. Each value is one that nothing else contains. */
const canary = (kind: string) => `canary-${kind}-${randomBytes(6).toString('hex')}`;
const digits = () => `${randomBytes(4).readUInt32BE() % 9_000_000}`.padStart(7, '1');
const secrets = {
  password: canary('password'),
  wrongPassword: canary('wrong-password'),
  newPassword: canary('new-password'),
  email: `${canary('email')}@example.com`,
  phone: `+38067${digits()}`,
  clientId: canary('client'),
  guestPhone: `+38050${digits()}`,
  guestClientId: canary('guest-client'),
  name: canary('name'),
  comment: canary('comment'),
  idempotencyKey: canary('idempotency-key'),
  cookie: canary('cookie'),
  basic: canary('basic'),
  header: canary('header'),
  userAgent: canary('agent'),
  path: canary('path'),
  query: canary('query'),
  queryName: canary('query-name'),
  body: canary('body'),
  fieldName: canary('field-name'),
  deviceKeySecret: canary('device-key-secret-of-more-than-enough'),
  wrongSignature: canary('wrong-signature'),
};
type Kind =
  | keyof typeof secrets
  | 'accessToken'
  | 'refreshToken'
  | 'resetToken'
  | 'operatorToken'
  | 'deviceKey'
  | 'signature'
  | 'exchangedToken';

/** Where a secret belongs by contract; it may be nowhere else. */
const belongs: Record<string, readonly Kind[]> = {
  'identity.customer.registered.v1': ['phone', 'email', 'name', 'clientId'],
  'identity.customer.changed.v1': ['phone', 'email', 'name'],
  'orders.guest.claim': ['phone', 'clientId'],
  'identity.credential.exchange': ['signature', 'wrongSignature'],
  // the reply, to nobody but who asked
  '_INBOX.': ['exchangedToken'],
  'orders.order.placed.v1': ['guestPhone'],
  'orders.order.changed.v1': ['guestPhone'],
};

const spoken = new Map<Kind, string>(Object.entries(secrets) as [Kind, string][]);
const collected: { where: string; text: string }[] = [];
const refusals: { asked: string; answer: Answer }[] = [];

let system: TestSystem;
let client: HttpClient;
let things: Things;
let wire: Wire;
let collector: Server;
let operator: string;

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    collected.push({ where: `trace ${request.url}`, text: (await buffer(request)).toString() });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const env = {
    LOG_LEVEL: 'trace',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    METRICS_PORT: String(await freePort()),
    DEVICE_KEY_SECRETS: `canary:${secrets.deviceKeySecret}`,
  };
  system = await startTestSystem({ env });
  client = httpClient(system.gateway);
  wire = await listenIn(system.natsUrl);
  things = await makeThings(await aCustomer({}, client), client, system.gateway);
  operator = (await operatorBearer(client)).bearer;
  spoken.set('operatorToken', operator);
  await live();
  await sign(env);
  await misbehave();
  await poison();
  await collect(env.METRICS_PORT);
}, 300_000);
afterAll(async () => {
  wire.close();
  await system.stop();
  collector.close();
});

/** What a customer says to us in good faith, all of it once. */
async function live(): Promise<void> {
  const { phone, email, password, clientId, name, newPassword, wrongPassword, guestPhone, guestClientId } = secrets;
  const guest = orderFor([lineOf(things.product)], {
    phone: guestPhone,
    clientId: guestClientId,
    comment: secrets.comment,
  });
  const order = await placedOrder(guest, withKey(secrets.idempotencyKey), client);
  await client.post(`/admin/orders/${order._id}/move`, { to: 'processing' }, { bearer: operator });
  const { customer, tokens, auth } = await aCustomer({ phone, email, password, clientId, name }, client);
  spoken.set('accessToken', tokens.accessToken).set('refreshToken', tokens.refreshToken);
  await client.patch('/me', { name }, auth);
  await beAPartnersClient(customer.id, auth);
  await signIn(email, wrongPassword, clientId, client);
  await signIn(wrongPassword, wrongPassword, clientId, client);
  await client.post('/auth/refresh', { refreshToken: tokens.refreshToken });
  const token = await resetTokenFor(email, client);
  spoken.set('resetToken', token);
  await client.post('/auth/reset-password', { token: `${token}x`, newPassword });
  await client.post('/auth/reset-password', { token, newPassword });
  await client.post('/auth/reset-password', { token, newPassword });
  await client.post('/auth/refresh', { refreshToken: tokens.refreshToken });
  await client.get('/me', auth);
  await client.get(`/orders/history?${new URLSearchParams({ phone: guestPhone, clientId: guestClientId })}`);
  await client.get(`/admin/customers?search=${encodeURIComponent(email)}`, { bearer: operator });
  await client.get(`/admin/orders?phone=${encodeURIComponent(guestPhone)}`, { bearer: operator });
}

/** As an app does: a request that is right, the same again, and some that nobody can make sense of. */
async function sign({ DEVICE_KEY_SECRETS }: { DEVICE_KEY_SECRETS: string }): Promise<void> {
  const identity = { DATABASE_URL: system.databaseUrl('identity'), DEVICE_KEY_SECRETS };
  const app = await anAppOf(await aCustomer({}, client), identity);
  const headers = signatureOf(app, { path: '/me' });
  const get = (authentication: string) => client.get('/me', { headers: { ...headers, authentication } });
  expect((await get(headers.authentication)).status).toBe(200);
  const isReply = ({ subject, text }: Wire['heard'][number]) =>
    subject.startsWith('_INBOX.') && text.includes('accessToken');
  const reply = await until(() => wire.heard.find(isReply));
  spoken.set('deviceKey', app.key).set('signature', headers.authentication.split(':')[2] as string);
  spoken.set(
    'exchangedToken',
    (JSON.parse(reply.text.slice(reply.text.indexOf('{'))) as { accessToken: string }).accessToken,
  );
  const { wrongSignature } = secrets;
  for (const authentication of [
    headers.authentication,
    `hmac ${wrongSignature}`,
    `Basic ${wrongSignature}`,
    wrongSignature,
  ]) {
    expect((await get(authentication)).status).toBe(400);
  }
  expect((await get(headers.authentication.replace(/:\d+:/, ':1:'))).status).toBe(401);
}

async function beAPartnersClient(customerId: string, auth: { bearer: string }): Promise<void> {
  const { phone, email, name, comment, password, wrongPassword } = secrets;
  const { uuid } = await operatorReads<{ uuid: string }>(`/admin/customers/${customerId}`, client);
  const path = `/api/v1/clients/${uuid}`;
  const answers = [
    await client.post('/api/v1/clients', { first_name: name, last_name: name, email, phone, password }),
    await client.post(`${path}/password/check`, { password: wrongPassword }, auth),
    await client.patch(`${path}/password`, { password }, auth),
    await client.patch(`${path}/additional_info`, { additional_info: comment }, auth),
    await client.get(path, { bearer: operator }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([409, 200, 200, 200, 200]);
}

/** Every route, asked with secrets in all the wrong places. */
async function misbehave(): Promise<void> {
  const { body, cookie, basic, header, userAgent, path: inPath, query, queryName, fieldName, idempotencyKey } = secrets;
  const strange = {
    cookie: `session=${cookie}`,
    'x-idempotency-key': idempotencyKey,
    'user-agent': userAgent,
    'x-anything': header,
    'accept-language': header,
    'if-match': header,
    'if-none-match': header,
    referer: `https://shop.example/${header}`,
    origin: `https://${header}.example`,
    'x-request-id': `${header} spoilt`,
  };
  const bodies = [
    `{"password":"${body}`,
    `{"password":${body}}`,
    `{"a":"${body}",}`,
    JSON.stringify(body),
    JSON.stringify([body]),
    `{"a":"${body}","a":"${body}"}`,
    `{"__proto__":"${body}"}`,
    `{"${fieldName}":"${body}"}`,
    Buffer.concat([Buffer.from(`{"a":"${body}`), Buffer.from([0xff]), Buffer.from('"}')]).toString('latin1'),
  ];
  for (const row of matrix) {
    const [method = ''] = row.operation.split(' ');
    const [path, valid] = await row.call(things);
    const bare = path.split('?', 1)[0] as string;
    // A session that is over would be refused before anything is read.
    const authorization = `Bearer ${row.endsSession ? (await aCustomer({}, client)).auth.bearer : operator}`;
    const send = async (wish: Omit<Knock, 'method'> & { method?: string }) => {
      const answer = await knock(system.gateway, { method, ...wish, headers: { ...row.headers, ...wish.headers } });
      if (answer.status >= 400) refusals.push({ asked: `${method} ${wish.path}`, answer });
    };
    await send({ path, body: valid, headers: { ...strange, authorization: `Basic ${basic}` } });
    await send({ path, body: valid, headers: { ...strange, authorization: `Bearer ${spoken.get('accessToken')}` } });
    await send({
      path: `${bare}?${queryName}&q=${query}&token=${query}&x[${queryName}]=1`,
      headers: { ...strange, authorization },
    });
    await send({ path: `${bare}/${inPath}`, headers: { authorization } });
    await send({ path: bare.replace(/[0-9a-f]{24}|[^/]+$/, inPath), headers: { authorization } });
    await send({ path: `${bare}/%zz${inPath}`, headers: { authorization } });
    if (valid === undefined) continue;
    for (const text of bodies) await send({ path, body: text, headers: { ...strange, authorization } });
    await send({ path, body, headers: { 'content-type': `text/${body}`, authorization } });
    if (typeof valid !== 'object') continue;
    for (const wrong of [body, [body], { [fieldName]: body }]) {
      const fields = Object.keys(valid as object).map((name) => [name, wrong]);
      await send({ path, body: Object.fromEntries(fields), headers: { ...strange, authorization } });
    }
  }
}

/** Events that nobody can read: they end as dead letters, and only there. */
async function poison(): Promise<void> {
  const subject = wire.heard.find(({ subject }) => subject.endsWith('orders.order.placed.v1'))?.subject;
  expect(subject).toBeDefined();
  const letters = () => rowsOf('identity', 'dead_letter');
  const before = (await letters()).length;
  for (const text of [secrets.body, JSON.stringify({ phone: secrets.body, token: secrets.body })]) {
    wire.say(subject as string, text);
  }
  await until(async () => (await letters()).length >= before + 1);
}

async function rowsOf(
  service: 'identity' | 'catalog' | 'orders' | 'charging' | 'payments',
  table: string,
): Promise<string[]> {
  const database = new pg.Client({ connectionString: system.databaseUrl(service) });
  await database.connect();
  const { rows } = await database.query(`SELECT t::text AS row FROM ${table} t`);
  await database.end();
  return rows.map(({ row }) => row);
}

/** Reads what was said by everybody, after all have ended and said their last. */
async function collect(metricsPort: string): Promise<void> {
  const services = ['identity', 'catalog', 'orders', 'charging', 'payments'] as const;
  const ports = system.instances.filter(({ service }) => service !== 'gateway').map(({ url }) => url);
  for (const url of [...ports, `http://127.0.0.1:${metricsPort}`])
    collected.push({ where: `metrics ${url}`, text: await (await fetch(`${url}/metrics`)).text() });
  for (const service of services)
    for (const table of ['outbox', 'dead_letter'])
      collected.push(...(await rowsOf(service, table)).map((text) => ({ where: `${service}.${table}`, text })));
  for (const { name } of system.instances) await system.program(name).stop();
  const logs = join(system.directory, 'logs');
  for (const file of await readdir(logs)) {
    const lines = (await readFile(join(logs, file), 'utf8')).split('\n');
    collected.push(...lines.map((text) => ({ where: `log ${file}`, text })));
  }
  collected.push(...wire.heard.map(({ subject, text }) => ({ where: `nats ${subject}`, text })));
}

/** However it may be written: as it is, escaped, encoded, or in part. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const [, , signature = ''] = /^eyJ/.test(secret) ? secret.split('.') : [];
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    ...(secret.startsWith('+') ? [secret.slice(3)] : []),
    ...(signature ? [signature] : []),
  ];
}

const places = (text: string): Kind[] =>
  [...spoken]
    .filter(([, secret]) => spellings(secret).some((spelling) => text.includes(spelling)))
    .map(([kind]) => kind);

const source = (where: RegExp) => collected.filter((piece) => where.test(piece.where));

test('everything was listened to', () => {
  expect(source(/^log (gateway|identity|catalog|orders|payments)\.log$/).length).toBeGreaterThan(500);
  expect(source(/^trace /).length).toBeGreaterThan(2);
  expect(source(/^metrics /)).toHaveLength(system.instances.length);
  expect(source(/^nats .*identity\.customer\.registered\.v1/).length).toBeGreaterThan(0);
  expect(source(/^nats .*orders\.guest\.claim/).length).toBeGreaterThan(0);
  expect(source(/^identity\.dead_letter$/).length).toBeGreaterThan(0);
  expect(refusals.length).toBeGreaterThan(300);
  for (const [kind, secret] of spoken) expect(secret.length, kind).toBeGreaterThan(9);
});

test.each(['log', 'trace', 'metrics'])('no secret is in any %s', (kind) => {
  const told = source(new RegExp(`^${kind} `)).flatMap(({ where, text }) =>
    places(text).map((secret) => `${secret} in ${where}: ${text}`),
  );
  expect(told.slice(0, 20)).toEqual([]);
});

test('a message between services holds what its contract names, and no secret besides', () => {
  const told = source(/^nats /).flatMap(({ where, text }) => {
    const allowed = Object.entries(belongs).find(([subject]) => where.includes(subject))?.[1] ?? [];
    return places(text)
      .filter((kind) => !allowed.includes(kind))
      .map((kind) => `${kind} in ${where}: ${text}`);
  });
  expect(told.filter((line) => !line.startsWith('body in')).slice(0, 20)).toEqual([]);
});

test('what waits to be sent or was given up holds no more than that', () => {
  const told = source(/^\w+\.(outbox|dead_letter)$/).flatMap(({ where, text }) => {
    const allowed = Object.entries(belongs).find(([subject]) => text.includes(subject))?.[1] ?? [];
    return places(text)
      .filter((kind) => !allowed.includes(kind) && kind !== 'body')
      .map((kind) => `${kind} in ${where}: ${text}`);
  });
  expect(told.slice(0, 20)).toEqual([]);
});

/** What a caller called things: said back to nobody else, and in nothing that is kept. */
const names: readonly Kind[] = ['fieldName', 'queryName', 'path'];

test('a refusal repeats nothing that was sent, but for the names and the address that it refuses', () => {
  const told = refusals.flatMap(({ asked, answer: { text, headers } }) =>
    places(`${text} ${JSON.stringify(headers)}`)
      .filter((kind) => !names.includes(kind))
      .map((kind) => `${kind} by ${asked}: ${text}`),
  );
  expect(told.slice(0, 20)).toEqual([]);
});
