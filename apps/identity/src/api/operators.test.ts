import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, anOperator, logIn, type SignedIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { makeOperator } from '../operator/service.ts';

let identity: TestIdentity;
let operator: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
  operator = await anOperator(identity);
});
afterAll(() => identity.close());

const ask = (method: 'GET' | 'POST' | 'DELETE', url: string, token = operator.accessToken) =>
  identity.call(method, url, { token });
const told = async (subject: string, customerId: string) =>
  (await identity.told(subject)).map(({ data }) => data).filter((data) => data.customerId === customerId);

/** The plans of what was asked, on a table too large to read it all, or in its order, if that can be helped. */
async function plansOf(statements: readonly string[]): Promise<string[]> {
  const client = await identity.deps.database.pool.connect();
  try {
    await client.query('BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off');
    const plans: string[] = [];
    for (const statement of statements) {
      const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN) ${statement}`);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
    }
    return plans;
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

describe('who is no operator', () => {
  test.each([
    ['GET', '/admin/customers'],
    ['GET', '/admin/customers/:id'],
    ['POST', '/admin/customers/:id/block'],
    ['POST', '/admin/customers/:id/unblock'],
    ['DELETE', '/admin/customers/:id/sessions'],
  ] as const)('may not %s %s, and without a token must sign in', async (method, url) => {
    const customer = await aCustomer(identity);
    const path = url.replace(':id', customer.id);
    expect(await ask(method, path, customer.accessToken)).toMatchObject({
      status: 403,
      body: { code: 'role_required' },
    });
    expect(await identity.call(method, path)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });
});

describe('a customer', () => {
  test('is shown whole, but for the password', async () => {
    const customer = await aCustomer(identity, { name: 'Петро', marketingOptIn: true });
    const { status, body, headers } = await ask('GET', `/admin/customers/${customer.id}`);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toStrictEqual({
      id: customer.id,
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      number: expect.any(Number),
      phone: customer.phone,
      phoneVerifiedAt: null,
      email: customer.email,
      emailVerifiedAt: null,
      name: 'Петро',
      firstName: null,
      middleName: null,
      lastName: null,
      birthday: null,
      sex: null,
      additionalInfo: null,
      referralCode: null,
      marketingOptIn: true,
      language: 'uk',
      roles: [],
      blockedAt: null,
      erasedAt: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      lastLoginAt: expect.any(String),
    });
  });

  test('is found by every identifier, and by a part of the name or address', async () => {
    const customer = await aCustomer(identity, { name: 'Рідкісне 100%_Ім’я', email: 'rare.heron@example.com' });
    const { body } = await ask('GET', `/admin/customers/${customer.id}`);
    const words = [body.id, body.uuid, String(body.number), body.phone, body.phone.slice(3), 'RARE.heron', '100%_ім’я'];
    for (const word of words) {
      const found = await ask('GET', `/admin/customers?search=${encodeURIComponent(word)}`);
      expect(
        found.body.items.map(({ id }: { id: string }) => id),
        word,
      ).toEqual([customer.id]);
    }
    expect((await ask('GET', '/admin/customers?search=no.such.person')).body).toEqual({
      items: [],
      page: 1,
      limit: 20,
      total: 0,
    });
  });

  test('is on exactly one page of the list', async () => {
    await Promise.all(Array.from({ length: 5 }, () => aCustomer(identity)));
    const ids: string[] = [];
    let total = 0;
    for (let page = 1; ids.length < total || page === 1; page += 1) {
      const { body } = await ask('GET', `/admin/customers?page=${page}&limit=3`);
      total = body.total;
      ids.push(...body.items.map(({ id }: { id: string }) => id));
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(total);
  });

  test('whom nobody knows is a 404, and an id of another shape a 400', async () => {
    const nobody = '0'.repeat(24);
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/block'],
      ['POST', '/unblock'],
      ['DELETE', '/sessions'],
    ] as const) {
      expect(await ask(method, `/admin/customers/${nobody}${path}`)).toMatchObject({
        status: 404,
        body: { code: 'customer_not_found' },
      });
      expect((await ask(method, `/admin/customers/x${path}`)).status).toBe(400);
    }
  });

  test('are found by the index of the parts of names and addresses, and counted by it', async () => {
    const search = () => ask('GET', '/admin/customers?search=herons');
    const { statements } = await countStatements(identity.runtime, search);
    const plans = await plansOf(statements);
    expect(plans).toHaveLength(2);
    for (const plan of plans) {
      expect(plan).toContain('customer_search_idx');
      expect(plan).not.toContain('Seq Scan');
    }
  });

  test.each(['page=0', 'limit=0', 'limit=101', 'page=10001', 'page=x', 'sort=name', 'search=%00'])(
    '%s is a 400',
    async (query) => {
      expect(await ask('GET', `/admin/customers?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'validation_failed' },
      });
    },
  );
});

describe('a block', () => {
  test('ends every session, closes login and refresh, and is told; twice is once', async () => {
    const customer = await aCustomer(identity);
    await logIn(identity, customer);
    const first = await ask('POST', `/admin/customers/${customer.id}/block`);
    expect(first).toMatchObject({ status: 200, body: { blockedAt: identity.deps.clock().toISOString() } });
    expect(await ask('POST', `/admin/customers/${customer.id}/block`)).toEqual({
      ...first,
      headers: expect.anything(),
    });

    const { refreshToken } = customer;
    expect((await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    await expect(logIn(identity, customer)).rejects.toThrow('403');
    expect(await told('identity.customer.changed.v1', customer.id)).toMatchObject([{ version: 2, blocked: true }]);
    expect(await told('identity.session.revoked.v1', customer.id)).toMatchObject([
      { reason: 'blocked' },
      { reason: 'blocked' },
    ]);
  });

  test('at the instant of a login leaves no session behind', async () => {
    const customer = await aCustomer(identity);
    await Promise.allSettled([
      logIn(identity, customer),
      ask('POST', `/admin/customers/${customer.id}/block`),
      logIn(identity, customer),
    ]);
    expect(await identity.deps.db.session.count({ where: { customerId: customer.id, endedAt: null } })).toBe(0);
  });

  test('that is lifted lets the customer log in again, with no old session', async () => {
    const customer = await aCustomer(identity);
    await ask('POST', `/admin/customers/${customer.id}/block`);
    expect(await ask('POST', `/admin/customers/${customer.id}/unblock`)).toMatchObject({
      status: 200,
      body: { blockedAt: null },
    });
    const { refreshToken } = customer;
    expect((await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    await logIn(identity, customer);
    expect((await told('identity.customer.changed.v1', customer.id)).map(({ blocked }) => blocked)).toEqual([
      true,
      false,
    ]);
  });
});

test('ending the sessions of a customer ends all of them, and leaves the account open', async () => {
  const customer = await aCustomer(identity);
  await logIn(identity, customer);
  expect(await ask('DELETE', `/admin/customers/${customer.id}/sessions`)).toMatchObject({
    status: 200,
    body: { ended: 2 },
  });
  expect(await ask('DELETE', `/admin/customers/${customer.id}/sessions`)).toMatchObject({
    status: 200,
    body: { ended: 0 },
  });
  expect(await told('identity.session.revoked.v1', customer.id)).toMatchObject([
    { reason: 'ended_by_operator' },
    { reason: 'ended_by_operator' },
  ]);
  await logIn(identity, customer);
});

describe('the first operator', () => {
  const settings = { email: 'first@forecourt.local', password: 'first-operator' };
  const login = { phone: '', clientId: 'console', ...settings };

  test('is made once, by however many processes start at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => makeOperator(identity.deps, settings)));
    expect(outcomes.sort()).toEqual(['made', 'unchanged', 'unchanged', 'unchanged']);
    const { accessToken } = await logIn(identity, login);
    expect((await ask('GET', '/admin/customers', accessToken)).status).toBe(200);
    expect((await identity.call('GET', '/me', { token: accessToken })).body).toMatchObject({
      phone: null,
      email: settings.email,
    });
  });

  test('keeps the password that they have by now', async () => {
    expect(await makeOperator(identity.deps, { ...settings, password: 'an old setting' })).toBe('unchanged');
    await logIn(identity, login);
  });

  test('is nobody who only registered the address first', async () => {
    const { email, id } = await aCustomer(identity);
    expect(await makeOperator(identity.deps, { email, password: 'of the real operator' })).toBe('refused');
    expect(await identity.deps.db.customer.findUnique({ where: { id } })).toMatchObject({ roles: [], version: 1 });
  });

  test('may be a customer already, who proves it with their password', async () => {
    const customer = await aCustomer(identity);
    expect(await makeOperator(identity.deps, customer)).toBe('granted');
    const { accessToken } = await logIn(identity, customer);
    expect((await ask('GET', '/admin/customers', accessToken)).status).toBe(200);
    expect(await told('identity.customer.changed.v1', customer.id)).toMatchObject([{ roles: ['operator'] }]);
  });

  test('has no password that everybody tries first', async () => {
    await expect(
      makeOperator(identity.deps, { email: 'weak@forecourt.local', password: 'password' }),
    ).rejects.toThrow();
  });
});
