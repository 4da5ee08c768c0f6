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
  const { database } = identity.deps;
  looks = 0;
  sender = startAwaitedSender({
    ...identity.deps,
    database: {
      ...database,
      $queryRaw: (strings, ...values) => {
        if (strings[0]?.includes('UPDATE message SET attempts')) looks += 1;
        return database.$queryRaw(strings, ...values);
      },
    },
  });
});
afterEach(async () => {
  for (const end of held.splice(0)) end();
  await sender.close();
  await identity.close();
  await gateway.close();
});

const held: (() => void)[] = [];
const reached = () => gateway.requests.map(({ body }) => JSON.parse(body).to as string);

test('a code goes out by itself, and nothing that nobody waits for', async () => {
  await aQueuedMessage(identity);
  const { recipient } = await askForCode(identity);
  await until(async () => (await storyOf(identity, recipient)).message.status === 'sent', { timeoutMs: 10_000 });
  expect(reached()).toEqual([recipient]);
});

test('a wake is a look, and many at once are one more', async () => {
  await until(() => looks > 0);
  const before = looks;
  for (let n = 0; n < 1000; n += 1) sender.wake();
  await until(() => looks > before);
  expect(looks - before).toBeLessThanOrEqual(3);
});

test('a code that a provider is slow with does not hold back the next', async () => {
  gateway.behave = (response, request) => void held.push(() => takesOn(response, request));
  const slow = await askForCode(identity);
  await until(() => held.length === 1, { timeoutMs: 10_000 });
  gateway.behave = takesOn;
  const quick = await askForCode(identity);
  sender.wake();
  await until(async () => (await storyOf(identity, quick.recipient)).message.status === 'sent', { timeoutMs: 10_000 });
  expect((await storyOf(identity, slow.recipient)).message.status).toBe('queued');
});

test('closing waits for the calls under way, and notes what came of them', async () => {
  gateway.behave = (response, request) => void held.push(() => takesOn(response, request));
  const { recipient } = await askForCode(identity);
  await until(() => held.length === 1, { timeoutMs: 10_000 });
  const closing = sender.close();
  for (const end of held.splice(0)) end();
  await closing;
  expect((await storyOf(identity, recipient)).message.status).toBe('sent');
});

test('a database that is away for a moment ends nothing', async () => {
  const { pool } = identity.deps.database;
  const client = await pool.connect();
  await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  client.release();
  const { recipient } = await askForCode(identity).catch(() => askForCode(identity, {}));
  await until(async () => (await storyOf(identity, recipient)).message.status === 'sent', { timeoutMs: 15_000 });
});
