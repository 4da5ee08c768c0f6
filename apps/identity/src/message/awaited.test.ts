import type { Database } from '@forecourt/service-kit';
import { until } from '@forecourt/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askForCode } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aQueuedMessage, storyOf } from '../../test/messages.ts';
import { gatewaySettings, startGateway, type TestGateway, takesOn } from '../../test/sms-gateway.ts';
import { type AwaitedSender, startAwaitedSender } from './awaited.ts';

let gateway: TestGateway;
let identity: TestIdentity;
let sender: AwaitedSender;
let looks: number;

beforeEach(async () => {
  gateway = await startGateway();
  identity = await startIdentity({
    MESSAGE_PROVIDERS: JSON.stringify([gatewaySettings('first', gateway.url, { atOnce: 1, timeoutSeconds: 30 })]),
  });
});
afterEach(async () => {
  for (const end of held.splice(0)) end();
  await sender.close();
  await identity.close();
  await gateway.close();
});

const start = (everyMs?: number) => {
  const { database } = identity.deps;
  looks = 0;
  const counted: Database = {
    ...database,
    $queryRaw: async <T>(strings: TemplateStringsArray, ...values: unknown[]) => {
      const rows = await database.$queryRaw<T>(strings, ...values);
      if (!strings[0]?.includes('UPDATE message SET attempts')) return rows;
      looks += 1;
      await afterLook;
      return rows;
    },
  };
  sender = startAwaitedSender({ ...identity.deps, database: counted }, everyMs);
};
let afterLook: Promise<void> | undefined;
const anHour = 3_600_000;

const held: (() => void)[] = [];
const reached = () => gateway.requests.map(({ body }) => JSON.parse(body).to as string);

test('a code goes out by itself, and nothing that nobody waits for', async () => {
  start();
  await aQueuedMessage(identity);
  const { recipient } = await askForCode(identity);
  await until(async () => (await storyOf(identity, recipient)).message.status === 'sent');
  expect(reached()).toEqual([recipient]);
});

test('a wake is a look at once, and many are one more', async () => {
  start(anHour);
  await until(() => looks === 1);
  const { recipient } = await askForCode(identity);
  sender.wake();
  await until(async () => (await storyOf(identity, recipient)).message.status === 'sent');
  const before = looks;
  for (let n = 0; n < 1000; n += 1) sender.wake();
  await until(() => looks > before);
  expect(looks - before).toBeLessThanOrEqual(2);
});

test('a wake while it looks is not forgotten', async () => {
  const look = Promise.withResolvers<void>();
  afterLook = look.promise;
  start(anHour);
  await until(() => looks === 1);
  const { recipient } = await askForCode(identity);
  sender.wake();
  afterLook = undefined;
  look.resolve();
  await until(async () => (await storyOf(identity, recipient)).message.status === 'sent');
});

test('a code that a provider is slow with does not hold back the next', async () => {
  start();
  gateway.behave = (response, request) => void held.push(() => takesOn(response, request));
  const slow = await askForCode(identity);
  await until(() => held.length === 1);
  gateway.behave = takesOn;
  const quick = await askForCode(identity);
  sender.wake();
  await until(async () => (await storyOf(identity, quick.recipient)).message.status === 'sent');
  expect((await storyOf(identity, slow.recipient)).message.status).toBe('queued');
});

test('closing waits for the calls under way, and notes what came of them', async () => {
  start();
  gateway.behave = (response, request) => void held.push(() => takesOn(response, request));
  const { recipient } = await askForCode(identity);
  await until(() => held.length === 1);
  const closing = sender.close();
  for (const end of held.splice(0)) end();
  await closing;
  expect((await storyOf(identity, recipient)).message.status).toBe('sent');
});

test('a database that is away for a moment ends nothing', async () => {
  start();
  const { pool } = identity.deps.database;
  const client = await pool.connect();
  await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  client.release();
  const { recipient } = await askForCode(identity).catch(() => askForCode(identity, {}));
  await until(async () => (await storyOf(identity, recipient)).message.status === 'sent');
});
