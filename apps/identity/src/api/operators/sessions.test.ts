import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actsOn } from '../../../test/audit.ts';
import { aCustomer, anOperator, logIn, type SignedIn } from '../../../test/builders.ts';
import { aDevice } from '../../../test/devices.ts';
import { startIdentity, type TestIdentity } from '../../../test/identity.ts';

let identity: TestIdentity;
let operator: SignedIn;
let customer: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  identity.runtime.clock.advance(1000);
  operator = await anOperator(identity);
  customer = await aCustomer(identity);
});

const ask = (method: 'GET' | 'DELETE', path: string, by: { accessToken: string } = operator) =>
  identity.call(method, `/admin/customers/${path}`, { token: by.accessToken, address: '198.51.100.7' });
const sessionsOf = async (id: string) => (await ask('GET', `${id}/sessions`)).body.items as { id: string }[];
const devicesOf = async (id: string) => (await ask('GET', `${id}/devices`)).body.items as { id: string }[];
const revokedOf = async (customerId: string) =>
  (await identity.told('identity.session.revoked.v1'))
    .map(({ data }) => data)
    .filter((d) => d.customerId === customerId);
const refresh = async ({ refreshToken }: { refreshToken: string }) =>
  (await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status;

describe('the logins of a customer', () => {
  test('are listed, used last first, without what opens a guest’s orders; who has ended or expired is not', async () => {
    const { clock } = identity.runtime;
    const first = clock();
    clock.advance(60_000);
    const second = await logIn(identity, customer);
    await logIn(identity, await aCustomer(identity));
    clock.advance(60_000);
    expect(await refresh(customer)).toBe(201);
    const { status, body, headers } = await ask('GET', `${customer.id}/sessions`);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body.items).toStrictEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        openedAt: first.toISOString(),
        lastUsedAt: clock().toISOString(),
        expiresAt: expect.any(String),
        userAgent: 'lightMyRequest',
        address: '127.0.0.1',
      },
      expect.objectContaining({ openedAt: new Date(first.getTime() + 60_000).toISOString() }),
    ]);

    await identity.call('POST', '/auth/logout', { token: second.accessToken });
    expect(await sessionsOf(customer.id)).toHaveLength(1);
    clock.advance(31 * 24 * 3600 * 1000);
    operator = { ...operator, ...(await logIn(identity, operator)) };
    expect(await sessionsOf(customer.id)).toEqual([]);
  });

  test('are listed apart from apps with a key', async () => {
    const device = await aDevice(identity, customer);
    expect((await sessionsOf(customer.id)).map(({ id }) => id)).not.toContain(device.sessionId);
    expect(await devicesOf(customer.id)).toStrictEqual([
      {
        id: device.sessionId,
        profileId: device.profileId,
        profileName: expect.any(String),
        openedAt: identity.deps.clock().toISOString(),
        lastUsedAt: identity.deps.clock().toISOString(),
        userAgent: 'okhttp/4.12',
        address: '203.0.113.7',
        hasPushToken: false,
      },
    ]);
  });

  test('are a hundred at the most, however many there are', async () => {
    await identity.deps.database.$executeRaw`
      INSERT INTO session (id, customer_id, created_at, last_used_at, expires_at)
      SELECT lpad(to_hex(n), 24, '0'), ${customer.id}, now(), to_timestamp(n), ${identity.deps.clock()}::timestamptz + interval '1 day'
      FROM generate_series(1, 150) AS n`;
    const { statements, result } = await countStatements(identity.runtime, () => sessionsOf(customer.id));
    expect(result).toHaveLength(100);
    expect(result[1]?.id).toBe((150).toString(16).padStart(24, '0'));
    expect(statements).toHaveLength(3);
  });
});

describe('a login that an operator ends', () => {
  test('is over, told with the reason and written down; the others go on', async () => {
    identity.runtime.clock.advance(1000);
    const another = await logIn(identity, customer);
    const [newest] = await sessionsOf(customer.id);
    const { status, body } = await ask('DELETE', `${customer.id}/sessions/${newest?.id}`);
    expect([status, body]).toEqual([204, '']);

    expect(await refresh(another)).toBe(401);
    expect(await refresh(customer)).toBe(201);
    expect(await revokedOf(customer.id)).toMatchObject([{ sessionId: newest?.id, reason: 'ended_by_operator' }]);
    expect((await actsOn(identity, customer.id)).at(-1)).toEqual({
      at: identity.deps.clock(),
      act: 'session.ended',
      actorRole: 'operator',
      actorId: operator.id,
      address: '198.51.100.7',
      facts: { sessionId: newest?.id },
    });
  });

  test('by several at once ends once', async () => {
    const [session] = await sessionsOf(customer.id);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ask('DELETE', `${customer.id}/sessions/${session?.id}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404]);
    expect(await revokedOf(customer.id)).toHaveLength(1);
    expect((await actsOn(identity, customer.id)).filter(({ act }) => act === 'session.ended')).toHaveLength(1);
  });

  test('is one of this customer, and no app', async () => {
    const [foreign] = await sessionsOf(operator.id);
    const device = await aDevice(identity, customer);
    for (const id of [foreign?.id, device.sessionId, '0'.repeat(24)]) {
      expect(await ask('DELETE', `${customer.id}/sessions/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'session_not_found' },
      });
    }
    expect(await revokedOf(customer.id)).toEqual([]);
    expect(await revokedOf(operator.id)).toEqual([]);
  });
});

describe('an app that an operator ends', () => {
  test('is over and written down', async () => {
    const device = await aDevice(identity, customer);
    expect((await ask('DELETE', `${customer.id}/devices/${device.sessionId}`)).status).toBe(204);
    expect(await devicesOf(customer.id)).toEqual([]);
    expect(await revokedOf(customer.id)).toMatchObject([{ sessionId: device.sessionId, reason: 'ended_by_operator' }]);
    const ending = (await actsOn(identity, customer.id)).find(({ act }) => act === 'device.ended');
    expect(ending).toMatchObject({
      actorRole: 'operator',
      actorId: operator.id,
      facts: { sessionId: device.sessionId },
    });
  });

  test('is one of this customer, and no login', async () => {
    const [login] = await sessionsOf(customer.id);
    const foreign = await aDevice(identity, operator);
    for (const id of [login?.id, foreign.sessionId, '0'.repeat(24)]) {
      expect(await ask('DELETE', `${customer.id}/devices/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'device_not_found' },
      });
    }
  });
});

test('ending everything ends apps, too, and is written down once with how many there were', async () => {
  await aDevice(identity, customer);
  await logIn(identity, customer);
  expect(await ask('DELETE', `${customer.id}/sessions`)).toMatchObject({ status: 200, body: { ended: 3 } });
  expect(await ask('DELETE', `${customer.id}/sessions`)).toMatchObject({ status: 200, body: { ended: 0 } });
  const endings = (await actsOn(identity, customer.id)).filter(({ act }) => act === 'session.ended');
  await logIn(identity, customer);
  expect(endings).toMatchObject([{ actorId: operator.id, address: '198.51.100.7', facts: { sessions: 3 } }]);
});

const doors = [
  ['GET', ':id/sessions'],
  ['DELETE', ':id/sessions'],
  ['DELETE', ':id/sessions/:thing'],
  ['GET', ':id/devices'],
  ['DELETE', ':id/devices/:thing'],
] as const;

test.each(doors)('%s %s is for operators, about customers whom there are', async (method, pattern) => {
  const path = (id: string, thing = '0'.repeat(24)) => pattern.replace(':id', id).replace(':thing', thing);
  expect(await identity.call(method, `/admin/customers/${path(customer.id)}`)).toMatchObject({ status: 401 });
  expect(await ask(method, path(customer.id), customer)).toMatchObject({
    status: 403,
    body: { code: 'role_required' },
  });
  expect(await ask(method, path('0'.repeat(24)))).toMatchObject({ status: 404, body: { code: 'customer_not_found' } });
  expect(await ask(method, path('x'))).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  if (pattern.includes(':thing')) expect((await ask(method, path(customer.id, 'x'))).status).toBe(400);
  expect(await sessionsOf(customer.id)).toHaveLength(1);
});

test.each([
  ['sessions', 'sessions'],
  ['devices', 'devices'],
])('who looks at the %s of somebody is written down', async (path, shown) => {
  await ask('GET', `${customer.id}/${path}`);
  expect(await actsOn(identity, customer.id)).toMatchObject([
    { act: 'customer.read', actorRole: 'operator', actorId: operator.id, address: '198.51.100.7', facts: { shown } },
  ]);
});
