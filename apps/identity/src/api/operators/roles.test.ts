import { countStatements, until } from '@forecourt/testing';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actsOn } from '../../../test/audit.ts';
import { aCustomer, anOperator, logIn, type SignedIn } from '../../../test/builders.ts';
import { aDevice } from '../../../test/devices.ts';
import { startIdentity, type TestIdentity } from '../../../test/identity.ts';
import { waitingForLocks } from '../../../test/locks.ts';

let identity: TestIdentity;
let operator: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  // Each test begins with one operator.
  await identity.deps.database.$executeRaw`UPDATE customer SET roles = '{}' WHERE 'operator' = ANY (roles)`;
  operator = await anOperator(identity);
});

type Method = 'PUT' | 'DELETE' | 'POST' | 'GET';
const ask = (method: Method, path: string, by: { accessToken: string } = operator, address = '198.51.100.7') =>
  identity.call(method, `/admin/customers/${path}`, { token: by.accessToken, address });
const grant = (id: string, role = 'partner', by = operator) => ask('PUT', `${id}/roles/${role}`, by);
const withdraw = (id: string, role = 'partner', by = operator) => ask('DELETE', `${id}/roles/${role}`, by);
const rolesIn = (token: string) => decodeJwt<{ roles: string[] }>(token).roles;
const rolesOf = async (id: string) => (await identity.deps.db.customer.findUniqueOrThrow({ where: { id } })).roles;
const openSessionsOf = (customerId: string) => identity.deps.db.session.count({ where: { customerId, endedAt: null } });
const told = async (subject: string, customerId: string) =>
  (await identity.told(subject)).map(({ data }) => data).filter((data) => data.customerId === customerId);

/** Starts these while nobody gets past a lock, and lets them go once all wait for it. */
async function atOnce<T>(lock: [kind: string, id: string], ...work: (() => Promise<T>)[]): Promise<T[]> {
  const { database } = identity.deps;
  let started: Promise<T>[] = [];
  const [kind, id] = lock;
  await database.transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.' || ${kind}::text), hashtext(${id}::text))`;
    started = work.map((start) => start());
    await until(async () => (await waitingForLocks(database)) === work.length);
  });
  return Promise.all(started);
}
const operatorsLock: [string, string] = ['role', 'operator'];

describe('a role that is granted', () => {
  test('is in the tokens of the next refresh, told, and written down: who, to whom, when and from where', async () => {
    const customer = await aCustomer(identity);
    const answer = await grant(customer.id);
    expect(answer).toMatchObject({ status: 200, body: { id: customer.id, roles: ['partner'], erasedAt: null } });
    expect(answer.headers['cache-control']).toBe('no-store');

    const { refreshToken } = customer;
    const refreshed = await identity.call('POST', '/auth/refresh', { body: { refreshToken } });
    expect(rolesIn(refreshed.body.accessToken)).toEqual(['partner']);
    expect(await told('identity.customer.changed.v1', customer.id)).toMatchObject([{ version: 2, roles: ['partner'] }]);
    expect(await actsOn(identity, customer.id)).toEqual([
      {
        at: identity.deps.clock(),
        act: 'role.granted',
        actorRole: 'operator',
        actorId: operator.id,
        address: '198.51.100.7',
        facts: { role: 'partner' },
      },
    ]);
  });

  test('twice is granted once', async () => {
    const customer = await aCustomer(identity);
    await grant(customer.id);
    expect(await grant(customer.id)).toMatchObject({ status: 200, body: { roles: ['partner'] } });
    expect(await told('identity.customer.changed.v1', customer.id)).toHaveLength(1);
    expect(await actsOn(identity, customer.id)).toHaveLength(1);
  });

  test('by several at once is granted once', async () => {
    const customer = await aCustomer(identity);
    const answers = await Promise.all(Array.from({ length: 5 }, () => grant(customer.id, 'operator')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await told('identity.customer.changed.v1', customer.id)).toHaveLength(1);
    expect(await actsOn(identity, customer.id)).toHaveLength(1);
  });

  test('leaves the other role alone', async () => {
    const customer = await aCustomer(identity);
    await Promise.all([grant(customer.id, 'partner'), grant(customer.id, 'operator')]);
    expect([...(await rolesOf(customer.id))].sort()).toEqual(['operator', 'partner']);
    expect(await withdraw(customer.id, 'operator')).toMatchObject({ status: 200, body: { roles: ['partner'] } });
  });

  test('costs nine statements, from the lock to the entry in the log', async () => {
    const customer = await aCustomer(identity);
    const { statements } = await countStatements(identity.runtime, () => grant(customer.id));
    expect(statements).toHaveLength(9);
  });
});

describe('a role that is withdrawn', () => {
  test('takes every session and device with it, whose tokens say it, and lets the person sign in without it', async () => {
    const customer = await aCustomer(identity);
    await grant(customer.id);
    await logIn(identity, customer);
    const device = await aDevice(identity, customer);
    expect(await withdraw(customer.id)).toMatchObject({ status: 200, body: { roles: [] } });

    expect(await openSessionsOf(customer.id)).toBe(0);
    const ended = await told('identity.session.revoked.v1', customer.id);
    expect(ended.map(({ reason }) => reason)).toEqual(Array(3).fill('role_withdrawn'));
    expect(ended.map(({ sessionId }) => sessionId)).toContain(device.sessionId);
    const { refreshToken } = customer;
    expect((await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    expect(rolesIn((await logIn(identity, customer)).accessToken)).toEqual([]);
    expect((await actsOn(identity, customer.id)).at(-1)).toMatchObject({
      act: 'role.withdrawn',
      actorId: operator.id,
      facts: { role: 'partner', sessions: 3 },
    });
  });

  test('twice is withdrawn once, and who never had it keeps their sessions', async () => {
    const customer = await aCustomer(identity);
    expect((await withdraw(customer.id)).status).toBe(200);
    expect(await openSessionsOf(customer.id)).toBe(1);
    expect(await actsOn(identity, customer.id)).toEqual([]);
  });

  test('while its holder is signing in is said by no token that lives', async () => {
    const customer = await anOperator(identity);
    const { database } = identity.deps;
    let signingIn: Promise<unknown> = Promise.resolve();
    await database.transaction(async (tx) => {
      await tx.$executeRaw`UPDATE customer SET roles = '{}' WHERE id = ${customer.id}`;
      signingIn = expect(logIn(identity, customer)).rejects.toThrow('401');
      await until(async () => (await waitingForLocks(database)) === 1);
    });
    await signingIn;
    expect(rolesIn((await logIn(identity, customer)).accessToken)).toEqual([]);
  });

  test('is withdrawn from somebody who is granted another at the same time, and both are done', async () => {
    const customer = await aCustomer(identity);
    await grant(customer.id, 'partner');
    await atOnce(
      ['customer', customer.id],
      () => withdraw(customer.id, 'partner'),
      () => grant(customer.id, 'operator'),
    );
    expect(await rolesOf(customer.id)).toEqual(['operator']);
    const versions = (await told('identity.customer.changed.v1', customer.id)).map(({ version }) => version);
    expect(versions).toEqual([2, 3, 4]);
  });
});

describe('the last operator', () => {
  const lastOperator = { status: 409, body: { code: 'last_operator' } };

  test('keeps the role, and is not blocked', async () => {
    expect(await withdraw(operator.id, 'operator')).toMatchObject(lastOperator);
    expect(await ask('POST', `${operator.id}/block`)).toMatchObject(lastOperator);
    expect(await rolesOf(operator.id)).toEqual(['operator']);
    expect(await openSessionsOf(operator.id)).toBe(2);
    expect(await actsOn(identity, operator.id)).toEqual([]);
  });

  test('is whoever can sign in: operators who are blocked do not count', async () => {
    const another = await anOperator(identity);
    expect((await ask('POST', `${another.id}/block`)).status).toBe(200);
    expect(await withdraw(operator.id, 'operator')).toMatchObject(lastOperator);
    expect((await withdraw(another.id, 'operator')).status).toBe(200);
  });

  test('may lose the role of partner', async () => {
    await grant(operator.id, 'partner');
    expect(await withdraw(operator.id, 'partner')).toMatchObject({ status: 200, body: { roles: ['operator'] } });
  });

  test('is one of two who give up the role at once', async () => {
    const another = await anOperator(identity);
    const answers = await atOnce(
      operatorsLock,
      () => withdraw(operator.id, 'operator', operator),
      () => withdraw(another.id, 'operator', another),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject(lastOperator);
    expect(await operatorsLeft()).toBe(1);
  });

  test('is one of two who withdraw the role from one another at once', async () => {
    const another = await anOperator(identity);
    const answers = await atOnce(
      operatorsLock,
      () => withdraw(another.id, 'operator', operator),
      () => withdraw(operator.id, 'operator', another),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(await operatorsLeft()).toBe(1);
  });

  test('is one of two who block one another at once', async () => {
    const another = await anOperator(identity);
    const answers = await atOnce(
      operatorsLock,
      () => ask('POST', `${another.id}/block`, operator),
      () => ask('POST', `${operator.id}/block`, another),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await operatorsLeft()).toBe(1);
  });

  test('is one of many who all leave and block one another, however often', async () => {
    for (let round = 0; round < 3; round += 1) {
      const all = [operator, await anOperator(identity), await anOperator(identity), await anOperator(identity)];
      const answers = await Promise.all(
        all.flatMap((one, index) => [
          withdraw(one.id, 'operator', one),
          ask('POST', `${all[(index + 1) % all.length]?.id}/block`, one),
        ]),
      );
      expect(answers.every(({ status }) => [200, 403, 409].includes(status))).toBe(true);
      expect(await operatorsLeft()).toBeGreaterThanOrEqual(1);
      await identity.deps.database.$executeRaw`UPDATE customer SET roles = '{}', blocked_at = NULL`;
      operator = await anOperator(identity);
    }
  });

  const operatorsLeft = () =>
    identity.deps.db.customer.count({ where: { roles: { has: 'operator' }, blockedAt: null } });
});

describe('refused', () => {
  test('is who was an operator when their token was made, and is none any more', async () => {
    const another = await anOperator(identity);
    const customer = await aCustomer(identity);
    await withdraw(another.id, 'operator');
    const refused = { status: 403, body: { code: 'role_required' } };
    expect(await grant(customer.id, 'operator', another)).toMatchObject(refused);
    expect(await withdraw(operator.id, 'operator', another)).toMatchObject(refused);
    expect(await rolesOf(customer.id)).toEqual([]);
  });

  test('is to block oneself', async () => {
    await anOperator(identity);
    expect(await ask('POST', `${operator.id}/block`)).toMatchObject({ status: 409, body: { code: 'own_account' } });
    expect(await openSessionsOf(operator.id)).toBe(2);
  });

  test.each(['PUT', 'DELETE'] as const)(
    '%s is for operators, about customers whom there are and roles that there are',
    async (method) => {
      const customer = await aCustomer(identity);
      const url = `/admin/customers/${customer.id}/roles/partner`;
      expect(await identity.call(method, url)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect(await ask(method, `${customer.id}/roles/partner`, customer)).toMatchObject({
        status: 403,
        body: { code: 'role_required' },
      });
      expect(await ask(method, `${'0'.repeat(24)}/roles/partner`)).toMatchObject({
        status: 404,
        body: { code: 'customer_not_found' },
      });
      for (const path of ['x/roles/partner', `${customer.id}/roles/king`, `${customer.id}/roles/Operator`]) {
        expect(await ask(method, path)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
      }
      expect(await rolesOf(customer.id)).toEqual([]);
      expect(await openSessionsOf(customer.id)).toBe(1);
    },
  );
});
