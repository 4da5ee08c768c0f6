import { sessionRevoked } from '@forecourt/contracts';
import { aMessage, deliver, until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AppClient,
  aDriver,
  connectApp,
  type Driver,
  type IdentityWithBroker,
  lines,
  startIdentityWithBroker,
} from '../../test/broker.ts';
import { mostConnections } from './broker.ts';
import { disconnectOnSessionRevoked } from './consumers.ts';

let system: IdentityWithBroker;
beforeAll(async () => {
  // No turn of a clock may look like the promptness of what is woken.
  system = await startIdentityWithBroker({ pace: { kicksEveryMs: 3_600_000, sweepEveryMs: 3_600_000 } });
});
afterAll(() => system.close());

const revocationOf = ({ sessionId, id: customerId }: Driver) =>
  aMessage(sessionRevoked, { sessionId, version: 1, customerId, reason: 'logout', revokedAt: new Date() });

/** As the stream brings it, and what a process does once a message had its effect. */
async function hearOfTheEnd(driver: Driver) {
  const outcome = await deliver(disconnectOnSessionRevoked, revocationOf(driver), {
    transact: system.identity.deps.database.transaction,
  });
  system.watch?.wake();
  return outcome;
}

const logOut = ({ accessToken }: Driver) => system.identity.call('POST', '/auth/logout', { token: accessToken });
const isThere = ({ connection }: AppClient) =>
  connection.flush().then(
    () => true,
    () => false,
  );
const kicksOf = (sessionId: string) => system.identity.deps.db.brokerKick.count({ where: { sessionId } });

describe.each(lines)('over %s', (line) => {
  test('an app is disconnected when its session ends, is let in no more, and other sessions go on', async () => {
    const driver = await aDriver(system);
    const other = await aDriver(system, driver);
    const [app, others] = await Promise.all([
      connectApp(system, driver.login, line),
      connectApp(system, other.login, line),
    ]);
    await logOut(driver);
    await expect(connectApp(system, driver.login, line)).rejects.toThrow(/authorization violation/i);
    expect(await hearOfTheEnd(driver)).toBe('applied');
    await app.connection.closed();
    await expect(connectApp(system, driver.login, line)).rejects.toThrow(/authorization violation/i);
    expect(await isThere(others)).toBe(true);
    await until(async () => (await kicksOf(driver.sessionId)) === 0);
    await others.close();
  });

  test('an app that reconnects by itself does not come back', async () => {
    const driver = await aDriver(system);
    const app = await connectApp(system, driver.login, line, { reconnect: true });
    await logOut(driver);
    await hearOfTheEnd(driver);
    expect(String(await app.connection.closed())).toMatch(/authorization violation/i);
  });
});

test('a redelivered end changes nothing, and one that nobody can read is a dead letter', async () => {
  const driver = await aDriver(system);
  await logOut(driver);
  const message = revocationOf(driver);
  const { database, db } = system.identity.deps;
  const { transaction: transact } = database;
  expect(await deliver(disconnectOnSessionRevoked, message, { transact })).toBe('applied');
  expect(await kicksOf(driver.sessionId)).toBe(1);
  await db.brokerKick.deleteMany();
  expect(await deliver(disconnectOnSessionRevoked, message, { transact })).toBe('duplicate');
  expect(await kicksOf(driver.sessionId)).toBe(0);
  const poison = { ...revocationOf(driver), payload: Buffer.from('{"sessionId":7}') };
  expect(await deliver(disconnectOnSessionRevoked, poison, { transact })).toBe('dead');
});

test('the end of a session that no app had a credential of is nobody’s connection', async () => {
  const driver = await aDriver(system);
  await system.identity.deps.db.brokerCredential.deleteMany({ where: { sessionId: driver.sessionId } });
  await deliver(disconnectOnSessionRevoked, revocationOf(driver), {
    transact: system.identity.deps.database.transaction,
  });
  expect(await kicksOf(driver.sessionId)).toBe(0);
});

test.each([
  [
    'blocked',
    (id: string) => system.identity.deps.db.customer.update({ where: { id }, data: { blockedAt: new Date() } }),
  ],
  ['erased', (id: string) => system.identity.deps.db.session.deleteMany({ where: { customerId: id } })],
])('a customer who is %s is let in no more, whether or not anybody has heard of it', async (_, happen) => {
  const driver = await aDriver(system);
  await happen(driver.id);
  await expect(connectApp(system, driver.login, 'TCP')).rejects.toThrow(/authorization violation/i);
});

test('an app whose session ends while it is let in is found when it has arrived', async () => {
  const driver = await aDriver(system);
  system.beforeAnswer = () => logOut(driver);
  const app = await connectApp(system, driver.login, 'TCP');
  system.beforeAnswer = async () => {};
  await app.connection.closed();
});

test('of a session that has too many connections the oldest end', async () => {
  const driver = await aDriver(system);
  const apps: AppClient[] = [];
  for (let n = 0; n < mostConnections + 3; n += 1) apps.push(await connectApp(system, driver.login, 'TCP'));
  const oldest = apps.splice(0, 3);
  await Promise.all(oldest.map(({ connection }) => connection.closed()));
  expect(await Promise.all(apps.map(isThere))).toEqual(apps.map(() => true));
  await Promise.all(apps.map(({ close }) => close()));
});
