import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actsOn } from '../../../test/audit.ts';
import { aCustomer, anOperator, logIn, type SignedIn } from '../../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../../test/identity.ts';

let identity: TestIdentity;
let operator: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
  operator = await anOperator(identity);
});
afterAll(() => identity.close());

const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, token = operator.accessToken) =>
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
    const found = async (word: string) => {
      const { body: page } = await ask('GET', `/admin/customers?search=${encodeURIComponent(word)}`);
      return page.items.map(({ id }: { id: string }) => id);
    };
    const words = [body.id, body.uuid, body.phone, body.phone.slice(3), 'RARE.heron', '100%_ім’я'];
    for (const word of words) expect(await found(word), word).toEqual([customer.id]);
    // So short a number may be a part of somebody else's address, too.
    expect(await found(String(body.number))).toContain(customer.id);
    expect((await ask('GET', '/admin/customers?search=no.such.person')).body).toEqual({
      items: [],
      page: 1,
      limit: 20,
      total: 0,
    });
  });

  test('is found by first and last name in either order, in a part of each, and together with the address', async () => {
    const { id, email } = await aCustomer(identity, { email: 'olena.sh@example.com' });
    const other = await aCustomer(identity);
    const { db } = identity.deps;
    await db.customer.update({ where: { id }, data: { firstName: 'Олександра', lastName: 'Шевченківна' } });
    await db.customer.update({ where: { id: other.id }, data: { firstName: 'Олександра', lastName: 'Франко' } });
    const found = async (search: string) =>
      (await ask('GET', `/admin/customers?${new URLSearchParams({ search })}`)).body.items.map(
        (item: { id: string }) => item.id,
      );
    expect(await found('олександра')).toEqual(expect.arrayContaining([id, other.id]));
    for (const words of [
      'Олександра Шевченківна',
      'шевченківна  олекса',
      'ЧЕНКІВ',
      `ОЛЕКСАНДРА ${email.slice(0, 6)}`,
    ]) {
      expect(await found(words), words).toEqual([id]);
    }
    expect(await found('Олександра Петрівна')).toEqual([]);
  });

  test('is shown in the list without what only they said of themselves, and that is not written down', async () => {
    const customer = await aCustomer(identity, { email: 'private.heron@example.com' });
    const { db } = identity.deps;
    const said = { birthday: new Date('1990-02-03'), sex: 'female', additionalInfo: 'allergic', middleName: 'Middle' };
    await db.customer.update({ where: { id: customer.id }, data: said });
    const { body } = await ask('GET', '/admin/customers?search=private.heron');
    expect(body.items).toHaveLength(1);
    for (const field of ['birthday', 'sex', 'additionalInfo', 'middleName', 'referralCode'])
      expect(body.items[0]).not.toHaveProperty(field);
    expect(await actsOn(identity, customer.id)).toEqual([]);

    const { body: whole } = await ask('GET', `/admin/customers/${customer.id}`);
    expect(whole).toMatchObject({ birthday: '1990-02-03', sex: 'female', additionalInfo: 'allergic' });
    expect(await actsOn(identity, customer.id)).toMatchObject([{ act: 'customer.read', actorId: operator.id }]);
  });

  test('costs two statements: one reads, one writes down who looked', async () => {
    const { id } = await aCustomer(identity);
    const { statements } = await countStatements(identity.runtime, () => ask('GET', `/admin/customers/${id}`));
    expect(statements).toHaveLength(2);
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

describe('somebody who was erased', () => {
  const erased = async () => {
    const customer = await aCustomer(identity);
    const { uuid, number } = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: customer.id } });
    const body = { password: customer.password };
    expect((await identity.call('DELETE', '/me', { token: customer.accessToken, body })).status).toBe(204);
    return { ...customer, uuid, number: Number(number) };
  };

  test('is three identifiers and a date, so that what names them elsewhere can be understood', async () => {
    const { id, uuid, number } = await erased();
    const { status, body } = await ask('GET', `/admin/customers/${id}`);
    expect(status).toBe(200);
    const { createdAt, updatedAt, erasedAt, language, roles, marketingOptIn, ...rest } = body;
    expect(erasedAt).toBe(identity.deps.clock().toISOString());
    expect([roles, marketingOptIn]).toEqual([[], false]);
    expect(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null))).toEqual({
      id,
      uuid,
      number,
    });
  });

  test('is found by these three, and by nothing else', async () => {
    const { id, uuid, number, email, phone } = await erased();
    const found = async (search: string) =>
      (await ask('GET', `/admin/customers?${new URLSearchParams({ search })}`)).body.items.map(
        (item: { id: string }) => item.id,
      );
    for (const word of [id, uuid]) expect(await found(word)).toEqual([id]);
    expect(await found(String(number))).toContain(id);
    for (const word of [email, phone]) expect(await found(word)).toEqual([]);
    const { body } = await ask('GET', '/admin/customers?limit=100');
    expect(body.items.map((item: { id: string }) => item.id)).not.toContain(id);
  });

  test('is nobody to do anything to', async () => {
    const { id } = await erased();
    for (const [method, path] of [
      ['POST', '/block'],
      ['POST', '/unblock'],
      ['DELETE', '/sessions'],
      ['PUT', '/roles/partner'],
      ['DELETE', '/roles/partner'],
      ['DELETE', `/sessions/${'0'.repeat(24)}`],
      ['DELETE', `/devices/${'0'.repeat(24)}`],
    ] as const) {
      expect(await ask(method, `/admin/customers/${id}${path}`), path).toMatchObject({
        status: 404,
        body: { code: 'customer_not_found' },
      });
    }
  });

  test('is still in the log of what was done to them, by id alone', async () => {
    const { id } = await erased();
    const { body } = await ask('GET', `/admin/audit?subject=${id}`);
    expect(body.items).toMatchObject([{ act: 'customer.erased', actor: { role: 'customer', id }, subjectId: id }]);
  });
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
