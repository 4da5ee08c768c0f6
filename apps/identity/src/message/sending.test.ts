import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askForCode } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aQueuedMessage, storyOf } from '../../test/messages.ts';
import {
  type Behaviour,
  gatewaySecret,
  gatewaySettings,
  startGateway,
  type TestGateway,
  takesOn,
} from '../../test/sms-gateway.ts';
import { breakersOf, createProviders } from '../providers/providers.ts';
import { MessageProviders } from '../providers/settings.ts';
import { isAwaited } from './delivery.ts';
import type { Provider } from './provider.ts';
import { type SendingDeps, sendDueMessages } from './service.ts';
import { takeAwaited, takeOthers } from './store.ts';

let first: TestGateway;
let second: TestGateway;
let elsewhere: TestGateway;
let identity: TestIdentity;
let deps: SendingDeps;

beforeAll(async () => {
  identity = await startIdentity();
  [first, second, elsewhere] = await Promise.all([startGateway(), startGateway(), startGateway()]);
});
afterAll(async () => {
  await identity.close();
  await Promise.all([first.close(), second.close(), elsewhere.close()]);
});
beforeEach(async () => {
  await identity.deps.db.message.deleteMany();
  for (const gateway of [first, second, elsewhere]) {
    gateway.requests.length = 0;
    gateway.behave = takesOn;
  }
});

/** Providers that nobody has called yet: the first as wished, the second as it should be. */
const start = (wishes: object = {}, { alone = false } = {}) => {
  const settings = [gatewaySettings('first', first.url, wishes), gatewaySettings('second', second.url)];
  const MESSAGE_PROVIDERS = MessageProviders.parse(JSON.stringify(alone ? settings.slice(0, 1) : settings));
  const { database, clock } = identity.deps;
  const providers = createProviders({ ...identity.config, MESSAGE_PROVIDERS }, database, clock);
  deps = { ...identity.deps, providers, breakers: breakersOf(providers, clock) };
};
const work = () => sendDueMessages(deps);
const metrics = () => identity.runtime.metrics.registry.metrics();

const says =
  (status: number, body = '', headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    void response.writeHead(status, headers).end(body);

const says200 = (verdict: string) => says(200, JSON.stringify([{ Result: verdict }]));
const neverAnswers: Behaviour = () => {};
const resets: Behaviour = (response) => void response.socket?.resetAndDestroy();
const halfAnAnswer: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('[{"Result":"SUC', () => response.socket?.resetAndDestroy());
};
const neverEnds: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const pour = () => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
    if (!response.destroyed) response.once('drain', pour);
  };
  pour();
};
const trickles: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('[{"Result":');
};

describe.each([
  ['fails', () => says(500, 'oops'), 'later', 'queued', 'answered 500'],
  ['is overloaded', () => says(429), 'later', 'queued', 'answered 429'],
  ['is away', () => says(503), 'later', 'queued', 'answered 503'],
  ['refuses the password', () => says(401), 'later', 'queued', 'answered 401'],
  ['leads elsewhere', () => says(307, '', { location: elsewhere.url }), 'later', 'queued', 'answered 307'],
  ['finds the request wrong', () => says(400), 'refused', 'failed', 'answered 400'],
  ['has an error in its 200', () => says200('NO CREDIT'), 'later', 'queued', 'answered 200 with the verdict NO CREDIT'],
  ['does not know the number', () => says200('NO SUCH NUMBER'), 'refused', 'failed', 'NO SUCH NUMBER'],
  ['never answers', () => neverAnswers, 'in_doubt', 'in_doubt', 'did not answer in time'],
  ['never ends its answer', () => trickles, 'in_doubt', 'in_doubt', 'did not answer in time'],
  ['answers without end', () => neverEnds, 'in_doubt', 'in_doubt', 'answered 200 unreadably'],
  ['hangs up', () => resets, 'in_doubt', 'in_doubt', 'the connection broke'],
  ['breaks off amid its answer', () => halfAnAnswer, 'in_doubt', 'in_doubt', 'answered 200 unreadably'],
  ['answers something else', () => says(200, '<h1>Welcome</h1>'), 'in_doubt', 'in_doubt', 'answered 200 unreadably'],
  ['waited for another', () => says(504), 'in_doubt', 'in_doubt', 'answered 504'],
] as const)('a provider that %s', (_, behaviour, outcome, alone, reason) => {
  test(`leaves news of an order ${alone}, and nothing private in row or log`, async () => {
    start({}, { alone: true });
    first.behave = behaviour();
    const recipient = await aQueuedMessage(identity);
    await work();
    const { message, calls } = await storyOf(identity, recipient);
    expect(message).toMatchObject({ status: alone, lastError: expect.stringContaining(`first: `) });
    expect(message.lastError).toContain(reason);
    expect(calls).toMatchObject([
      { provider: 'first', outcome, error: expect.stringContaining(reason), reference: null },
    ]);
    expect(calls[0]?.endedAt).not.toBeNull();
    expect(elsewhere.requests).toEqual([]);
    await expect.poll(first.abandoned).toBe(true);
    const kept = JSON.stringify([identity.runtime.logged, { ...message, recipient: '' }, calls]);
    for (const secret of [gatewaySecret, recipient.slice(1), first.url]) expect(kept).not.toContain(secret);
  });

  test('does not keep a code from whoever waits for it: the next provider has it at once', async () => {
    start();
    first.behave = behaviour();
    const { recipient } = await askForCode(identity);
    await work();
    const { message, calls } = await storyOf(identity, recipient);
    expect(message).toMatchObject({ status: 'sent', attempts: 1, lastError: null });
    expect(calls).toMatchObject([
      { provider: 'first', outcome },
      { provider: 'second', outcome: 'taken', reference: '4711', error: null },
    ]);
    expect(second.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([calls[1]?.id]);
    const code = /\d{6}/.exec(JSON.parse(second.requests[0]?.body ?? '').text)?.[0] ?? 'no code';
    expect(JSON.stringify([identity.runtime.logged, message, calls])).not.toContain(code);
    expect(await metrics()).toMatch(
      new RegExp(
        `identity_message_calls_total\\{[^}]*provider="first",channel="sms",outcome="${outcome}"[^}]*\\} [1-9]`,
      ),
    );
  });
});

test('news of an order goes to the next provider only when the first has certainly not sent it', async () => {
  start();
  first.behave = says(503);
  const told = await aQueuedMessage(identity);
  await work();
  expect((await storyOf(identity, told)).message.status).toBe('sent');

  first.behave = resets;
  const inDoubt = await aQueuedMessage(identity);
  await work();
  expect(await storyOf(identity, inDoubt)).toMatchObject({
    message: { status: 'in_doubt', nextAttemptAt: null },
    calls: [{ provider: 'first', outcome: 'in_doubt' }],
  });
  expect(second.requests).toHaveLength(1);
});

test('who wants no news gets none by another provider, but the code that they asked for', async () => {
  start();
  first.behave = says200('STOPPED');
  const news = await aQueuedMessage(identity);
  const { recipient } = await askForCode(identity);
  await work();
  expect((await storyOf(identity, news)).message).toMatchObject({ status: 'failed' });
  expect((await storyOf(identity, recipient)).message).toMatchObject({ status: 'sent' });
});

test('a code is tried again within seconds, and each call has an id of its own', async () => {
  start({}, { alone: true });
  first.behave = says(500);
  const { recipient } = await askForCode(identity);
  for (const seconds of [0, 2, 4]) {
    identity.runtime.clock.advance(seconds * 1000);
    await work();
  }
  const { message, calls } = await storyOf(identity, recipient);
  expect(message).toMatchObject({ status: 'queued', attempts: 3 });
  expect(new Set(first.requests.map(({ headers }) => headers['idempotency-key']))).toEqual(
    new Set(calls.map(({ id }) => id)),
  );
  expect(calls).toHaveLength(3);
});

test('a code that is in doubt three times is let be', async () => {
  start({}, { alone: true });
  first.behave = resets;
  const { recipient } = await askForCode(identity);
  for (let n = 0; n < 6; n += 1) {
    await work();
    identity.runtime.clock.advance(8_000);
  }
  expect((await storyOf(identity, recipient)).message).toMatchObject({ status: 'in_doubt', attempts: 3 });
  expect(first.requests).toHaveLength(3);
});

test('a provider that says when is not asked before', async () => {
  start({}, { alone: true });
  first.behave = says(429, '', { 'retry-after': '25' });
  const { recipient } = await askForCode(identity);
  await work();
  first.behave = takesOn;
  const other = await askForCode(identity);
  await work();
  expect(first.requests).toHaveLength(1);
  expect((await storyOf(identity, other.recipient)).message).toMatchObject({
    status: 'queued',
    lastError: 'first: is given a rest',
  });
  identity.runtime.clock.advance(25_000);
  await work();
  for (const to of [recipient, other.recipient]) {
    expect((await storyOf(identity, to)).message).toMatchObject({ status: 'sent' });
  }
});

test('a provider that is down is spared after five failures, tried by one after half a minute, and then trusted', async () => {
  start();
  first.behave = says(503);
  for (let n = 0; n < 12; n += 1) await aQueuedMessage(identity);
  await work();
  expect(first.requests.length).toBeGreaterThanOrEqual(5);
  expect(first.requests.length).toBeLessThan(12);
  expect(second.requests).toHaveLength(12);
  const breaker = deps.breakers.get(deps.providers.sms?.[0] as Provider);
  expect(breaker?.isDown()).toBe(true);

  const before = first.requests.length;
  identity.runtime.clock.advance(30_000);
  for (let n = 0; n < 4; n += 1) await aQueuedMessage(identity);
  await work();
  expect(first.requests).toHaveLength(before + 1);
  first.behave = takesOn;
  identity.runtime.clock.advance(30_000);
  await aQueuedMessage(identity);
  await work();
  await aQueuedMessage(identity);
  await work();
  expect(first.requests).toHaveLength(before + 3);
  expect(breaker?.isDown()).toBe(false);
});

describe('never past its time', () => {
  test('a code whose time runs out while the first provider fails is not offered to the second', async () => {
    start();
    first.behave = (response) => {
      identity.runtime.clock.advance(5 * 60_000);
      response.writeHead(500).end();
    };
    const { recipient } = await askForCode(identity);
    await work();
    expect((await storyOf(identity, recipient)).message).toMatchObject({ status: 'expired' });
    expect(second.requests).toEqual([]);
  });

  test('nobody waits for a call any longer than the code is good', async () => {
    start({ timeoutSeconds: 30 }, { alone: true });
    first.behave = neverAnswers;
    const { recipient } = await askForCode(identity);
    identity.runtime.clock.advance(5 * 60_000 - 1_500);
    await work(); // would take half a minute, and the test not so long
    expect(await storyOf(identity, recipient)).toMatchObject({
      message: { status: 'expired' },
      calls: [{ outcome: 'in_doubt', error: 'did not answer in time' }],
    });
    await expect.poll(first.abandoned).toBe(true);
  });
});

test('workers that look at once call for each message once', async () => {
  start({ atOnce: 10 });
  const recipients = [];
  for (let n = 0; n < 40; n += 1) recipients.push(await aQueuedMessage(identity));
  await Promise.all(Array.from({ length: 4 }, work));
  while ((await work()) > 0);
  const reached = first.requests.map(({ body }) => JSON.parse(body).to as string);
  expect(reached.sort()).toEqual(recipients.sort());
  expect(new Set(first.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(40);
});

test('who overslept the lease while the call was prepared does not make it', async () => {
  start();
  const recipient = await aQueuedMessage(identity);
  const { database } = deps;
  await sendDueMessages({
    ...deps,
    database: {
      ...database,
      // Held up just before the call is noted, until another worker has sent it.
      $queryRaw: async <T>(strings: TemplateStringsArray, ...values: unknown[]) => {
        if (strings[0]?.includes('INSERT INTO message_call')) {
          identity.runtime.clock.advance(120_000);
          await work();
        }
        return database.$queryRaw<T>(strings, ...values);
      },
    },
  });
  expect(first.requests).toHaveLength(1);
  expect(await storyOf(identity, recipient)).toMatchObject({
    message: { status: 'sent', attempts: 2 },
    calls: [{ outcome: 'taken' }],
  });
});

test('the two queues hold all kinds: what somebody waits for, and the rest', async () => {
  const kinds = ['code', 'password_reset', 'password_changed', 'order_placed', 'order_changed'] as const;
  for (const kind of kinds) await aQueuedMessage(identity, { kind, facts: {} } as object);
  const now = deps.clock();
  const taking = { limit: 10, now, leaseEnds: new Date(now.getTime() + 1000) };
  const [awaited, others] = await Promise.all([takeAwaited(deps.database, taking), takeOthers(deps.database, taking)]);
  expect(awaited.map(({ kind }) => kind).sort()).toEqual(kinds.filter(isAwaited).sort());
  expect(others.map(({ kind }) => kind).sort()).toEqual(kinds.filter((kind) => !isAwaited(kind)).sort());
});

test('a thousand messages that nobody waits for are not in front of a code', async () => {
  start();
  for (let n = 0; n < 150; n += 1) await aQueuedMessage(identity);
  identity.runtime.clock.advance(1_000);
  const { recipient } = await askForCode(identity);
  await sendDueMessages(deps, ['awaited']);
  expect(first.requests.map(({ body }) => JSON.parse(body).to)).toEqual([recipient]);
  expect(await metrics()).toMatch(/identity_messages_oldest_due_seconds\{[^}]*queue="others"[^}]*\} 1/);
  expect(await metrics()).toMatch(/identity_code_delivery_seconds_count\{[^}]*channel="sms"[^}]*\} [1-9]/);
});
