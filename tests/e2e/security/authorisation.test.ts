import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aDriver } from '../driver/app.ts';
import { operate } from '../operator.ts';
import { aCustomer, aPassword, operatorBearer, type Person } from '../people.ts';
import { system } from '../running-system.ts';
import { gateway } from '../storefront-client.ts';
import { aKey, aSignedInSubscriber, type SignedInSubscriber } from '../subscriber/site.ts';
import { impostors } from './impostors.ts';
import { disagreements, inventoryOf } from './inventory.ts';
import { type Answer, knock } from './knock.ts';
import { access, type Caller, callers, matrix, type Outcome, type Row } from './matrix.ts';
import { openStorage, type Storage } from './snapshot.ts';
import { compact, readToken, type SigningKey, signedBy, stealSigningKey } from './stolen-key.ts';
import { makeThings, type Things } from './things.ts';

type Credential = OutgoingHttpHeaders;
const bearer = (token: string): Credential => ({ authorization: `Bearer ${token}` });

let storage: Storage;
let key: SigningKey;
let things: Things;
let customer: Person;
let wrong: Record<string, Credential>;
let credentials: Record<Exclude<Caller, 'nobody' | 'impostor'>, Credential>;

/** Somebody's address for keys, that nobody should ever ask. */
const elsewhere = { asked: 0, server: createServer((_request, response) => response.end('{"keys":[]}')) };

beforeAll(async () => {
  elsewhere.server.on('request', () => elsewhere.asked++).listen(0, '127.0.0.1');
  await once(elsewhere.server, 'listening');
  [storage, key] = await Promise.all([openStorage(), stealSigningKey()]);
  customer = await aCustomer();
  things = await makeThings(customer);
  const [another, blocked, operator] = [await aCustomer(), await aCustomer(), await operatorBearer()];
  const subscriber = await aSubscriberWithPassword();
  wrong = impostors(operator.bearer, key, `http://127.0.0.1:${(elsewhere.server.address() as AddressInfo).port}`);
  credentials = {
    // Of sessions that nobody finds to end: one row changes the password, another signs out everywhere else.
    customer: bearer(tokenOf({})),
    another: bearer(tokenOf({ sub: another.customer.id })),
    operator: bearer(operator.bearer),
    partner: bearer(tokenOf({ roles: ['partner'], sub: another.customer.id })),
    // With every role there is: what is over stays over, whoever it was.
    expired: bearer(tokenOf({ roles: ['operator'], iat: seconds() - 901, exp: seconds() - 1 })),
    revoked: bearer(await aRevokedOperator()),
    blocked: bearer(blocked.auth.bearer),
    driver: bearer((await aDriver()).token),
    subscriber: bearer(subscriber.token),
    browser: { cookie: `session=${subscriber.token}` },
    program: bearer(await aKey()),
  };
  await operate('post', `/admin/customers/${blocked.customer.id}/block`, undefined);
  await Promise.all([isOver(credentials.revoked), isOver(credentials.blocked)]);
});
afterAll(async () => {
  elsewhere.server.close();
  await storage.close();
});

const seconds = () => Math.floor(Date.now() / 1000);

/** As identity would sign it, for a session that has not ended. */
function tokenOf(claims: Record<string, unknown>): string {
  const { header, claims: before } = readToken(customer.auth.bearer);
  return compact(
    { header, claims: { ...before, sid: randomBytes(12).toString('hex'), ...claims } },
    signedBy(key.privateKey),
  );
}

/** Who has none may do all that an owner may, a while after they signed in. */
async function aSubscriberWithPassword(): Promise<SignedInSubscriber> {
  const subscriber = await aSignedInSubscriber();
  const body = { newPassword: aPassword() };
  const { status, text } = await gateway.post('/me/password', body, { bearer: subscriber.token });
  expect(status, text).toBe(201);
  return subscriber;
}

async function aRevokedOperator(): Promise<string> {
  const { bearer: token } = await operatorBearer();
  expect((await gateway.post('/auth/logout', undefined, { bearer: token })).status).toBe(204);
  return token;
}

/** Every process has heard that this session has ended; each has a door that says so. */
async function isOver(credential: Credential): Promise<void> {
  const doors: Record<string, string> = {
    identity: '/me',
    catalog: '/admin/products',
    orders: '/me/orders',
    payments: '/me/wallet',
  };
  for (const { service, url } of system.processes) {
    const path = doors[service];
    if (!path) continue;
    await until(async () => (await knock(url, { method: 'GET', path, headers: credential })).status === 401);
  }
}

/** All that this caller may come with: one credential, or each kind of impostor. */
function credentialsOf(caller: Caller, { for: kind, endsSession }: Row): [name: string, Credential][] {
  if (caller === 'nobody') return [['nobody', {}]];
  if (caller !== 'impostor') {
    const spent = endsSession && access[kind][caller] === 'ok';
    return [[caller, spent ? bearer(tokenOf({})) : credentials[caller]]];
  }
  const entries = Object.entries(wrong);
  // Where nobody looks at credentials, a few say as much as all; and who sends none is a guest.
  if (kind === 'everyone') return entries.slice(-3);
  return kind === 'guests' || kind === 'app'
    ? entries.filter(([, { authorization }]) => authorization !== undefined)
    : entries;
}

async function send({ operation, contentType, headers, call }: Row, credential: Credential): Promise<Answer> {
  const [path, body] = await call(things);
  const method = operation.split(' ', 1)[0] as string;
  return knock(system.gatewayUrl, {
    method,
    path,
    body,
    headers: {
      ...(body !== undefined && {
        'content-type': contentType ?? 'application/json',
        'content-length': Buffer.byteLength(typeof body === 'string' ? body : JSON.stringify(body)),
      }),
      ...headers,
      ...credential,
    },
  });
}

const inside = /passwordHash|password_hash|argon2|node_modules|\bat .+\.ts:\d|SELECT |INSERT /;

describe('the matrix', () => {
  test('has a row for each route that exists, and none besides', async () => {
    const services = system.processes.filter(({ name, service }) => name === service && service !== 'gateway');
    const inventories = await Promise.all(services.map(inventoryOf));
    expect(inventories.flatMap(({ routes }) => routes).length).toBeGreaterThan(100);
    expect(disagreements(inventories, matrix)).toEqual([]);
  });

  test('says what to add for a route that nobody has thought of', () => {
    const route = (path: string, method = 'GET') => ({ method, path, dialect: 'operators' });
    const inventory = {
      service: 'orders',
      routes: [route('/admin/orders/:orderId/refund', 'POST'), route('/coupons'), route('/admin/stock/metrics')],
      documented: ['GET /ghost'],
    };
    const said = disagreements([inventory], [{ operation: 'GET /gone' }]).join('\n');
    expect(said).toContain(
      'POST /admin/orders/:orderId/refund of orders has no row: say in tests/e2e/security/matrix.ts',
    );
    expect(said).toContain('GET /coupons of orders is reached by no row');
    expect(said).toContain('GET /ghost is documented by orders, which has no such route');
    expect(said).toContain('GET /gone is in the matrix, but nothing answers it');
  });
});

const outcomesOf = (row: Row): Record<Caller, Outcome> => access[row.for];
const who = (row: Row, allowed: boolean) => callers.filter((caller) => (outcomesOf(row)[caller] === 'ok') === allowed);

describe('refused, and nothing is done', () => {
  test.each(matrix.filter((row) => who(row, false).length > 0))('$operation, for $for', async (row) => {
    const answers: { name: string; expected: Outcome; answer: Answer }[] = [];
    const changed = await storage.changedBy(() =>
      Promise.all(
        who(row, false).flatMap((caller) =>
          credentialsOf(caller, row).map(async ([name, credential]) => {
            answers.push({ name, expected: outcomesOf(row)[caller], answer: await send(row, credential) });
          }),
        ),
      ),
    );
    const surprising = answers.filter(({ expected, answer }) => answer.status !== expected);
    expect(surprising.map(({ name, expected, answer }) => `${name}: ${answer.status}, not ${expected}`)).toEqual([]);
    for (const { answer } of answers) expectDiscretion(answer);
    expect(changed).toEqual([]);
  });
});

describe('answered, and nobody else is told of', () => {
  test.each(matrix)('$operation, for $for', async (row) => {
    for (const caller of who(row, true)) {
      for (const [name, credential] of credentialsOf(caller, row)) {
        const answer = await send(row, credential);
        expect([name, answer.status], answer.text).toEqual([name, row.ok]);
        expectDiscretion(answer);
        const toldOfAll = row.for === 'staff' || (row.for === 'owner' && caller === 'operator');
        if (!toldOfAll && caller !== 'customer') expect(answer.text).not.toMatch(privateWords(customer));
      }
    }
  });
});

function expectDiscretion({ text, headers }: Answer): void {
  expect(text).not.toMatch(inside);
  expect(headers['set-cookie']).toBeUndefined();
  expect(Object.keys(headers).filter((name) => /^x-internal|^server$|^x-powered-by$/.test(name))).toEqual([]);
}

/** Of somebody whom only they themselves, and operators, may hear of. */
const privateWords = ({ customer: { id, phone, email }, registration: { clientId } }: Person) =>
  new RegExp([id, phone, email ?? id, clientId, things.order._id].map((word) => word.replace('+', '\\+')).join('|'));

test('a token made as the impostors’ are, but for what is wrong with theirs, opens the door', async () => {
  const headers = bearer(tokenOf({ roles: ['operator'] }));
  expect((await knock(system.gatewayUrl, { method: 'GET', path: '/admin/orders', headers })).status).toBe(200);
});

test('what is no Authorization header makes nobody somebody', async () => {
  const guestly = Object.values(wrong).filter(({ authorization }) => authorization === undefined);
  expect(guestly).toHaveLength(3);
  const order = matrix.find(({ operation }) => operation === 'POST /orders') as Row;
  for (const credential of guestly) expect((await send(order, credential)).text).not.toContain('customerId');
});

test('nobody asks an address that a token names', () => {
  expect(elsewhere.asked).toBe(0);
});
