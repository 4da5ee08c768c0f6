import { countStatements } from '@forecourt/testing';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCustomer, logIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { tidyUp } from '../housekeeping.ts';
import { queuePushes } from '../push/store.ts';
import { hashOfPassword } from './broker.ts';
import { issueBrokerCredential } from './credential.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity({ PUSH_SERVERS: 'wss://push.example.com:8443' });
});
afterAll(() => identity.close());

const sessionOf = (accessToken: string) => String(decodeJwt(accessToken).sid);

/** Turns the clock, so that one is older than the next. */
async function issue(customerId: string, sessionId: string) {
  identity.runtime.clock.advance(1_000);
  const now = identity.deps.clock();
  const expiresAt = new Date(now.getTime() + 86_400_000);
  return issueBrokerCredential(identity.deps.database, identity.deps, { sessionId, customerId, expiresAt, now });
}

test('a credential is two random words and a topic that nobody guesses, and of the password a hash is stored', async () => {
  const customer = await aCustomer(identity);
  const login = await issue(customer.id, sessionOf(customer.accessToken));
  expect(login).toStrictEqual({
    servers: 'wss://push.example.com:8443',
    topic: expect.stringMatching(/^push\.[\w-]{22}$/),
    user: expect.stringMatching(/^[\w-]{22}$/),
    pass: expect.stringMatching(/^[\w-]{43}$/),
  });
  const stored = await identity.deps.db.brokerCredential.findUniqueOrThrow({ where: { id: login.user } });
  expect(Buffer.from(stored.passwordHash)).toEqual(hashOfPassword(login.pass));
  expect(JSON.stringify(identity.runtime.logged)).not.toContain(login.pass);
});

test('all sign-ins of a customer share their topic, also when they come together, and nobody else has it', async () => {
  const customer = await aCustomer(identity);
  const sessions = [customer, await logIn(identity, customer)].map(({ accessToken }) => sessionOf(accessToken));
  const logins = await Promise.all([...sessions, ...sessions].map((session) => issue(customer.id, session)));
  const other = await aCustomer(identity);
  const topics = new Set(logins.map(({ topic }) => topic));
  expect(topics.size).toBe(1);
  expect(topics).not.toContain((await issue(other.id, sessionOf(other.accessToken))).topic);
  expect(new Set(logins.map(({ pass }) => pass)).size).toBe(4);
});

test('a session has its four newest credentials, and takes none of another', async () => {
  const customer = await aCustomer(identity);
  const other = sessionOf((await logIn(identity, customer)).accessToken);
  const session = sessionOf(customer.accessToken);
  const kept = [await issue(customer.id, other)];
  for (let n = 0; n < 6; n += 1) kept.push(await issue(customer.id, session));
  kept.splice(1, 2);
  const stored = await identity.deps.db.brokerCredential.findMany({ where: { sessionId: { in: [session, other] } } });
  expect(stored.map(({ id }) => id).sort()).toEqual(kept.map(({ user }) => user).sort());
});

test('costs one statement', async () => {
  const customer = await aCustomer(identity);
  const { statements } = await countStatements(identity.runtime, () =>
    issue(customer.id, sessionOf(customer.accessToken)),
  );
  expect(statements).toHaveLength(1);
});

test('a credential goes with housekeeping once it has ended, and a note of an end that nobody acts upon after a day', async () => {
  const { db, database } = identity.deps;
  const customer = await aCustomer(identity);
  const session = sessionOf(customer.accessToken);
  const { user } = await issue(customer.id, session);
  await database.$executeRaw`
    INSERT INTO broker_kick (session_id, requested_at)
    VALUES ('long ago', now() - interval '25 hours'), ('lately', now() - interval '23 hours')`;
  const left = () => db.brokerCredential.count({ where: { id: user } });
  await tidyUp(identity.deps);
  expect(await left()).toBe(1);
  expect((await db.brokerKick.findMany()).map(({ sessionId }) => sessionId)).toEqual(['lately']);
  identity.runtime.clock.advance(86_400_001);
  await tidyUp(identity.deps);
  expect(await left()).toBe(0);
});

test('who is erased has no topic any more, and nothing is left to be told', async () => {
  const { db, database } = identity.deps;
  const customer = await aCustomer(identity);
  const where = { customerId: customer.id };
  await issue(customer.id, sessionOf(customer.accessToken));
  await queuePushes(database, [{ ...where, name: 'replenishment', wrapped: { a: 1 }, bare: null }]);
  expect([await db.pushTopic.count({ where }), await db.push.count({ where })]).toEqual([1, 1]);
  const { status } = await identity.call('DELETE', '/me', {
    token: customer.accessToken,
    body: { password: customer.password },
  });
  expect(status).toBe(204);
  expect([await db.pushTopic.count({ where }), await db.push.count({ where })]).toEqual([0, 0]);
});
