import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, logIn, type SignedIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { getCustomer, saveCustomer } from './store.ts';

let identity: TestIdentity;
let customer: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  customer = await aCustomer(identity, { name: 'Олена' });
});

const me = (token?: string) => identity.call('GET', '/me', { ...(token && { token }) });
const change = (body: unknown, token = customer.accessToken) => identity.call('PATCH', '/me', { body, token });
const changesOf = async ({ id }: SignedIn) =>
  (await identity.told('identity.customer.changed.v1'))
    .map(({ data }) => data)
    .filter((data) => data.customerId === id);

describe('GET /me', () => {
  test('answers the customer, in exactly eight keys, for one statement', async () => {
    const { result, statements } = await countStatements(identity.runtime, () => me(customer.accessToken));
    expect(result.status).toBe(200);
    expect(Object.keys(result.body)).toEqual([
      'id',
      'phone',
      'email',
      'name',
      'isPhoneVerified',
      'createdAt',
      'updatedAt',
      'lastLoginAt',
    ]);
    expect(result.body).toMatchObject({ id: customer.id, phone: customer.phone, email: customer.email, name: 'Олена' });
    expect(result.headers['cache-control']).toBe('no-store');
    expect(statements).toHaveLength(1);
  });

  test.each([undefined, 'no token', 'eyJhbGciOiJub25lIn0.e30.'])('with the token %j is a 401', async (token) => {
    expect(await me(token)).toMatchObject({ status: 401, body: { statusCode: 401, error: 'Unauthorized' } });
  });

  test('says whether a code has proved the phone', async () => {
    await identity.deps.db.customer.update({ where: { id: customer.id }, data: { phoneVerifiedAt: new Date() } });
    expect((await me(customer.accessToken)).body.isPhoneVerified).toBe(true);
  });
});

describe('PATCH /me', () => {
  test('changes what is sent and nothing else, and tells the whole customer', async () => {
    identity.runtime.clock.advance(1000);
    const { status, body } = await change({ name: ' Оля ' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'Оля', email: customer.email, updatedAt: identity.deps.clock().toISOString() });
    expect(await changesOf(customer)).toEqual([
      {
        customerId: customer.id,
        version: 2,
        phone: customer.phone,
        email: customer.email,
        name: 'Оля',
        language: 'uk',
        roles: [],
        blocked: false,
        changedAt: identity.deps.clock().toISOString(),
      },
    ]);
  });

  test('at the instant of a login forgets nothing of it', async () => {
    const { db, clock } = identity.deps;
    const loaded = await getCustomer(db, customer.id);
    identity.runtime.clock.advance(60_000);
    await logIn(identity, customer);
    await saveCustomer(db, { ...loaded, name: 'Оля' });
    expect(await getCustomer(db, customer.id)).toMatchObject({ name: 'Оля', lastLoginAt: clock() });
  });

  test('an empty name takes it away', async () => {
    expect((await change({ name: '  ' })).body.name).toBeNull();
  });

  test('the same facts, or none, change nothing and are not told', async () => {
    const { body } = await change({ name: 'Олена', email: customer.email.toUpperCase() });
    expect((await change({})).body).toEqual(body);
    expect(body.updatedAt).toBe(body.createdAt);
    expect(await changesOf(customer)).toEqual([]);
  });

  test('a new e-mail address logs in at once, the old one no more and is told of it', async () => {
    const email = `new.${customer.email}`;
    expect((await change({ email: email.toUpperCase() })).body.email).toBe(email);
    await logIn(identity, { ...customer, email });
    await expect(logIn(identity, customer)).rejects.toThrow('401');
    expect(await identity.mailTo(customer.email)).toMatchObject([
      { subject: 'Адресу вашого облікового запису змінено' },
    ]);
  });

  test('an e-mail address that somebody has is a 409, and changes nothing', async () => {
    const other = await aCustomer(identity);
    expect(await change({ name: 'Х', email: other.email.toUpperCase() })).toMatchObject({
      status: 409,
      body: { statusCode: 409, message: 'Email вже зайнятий', error: 'Conflict' },
    });
    expect((await me(customer.accessToken)).body.name).toBe('Олена');
    expect(await changesOf(customer)).toEqual([]);
  });

  test('of ten who want one address at once exactly one gets it', async () => {
    const customers = await Promise.all(Array.from({ length: 10 }, () => aCustomer(identity)));
    const email = `wanted.${customer.email}`;
    const answers = await Promise.all(customers.map(({ accessToken }) => change({ email }, accessToken)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
  });

  test('to ever more e-mail addresses, had by somebody or not, is refused after five an hour', async () => {
    const other = await aCustomer(identity);
    for (const n of [1, 2, 3]) expect((await change({ email: `n${n}.${customer.email}` })).status).toBe(200);
    for (const _ of [4, 5]) expect((await change({ email: other.email })).status).toBe(409);
    expect(await change({ email: other.email })).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } });
    expect((await change({ email: `n3.${customer.email}`, name: 'Оля' })).body.name).toBe('Оля');
    identity.runtime.clock.advance(3_600_000);
    const { accessToken } = await logIn(identity, { ...customer, email: `n3.${customer.email}` });
    expect((await change({ email: customer.email }, accessToken)).status).toBe(200);
  });

  test('ten changes at once are ten versions, told in their order', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, n) => change({ name: `Ім'я ${n}` })));
    const changes = await changesOf(customer);
    expect(changes.map(({ version }) => version)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(changes.at(-1)?.name).toBe((await me(customer.accessToken)).body.name);
  });

  test.each([
    [{ name: 'n'.repeat(121) }, ['name must be shorter than or equal to 120 characters']],
    [{ email: 'x' }, ['email must be an email']],
    [{ name: null }, ['name must be a string']],
    [{ phone: '+380971112233' }, ['property phone should not exist']],
    [{ isPhoneVerified: true }, ['property isPhoneVerified should not exist']],
    [{ passwordHash: 'x', roles: [] }, ['property passwordHash should not exist', 'property roles should not exist']],
  ])('%j is a 400', async (body, message) => {
    expect(await change(body)).toMatchObject({ status: 400, body: { message } });
  });

  test('without a token is a 401 before its body is looked at', async () => {
    expect((await identity.call('PATCH', '/me', { body: { email: 'x' } })).status).toBe(401);
  });
});
