import { randomUUID } from 'node:crypto';
import { customerErased, replenishmentSettled } from '@forecourt/contracts';
import { consumer } from '@forecourt/messaging';
import { aMessage, deliver, until } from '@forecourt/testing';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { pushOnReplenishmentSettled } from '../api/driver-pushes.ts';
import { issueBrokerCredential } from '../broker/credential.ts';
import { createPushLine, type PushLine } from './line.ts';
import { createPushMetrics } from './metrics.ts';
import { type PushingDeps, tellAtOnce, tellQueuedPushes } from './service.ts';
import { forgetPushes, queuePushes } from './store.ts';

let identity: TestIdentity;
let heard: { topic: string; sub: string; data: unknown }[];
/** Ours: on the server are others, who tell things of their own. */
const topics = new Set<string>();
let pushing: PushingDeps;
beforeAll(async () => {
  identity = await startIdentity({}, { nats: true });
  const { nats, database, log } = identity.runtime;
  nats.connection.subscribe('push.>', {
    callback: (_, message) => {
      const [, topic = '', sub = ''] = message.subject.split('.');
      if (topics.has(`push.${topic}`)) heard.push({ topic: `push.${topic}`, sub, data: message.json() });
    },
  });
  pushing = { database, log, line: createPushLine(nats, 1), metrics: createPushMetrics(new Registry()) };
});
afterAll(() => identity.close());
beforeEach(async () => {
  heard = [];
  await identity.deps.db.push.deleteMany();
});

async function aListener() {
  const { id } = await aCustomer(identity);
  const now = identity.deps.clock();
  const wish = { sessionId: id, customerId: id, expiresAt: now, now };
  const { topic } = await issueBrokerCredential(identity.deps.database, identity.deps, wish);
  topics.add(topic);
  return { customerId: id, topic };
}

const settled = (customerId: string, amount = 1_006_900n) =>
  aMessage(replenishmentSettled, {
    invoiceId: 'e887c58b-7df2-4fe1-960c-6ab09b121488',
    version: 1,
    customerId,
    status: 'success',
    amount,
    currency: 'MNT',
    settledAt: new Date(),
  });
const apply = (message: ReturnType<typeof settled>) =>
  deliver(pushOnReplenishmentSettled, message, { transact: identity.deps.database.transaction });
/** All that was told so far has been heard: the line hands on in the order that it was told. */
async function settle() {
  const topic = `push.${randomUUID()}`;
  topics.add(topic);
  await pushing.line.tellOnce(topic, { subject: topic, payload: '{}' });
  await until(() => heardBy(topic).length === 1);
  heard = heard.filter((message) => message.topic !== topic);
}
const queued = () => identity.deps.db.push.count();
const heardBy = (topic: string) => heard.filter((message) => message.topic === topic);

describe('a replenishment that has settled', () => {
  test('is heard once, wrapped on the topic and bare below it, in major units', async () => {
    const { customerId, topic } = await aListener();
    expect(await apply(settled(customerId))).toBe('applied');
    expect(await tellQueuedPushes(pushing)).toBe(1);
    await until(() => heard.length === 2);
    expect(heard.map(({ data }) => JSON.stringify(data))).toEqual([
      '{"replenishment":{"status":"success","amount":10069}}',
      '{"status":"success","amount":10069}',
    ]);
    expect(heard).toEqual([
      { topic, sub: '', data: { replenishment: { status: 'success', amount: 10_069 } } },
      { topic, sub: 'REPLENISHMENT', data: { status: 'success', amount: 10_069 } },
    ]);
    expect(await tellQueuedPushes(pushing)).toBe(0);
    expect(await queued()).toBe(0);
  });

  test('is heard once though its event is delivered again, and by several at once', async () => {
    const { customerId, topic } = await aListener();
    const message = settled(customerId);
    const outcomes = await Promise.all([apply(message), apply(message), apply(message)]);
    expect(outcomes.sort()).toEqual(['applied', 'duplicate', 'duplicate']);
    await Promise.all(Array.from({ length: 4 }, () => tellQueuedPushes(pushing)));
    await settle();
    expect(heardBy(topic)).toHaveLength(2);
  });

  test.each(['before anything is told', 'when half is told', 'when all is told'])(
    'is heard once though a process dies %s',
    async (when) => {
      const { customerId, topic } = await aListener();
      await apply(settled(customerId));
      const died = new Error('this process is dead');
      let told = 0;
      const dying: PushLine = {
        tellOnce: async (id, message) => {
          if (when === 'before anything is told' || (when === 'when half is told' && told > 0)) throw died;
          told += 1;
          await pushing.line.tellOnce(id, message);
        },
      };
      const database = { ...pushing.database, $executeRaw: () => Promise.reject(died) };
      await tellQueuedPushes({ ...pushing, database, line: dying }).catch((error) => expect(error).toBe(died));
      expect(await queued()).toBe(1);
      await tellQueuedPushes(pushing);
      await settle();
      expect(heardBy(topic)).toHaveLength(2);
      expect(await queued()).toBe(0);
    },
  );

  test('of somebody without an app is nothing to tell', async () => {
    const { id } = await aCustomer(identity);
    expect(await apply(settled(id))).toBe('applied');
    expect(await queued()).toBe(0);
  });

  test('of somebody who was erased since is told to nobody', async () => {
    const { customerId } = await aListener();
    await apply(settled(customerId));
    await identity.deps.database.transaction((tx) => forgetPushes(tx, customerId));
    expect(await queued()).toBe(0);
    const late = await aListener();
    await apply(settled(late.customerId));
    await identity.deps.db.pushTopic.delete({ where: { customerId: late.customerId } });
    expect(await tellQueuedPushes(pushing)).toBe(1);
    await settle();
    expect(heard).toEqual([]);
  });

  test('is told no more after an hour: later than that, the line may have forgotten that it was', async () => {
    const [late, soon] = [await aListener(), await aListener()];
    await apply(settled(late.customerId));
    await identity.deps.database.$executeRaw`UPDATE push SET created_at = now() - interval '3601 seconds'`;
    await apply(settled(soon.customerId));
    await identity.deps.database
      .$executeRaw`UPDATE push SET created_at = now() - interval '3500 seconds' WHERE customer_id = ${soon.customerId}`;
    expect(await tellQueuedPushes(pushing)).toBe(2);
    await settle();
    expect(heardBy(late.topic)).toEqual([]);
    expect(heardBy(soon.topic)).toHaveLength(2);
    expect(await queued()).toBe(0);
  });

  test('that nobody can read is a dead letter', async () => {
    const { customerId } = await aListener();
    expect(await apply({ ...settled(customerId), payload: Buffer.from('{"amount":1}') })).toBe('dead');
    expect(await queued()).toBe(0);
  });
});

test('one that cannot be told holds back no other', async () => {
  const [blocked, other] = [await aListener(), await aListener()];
  for (const { customerId } of [blocked, other]) await apply(settled(customerId));
  const line: PushLine = {
    tellOnce: (id, message) =>
      message.subject.startsWith(blocked.topic) ? Promise.reject(new Error('no')) : pushing.line.tellOnce(id, message),
  };
  expect(await tellQueuedPushes({ ...pushing, line })).toBe(1);
  await settle();
  expect(heardBy(other.topic)).toHaveLength(2);
  expect(await queued()).toBe(1);
});

test('what one customer is told keeps its order, and what is behind one that cannot be told waits for it', async () => {
  const { customerId, topic } = await aListener();
  const names = Array.from({ length: 20 }, (_, n) => `kind${n}`);
  await queuePushes(
    identity.deps.database,
    names.map((name) => ({ customerId, name, wrapped: null, bare: { name } })),
  );
  let fails = true;
  const line: PushLine = {
    tellOnce: (id, message) =>
      fails && message.subject.endsWith('KIND7') ? Promise.reject(new Error('no')) : pushing.line.tellOnce(id, message),
  };
  expect(await tellQueuedPushes({ ...pushing, line })).toBe(7);
  expect(await tellQueuedPushes({ ...pushing, line })).toBe(0);
  fails = false;
  await Promise.all([tellQueuedPushes({ ...pushing, line }), tellQueuedPushes({ ...pushing, line })]);
  await settle();
  expect(heardBy(topic).map(({ sub }) => sub)).toEqual(names.map((name) => name.toUpperCase()));
  expect(await queued()).toBe(0);
});

test('a line whose stream was lost makes it again', async () => {
  const { customerId, topic } = await aListener();
  const { nats } = identity.runtime;
  await apply(settled(customerId));
  await pushing.line.tellOnce('before', { subject: `${topic}.BEFORE`, payload: '{}' });
  await nats.manager.streams.delete(`${nats.streamPrefix}_PUSH`);
  await until(async () => (await tellQueuedPushes(pushing)) === 1);
  await settle();
  expect(heardBy(topic).map(({ sub }) => sub)).toEqual(['BEFORE', '', 'REPLENISHMENT']);
});

test('what comes often is told at once from no row, by a consumer that forgets, and is none of anybody else’s', async () => {
  const { customerId, topic } = await aListener();
  const { id: deaf } = await aCustomer(identity);
  const { nats } = identity.runtime;
  const often = consumer({
    event: customerErased,
    durable: 'identity-tells-often',
    guard: 'version',
    handleMany: (tx, events) =>
      tellAtOnce(
        { tx, nats },
        events.map(({ data }) => ({
          customerId: data.customerId,
          name: 'charging',
          wrapped: { charging: { state: 'charging' } },
          bare: { energy: data.version },
        })),
      ),
  });
  for (const who of [customerId, deaf]) {
    const message = aMessage(customerErased, { customerId: who, version: 7, erasedAt: new Date() });
    await deliver(often, message, { transact: identity.deps.database.transaction });
  }
  await until(() => heard.length === 2);
  expect(heard).toEqual([
    { topic, sub: '', data: { charging: { state: 'charging' } } },
    { topic, sub: 'CHARGING', data: { energy: 7 } },
  ]);
  expect(await queued()).toBe(0);
});
