import { connectNats } from '@forecourt/messaging';
import { until } from '@forecourt/testing';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type AppClient,
  aDriver,
  connectApp,
  type Driver,
  type IdentityWithBroker,
  startIdentityWithBroker,
} from '../../test/broker.ts';
import { createCallout } from './callout.ts';
import { issueBrokerCredential } from './credential.ts';
import { createBrokerMetrics } from './metrics.ts';
import { type Responder, startResponder } from './responder.ts';
import { watchConnections } from './watch.ts';

let system: IdentityWithBroker;
let driver: Driver;
beforeAll(async () => {
  system = await startIdentityWithBroker({ responds: false });
  driver = await aDriver(system);
});
afterAll(() => system.close());

const started: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ close }) => close()));
});

/** A process of identity's, as far as the broker sees one. */
async function anInstance() {
  const { runtime } = system.identity;
  const { log } = runtime;
  const nats = await connectNats({ url: system.broker.calloutUrl, name: 'an instance', log });
  const answered: string[] = [];
  const callout = createCallout({ database: runtime.database, clock: runtime.clock, settings: system.settings });
  const metrics = createBrokerMetrics(new Registry());
  const answer: typeof callout = async (question) => {
    const outcome = await callout(question);
    answered.push(outcome.decision);
    return outcome;
  };
  const responder: Responder = startResponder({ nats, answer, metrics, log });
  await nats.connection.flush();
  const instance = {
    answered,
    /** As when it is asked to go. */
    leave: () => responder.close(),
    /** As when it is killed: the broker sees a connection that is gone. */
    close: () => nats.close(),
  };
  started.push(instance);
  return instance;
}

const connect = () => connectApp(system, driver.login, 'TCP');

test('two share the work, one goes on alone, and none is missed when it is asked to go', async () => {
  const [first, second] = [await anInstance(), await anInstance()];
  const apps = await Promise.all(Array.from({ length: 20 }, connect));
  expect(first.answered.length).toBeGreaterThan(0);
  expect(second.answered.length).toBeGreaterThan(0);
  expect(first.answered.length + second.answered.length).toBe(20);
  await first.leave();
  apps.push(...(await Promise.all(Array.from({ length: 5 }, connect))));
  expect(second.answered.length + first.answered.length).toBe(25);
  await Promise.all(apps.map(({ close }) => close()));
});

test('while nobody answers an app is not let in and who is connected stays; once somebody does, all is as before', async () => {
  const killed = await anInstance();
  const connected = await connect();
  connected.hear(driver.login.topic);
  await killed.close();
  await expect(connect()).rejects.toThrow(/authorization|timeout/i);
  system.platform.connection.publish(driver.login.topic, '{}');
  await until(() => connected.heard.length === 1);
  await anInstance();
  await (await connect()).close();
  await connected.close();
});

test('a database that is away lets nobody in, and says so', async () => {
  const { runtime } = system.identity;
  const nats = await connectNats({ url: system.broker.calloutUrl, name: 'without a database', log: runtime.log });
  started.push(nats);
  const { log } = runtime;
  const metrics = createBrokerMetrics(new Registry());
  const answer = () => Promise.reject(new Error('the database is away'));
  startResponder({ nats, answer, metrics, log });
  await nats.connection.flush();
  await expect(connect()).rejects.toThrow(/authorization|timeout/i);
  expect(await metrics.logins.get()).toMatchObject({ values: [{ labels: { outcome: 'failed' }, value: 1 }] });
});

test('an app is disconnected when its credential ends', async () => {
  await anInstance();
  const now = new Date();
  const { deps } = system.identity;
  const login = await issueBrokerCredential(deps.database, deps, {
    sessionId: driver.sessionId,
    customerId: driver.id,
    expiresAt: new Date(now.getTime() + 1_500),
    now,
  });
  system.identity.runtime.clock.set(now);
  const app = await connectApp(system, login, 'TCP');
  expect(String(await app.connection.closed())).toMatch(/expired/i);
});

test('what nobody was told of is found by looking at everybody: ended sessions, and too many subscriptions', async () => {
  await anInstance();
  const [ended, greedy] = [await aDriver(system), await aDriver(system)];
  const apps: AppClient[] = [];
  for (const { login } of [ended, greedy, driver]) apps.push(await connectApp(system, login, 'WebSocket'));
  const [gone, much, fine] = apps as [AppClient, AppClient, AppClient];
  for (let n = 0; n < 9; n += 1) much.hear(`${greedy.login.topic}.${n}`);
  for (let n = 0; n < 8; n += 1) fine.hear(`${driver.login.topic}.${n}`);
  await Promise.all([much.connection.flush(), fine.connection.flush()]);
  await system.identity.call('POST', '/auth/logout', { token: ended.accessToken });

  const { database, clock, log } = system.identity.runtime;
  const metrics = createBrokerMetrics(new Registry());
  const nats = await connectNats({ url: system.broker.systemUrl, name: 'a sweep', log });
  const watch = watchConnections({ database, clock, log, metrics, nats });
  started.push({ close: () => watch.close().then(nats.close) });
  await Promise.all([gone.connection.closed(), much.connection.closed()]);
  await fine.connection.flush();
  expect((await metrics.kicks.get()).values).toMatchObject([{ value: 2 }]);
  await fine.close();
});
