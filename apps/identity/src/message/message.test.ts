import { languages } from '@forecourt/dialects';
import type { Database } from '@forecourt/service-kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { maxAttempts } from './delivery.ts';
import { htmlText } from './message.ts';
import type { Answer, OutgoingMessage, Provider, Providers } from './provider.ts';
import { sendDueMessages } from './service.ts';
import { type NewMessage, queueMessage } from './store.ts';
import { write } from './words.ts';

test.each(languages)('every message has words of its own in %s', (language) => {
  const order = { number: 'A-17', total: '1234.5', currency: 'UAH', items: [{ title: 'Бор 801', quantity: 2 }] };
  const letters = [
    write('password_reset', language, { url: 'https://shop.example/reset' }),
    write('password_changed', language, {}),
    write('email_changed', language, {}),
    write('order_placed', language, order),
    ...(['new', 'processing', 'done', 'cancelled'] as const).map((status) =>
      write('order_changed', language, { number: 'A-17', status }),
    ),
  ];
  expect(new Set(letters.map(({ subject }) => subject)).size).toBe(letters.length);
  expect(letters[0]?.paragraphs).toContain('https://shop.example/reset');
  expect(letters[3]?.subject).toContain('A-17');
  expect(letters[3]?.subject).toMatch(/1.?234[.,]50/);
  expect(letters[3]?.paragraphs.join('\n')).toContain('Бор 801 × 2');
});

test('what people wrote is text in a mail, never markup', () => {
  const html = htmlText({ subject: '<s>', paragraphs: ['<script>&', 'https://a.example/?a=1&b="2"'] }, 'en');
  expect(html).not.toContain('<script>');
  expect(html).toContain('<p>&lt;script&gt;&amp;</p>');
  expect(html).toContain('<a href="https://a.example/?a=1&amp;b=&quot;2&quot;">');
});

const taken: Answer = { outcome: 'taken', reference: null };
const later = (reason: string): Answer => ({ outcome: 'later', reason });

describe('the worker', () => {
  let identity: TestIdentity;
  let sent: OutgoingMessage[];
  let answer: Answer;
  const provider: Provider = {
    name: 'trial',
    atOnce: 2,
    patienceSeconds: 20,
    send: async (message) => {
      if (answer.outcome === 'taken') sent.push(message);
      return answer;
    },
    close: () => {},
  };
  beforeEach(async () => {
    identity = await startIdentity();
    sent = [];
    answer = taken;
  });
  afterEach(() => identity.close());

  const queue = (wishes: Partial<NewMessage> = {}) =>
    queueMessage(identity.deps.database, {
      kind: 'order_changed',
      facts: { number: 'A-17', status: 'done' },
      channel: 'email',
      recipient: 'ivan@example.com',
      language: 'en',
      dedupeKey: 'order_changed:1:2',
      now: identity.deps.clock(),
      ...wishes,
    } as NewMessage);
  const work = (providers: Providers = { email: [provider], sms: [provider] }) =>
    sendDueMessages({ ...identity.deps, providers });
  const stored = () => identity.deps.db.message.findMany({ orderBy: { id: 'asc' } });

  /** Answers nobody before it is woken. `asked`: a message was handed to it. */
  function sleepyProvider() {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: woken, resolve: wake } = Promise.withResolvers<Answer>();
    const send = () => {
      ask();
      return woken;
    };
    return { sleepy: { ...provider, send }, asked, wake };
  }

  test('sends a mail with subject, text and page, once', async () => {
    await queue();
    await work();
    await work();
    expect(sent).toEqual([
      {
        id: expect.any(String),
        channel: 'email',
        recipient: 'ivan@example.com',
        language: 'en',
        notAfter: null,
        subject: 'Order A-17 is completed',
        text: 'Order A-17 is completed.',
        html: expect.stringContaining('<p>Order A-17 is completed.</p>'),
      },
    ]);
    expect(await stored()).toMatchObject([
      { status: 'sent', attempts: 1, sentAt: identity.deps.clock(), lastError: null },
    ]);
  });

  test('sends one sentence by SMS', async () => {
    await queue({ channel: 'sms', recipient: '+380971112233' });
    await work();
    expect(sent).toMatchObject([{ channel: 'sms', subject: null, text: 'Order A-17 is completed', html: null }]);
  });

  test('sends one message for one key', async () => {
    await Promise.all(Array.from({ length: 5 }, () => queue()));
    await work();
    expect(sent).toHaveLength(1);
  });

  test('of several that look at once sends each message once', async () => {
    for (let n = 0; n < 30; n += 1) await queue({ dedupeKey: `order_changed:${n}` });
    await Promise.all(Array.from({ length: 4 }, () => work()));
    while ((await work()) > 0);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(30);
    expect(sent).toHaveLength(30);
  });

  test('tries again after a failure, with the same id, when its time has come', async () => {
    await queue();
    answer = later('451 try later');
    await work();
    expect(await stored()).toMatchObject([{ status: 'queued', attempts: 1, lastError: 'trial: 451 try later' }]);
    answer = taken;
    expect(await work()).toBe(0);
    identity.runtime.clock.advance(10_000);
    expect(await work()).toBe(1);
    expect(await stored()).toMatchObject([{ id: sent[0]?.id, status: 'sent', attempts: 2 }]);
  });

  test('sends nothing from the moment on that it would come too late', async () => {
    const notAfter = new Date(identity.deps.clock().getTime() + 60_000);
    await queue({ notAfter });
    identity.runtime.clock.advance(59_000);
    await work();
    await queue({ notAfter, dedupeKey: 'order_changed:1:3' });
    identity.runtime.clock.advance(1_000);
    await work();
    expect(sent).toHaveLength(1);
    expect((await stored()).map(({ status }) => status).sort()).toEqual(['expired', 'sent']);
  });

  test('does not wait for a moment that is too late to try again', async () => {
    await queue({ notAfter: new Date(identity.deps.clock().getTime() + 25_000) });
    answer = later('451 try later');
    await work();
    expect(await stored()).toMatchObject([{ status: 'queued', attempts: 1 }]);
    identity.runtime.clock.advance(10_000);
    await work();
    expect(await stored()).toMatchObject([
      { status: 'expired', nextAttemptAt: null, lastError: 'trial: 451 try later' },
    ]);
  });

  test('gives up in the end, and says so in the log', async () => {
    await queue();
    answer = later('450 mailbox is busy');
    for (let n = 0; n < maxAttempts; n += 1) {
      await work();
      identity.runtime.clock.advance(3_600_000);
    }
    expect(await stored()).toMatchObject([{ status: 'failed', attempts: maxAttempts, nextAttemptAt: null }]);
    expect(identity.runtime.logged.at(-1)).toMatchObject({
      level: 'warn',
      outcome: 'failed',
      reason: 'trial: 450 mailbox is busy',
    });
  });

  test('keeps the address out of the log that a mail server repeats', async () => {
    await queue();
    answer = later('450 4.2.1 <ivan@example.com>: busy');
    await work();
    expect(identity.runtime.logged.at(-1)).toMatchObject({ reason: 'trial: 450 4.2.1 <<recipient>>: busy' });
  });

  test('keeps a reason that Postgres could not', async () => {
    await queue();
    answer = later('450 \0 \ud800');
    await work();
    expect(await stored()).toMatchObject([{ status: 'queued', attempts: 1, lastError: 'trial: 450  \ufffd' }]);
  });

  test('leaves a message of a channel that nobody serves where it is, and says so in log and metrics', async () => {
    await queue({ channel: 'sms', recipient: '+380971112233' });
    await sendDueMessages({ ...identity.deps, providers: {} });
    expect(await stored()).toMatchObject([
      { status: 'undeliverable', lastError: 'nothing is configured that sends sms' },
    ]);
    expect(identity.runtime.logged.at(-1)).toMatchObject({ level: 'warn', outcome: 'undeliverable', channel: 'sms' });
    expect(await identity.runtime.metrics.registry.metrics()).toMatch(
      /identity_messages_total\{[^}]*channel="sms",outcome="undeliverable"[^}]*\} 1/,
    );
  });

  test('that died while sending loses its messages to another one after two minutes', async () => {
    await queue();
    const { sleepy, asked, wake } = sleepyProvider();
    const dying = work({ email: [sleepy] });
    await asked;
    expect(await work()).toBe(0);
    identity.runtime.clock.advance(120_000);
    expect(await work()).toBe(1);
    expect(sent).toHaveLength(1);
    wake(later('nobody hears it'));
    await dying;
  });

  test('that cannot note one outcome is not over before the calls under way are, and what came of them is noted', async () => {
    for (const dedupeKey of ['order_changed:1', 'order_changed:2']) await queue({ dedupeKey });
    const { database } = identity.deps;
    let failures = 0;
    const failingOnce: Database = {
      ...database,
      $executeRaw: async (strings, ...values) => {
        if (!strings[0]?.includes('WITH call AS') || failures > 0) return database.$executeRaw(strings, ...values);
        failures += 1;
        throw new Error('the database is away');
      },
    };
    const answers: PromiseWithResolvers<Answer>[] = [];
    const send = () => {
      const called = Promise.withResolvers<Answer>();
      answers.push(called);
      return called.promise;
    };
    const providers = { email: [{ ...provider, send }] };
    const working = sendDueMessages({ ...identity.deps, database: failingOnce, providers });
    await expect.poll(() => answers.length).toBe(2);
    answers[0]?.resolve(taken);
    await expect.poll(() => failures).toBe(1);
    answers[1]?.resolve(taken);
    await expect(working).rejects.toThrow('the database is away');
    expect((await stored()).map(({ status }) => status).sort()).toEqual(['queued', 'sent']);
  });

  test('gives back untried what its provider is too slow for, and never hands over more than it takes at once', async () => {
    for (let n = 0; n < 7; n += 1) await queue({ dedupeKey: `order_changed:${n}` });
    let inHand = 0;
    let mostInHand = 0;
    const slow: Provider = {
      ...provider,
      send: async (message, call) => {
        inHand += 1;
        mostInHand = Math.max(mostInHand, inHand);
        const said = await provider.send(message, call);
        identity.runtime.clock.advance(20_000);
        inHand -= 1;
        return said;
      },
    };
    await work({ email: [slow] });
    expect(mostInHand).toBe(2);
    const left = (await stored()).filter(({ status }) => status === 'queued');
    expect(left.length).toBeGreaterThan(0);
    expect(left.every(({ attempts, takenUntil }) => attempts === 0 && takenUntil === null)).toBe(true);
    while ((await work()) > 0);
    expect(sent).toHaveLength(7);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(7);
  });

  test('that overslept does not overrule the one that took over', async () => {
    await queue();
    const { sleepy, asked, wake } = sleepyProvider();
    const overslept = work({ email: [sleepy] });
    await asked;
    identity.runtime.clock.advance(120_000);
    answer = later('451 try later');
    await work();
    const taken = await stored();
    wake(later('too late'));
    await overslept;
    expect(await stored()).toEqual(taken);
    expect(taken).toMatchObject([{ status: 'queued', attempts: 2, lastError: 'trial: 451 try later' }]);
  });
});
