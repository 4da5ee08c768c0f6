import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actsOn } from '../../test/audit.ts';
import { aCustomer, anOperator, type SignedIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { tidyUp } from '../housekeeping.ts';
import { makeOperator } from '../operator/service.ts';

let identity: TestIdentity;
let operator: SignedIn;
let customer: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  operator = await anOperator(identity);
  customer = await aCustomer(identity);
});

const address = '198.51.100.7';
const byOperator = (method: 'GET' | 'POST' | 'DELETE', path: string) =>
  identity.call(method, `/admin/customers/${customer.id}${path}`, { token: operator.accessToken, address });
const acts = () => actsOn(identity, customer.id);
const theOperator = () => ({ at: identity.deps.clock(), actorRole: 'operator', actorId: operator.id, address });
const theCustomer = () => ({ at: identity.deps.clock(), actorRole: 'customer', actorId: customer.id, address });
const theSystem = () => ({ at: identity.deps.clock(), actorRole: 'system', actorId: null, address: null });

describe('is written down', () => {
  test('that an operator looked at somebody, each time', async () => {
    await byOperator('GET', '');
    await byOperator('GET', '');
    const look = { ...theOperator(), act: 'customer.read', facts: { shown: 'profile' } };
    expect(await acts()).toEqual([look, look]);
  });

  test('that somebody was blocked, once, and unblocked, once', async () => {
    for (const path of ['/block', '/block', '/unblock', '/unblock']) await byOperator('POST', path);
    expect(await acts()).toEqual([
      { ...theOperator(), act: 'customer.blocked', facts: { sessions: 1 } },
      { ...theOperator(), act: 'customer.unblocked', facts: {} },
    ]);
  });

  test('that a password was reset, by whoever held the link', async () => {
    await identity.call('POST', '/auth/forgot-password', { body: { email: customer.email } });
    const [mail] = await identity.mailTo(customer.email);
    const token = /token=(\S+)/.exec(mail?.text ?? '')?.[1];
    const body = { token, newPassword: 'four grey herons' };
    expect((await identity.call('POST', '/auth/reset-password', { body, address })).status).toBe(201);
    expect((await identity.call('POST', '/auth/reset-password', { body, address })).status).toBe(400);
    expect((await acts()).filter(({ act }) => act === 'password.reset')).toEqual([
      { ...theCustomer(), act: 'password.reset', facts: { sessions: 1 } },
    ]);
  });

  test('that a spent refresh token came back, and its session was ended by us', async () => {
    const { refreshToken } = customer;
    const refresh = () => identity.call('POST', '/auth/refresh', { body: { refreshToken } });
    await refresh();
    identity.runtime.clock.advance(60_000);
    await Promise.all([refresh(), refresh(), refresh()]);
    const sessionId = expect.stringMatching(/^[0-9a-f]{24}$/);
    expect(await acts()).toEqual([
      { ...theSystem(), act: 'session.ended', facts: { sessionId, reason: 'refresh_reused' } },
    ]);
  });

  test('that somebody became an operator at the start of a process or by a command, made or found', async () => {
    const settings = { email: 'first@forecourt.local', password: 'first-operator' };
    await Promise.all(Array.from({ length: 3 }, () => makeOperator(identity.deps, settings)));
    const made = await identity.deps.db.customer.findUniqueOrThrow({ where: { email: settings.email } });
    await makeOperator(identity.deps, customer);
    await makeOperator(identity.deps, customer);
    const granted = { ...theSystem(), act: 'role.granted', facts: { role: 'operator' } };
    expect(await actsOn(identity, made.id)).toEqual([granted]);
    expect(await acts()).toEqual([granted]);
  });
});

describe('is not written down', () => {
  test('what was refused, or changed nothing', async () => {
    const { token } = { token: customer.accessToken };
    await identity.call('POST', `/admin/customers/${customer.id}/block`, { token });
    await identity.call('GET', `/admin/customers/${customer.id}`, { token });
    await byOperator('POST', '/unblock');
    await identity.call('GET', '/admin/customers', { token: operator.accessToken });
    await identity.call('GET', '/me', { token });
    expect(await acts()).toEqual([]);
  });

  test('what a customer does to their own sessions by signing in, refreshing and out', async () => {
    await identity.call('POST', '/auth/refresh', { body: { refreshToken: customer.refreshToken } });
    await identity.call('POST', '/auth/logout', { token: customer.accessToken });
    expect(await acts()).toEqual([]);
  });

  test('a secret, a phone, a name or an address of a mailbox', async () => {
    await byOperator('GET', '');
    await byOperator('POST', '/block');
    const everything = JSON.stringify(await identity.deps.db.auditEntry.findMany({ omit: { id: true } }));
    for (const word of [customer.phone, customer.email, customer.password, customer.clientId, customer.refreshToken]) {
      expect(everything).not.toContain(word);
    }
  });
});

describe('what cannot be written down', () => {
  test('is not done, and nothing is told of it', async () => {
    const { database } = identity.deps;
    await database.$executeRaw`ALTER TABLE audit_entry ADD CONSTRAINT full_disk CHECK (false) NOT VALID`;
    try {
      for (const [method, path] of [
        ['POST', '/block'],
        ['DELETE', '/sessions'],
        ['GET', ''],
      ] as const) {
        const { status, body } = await byOperator(method, path);
        expect(status, path).toBeGreaterThanOrEqual(400);
        expect(JSON.stringify(body)).not.toContain(customer.phone);
      }
    } finally {
      await database.$executeRaw`ALTER TABLE audit_entry DROP CONSTRAINT full_disk`;
    }
    expect(await identity.deps.db.customer.findUnique({ where: { id: customer.id } })).toMatchObject({
      blockedAt: null,
      version: 1,
    });
    expect(await identity.deps.db.session.count({ where: { customerId: customer.id, endedAt: null } })).toBe(1);
    const events = await identity.told();
    expect(
      events.filter(({ data, subject }) => data.customerId === customer.id && /changed|revoked/.test(subject)),
    ).toEqual([]);
  });
});

describe('an entry', () => {
  test.each([
    ['changed', `UPDATE audit_entry SET act = 'customer.kissed'`],
    ['changed where there is none', `UPDATE audit_entry SET act = act WHERE false`],
    ['replaced', `INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (id) DO UPDATE SET act = 'x'`],
    ['removed', `DELETE FROM audit_entry`],
    ['cut off with all others', `TRUNCATE audit_entry`],
    ['cut off with another table', `TRUNCATE customer, session, refresh_token, device_key, audit_entry CASCADE`],
  ])('is not %s by the service itself', async (_, statement) => {
    await byOperator('GET', '');
    const { db, database } = identity.deps;
    const before = await db.auditEntry.findMany();
    expect(before.length).toBeGreaterThan(0);
    const { rows } = await database.pool.query(
      'SELECT current_user::text AS role, usesuper FROM pg_user WHERE usename = current_user',
    );
    expect(rows).toEqual([{ role: 'forecourt_test_identity', usesuper: false }]);
    await expect(database.pool.query(statement)).rejects.toMatchObject({
      code: '23001',
      message: 'the rows of audit_entry are only ever added',
    });
    expect(await db.auditEntry.findMany()).toEqual(before);
  });

  test('outlives whom it is about, and however many years', async () => {
    await byOperator('POST', '/block');
    const before = await acts();
    identity.runtime.clock.advance(20 * 365 * 24 * 3_600_000);
    await tidyUp(identity.deps);
    await identity.deps.db.customer.delete({ where: { id: customer.id } });
    expect(await acts()).toEqual(before);
    expect(before).toHaveLength(1);
  });
});
