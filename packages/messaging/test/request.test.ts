import { defineRequest } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { layCable, type TestNats, until } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { type AnswerContext, type AnswerOptions, answer, ask, deadlineAfter } from '../src/index.ts';
import { aNats } from './fixture.ts';

const Day = z.codec(z.iso.date(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString().slice(0, 10),
});

const nextDay = defineRequest('orders.day.next', {
  summary: 'The day after.',
  request: z.object({ day: Day }),
  reply: z.object({ day: Day }),
});

type Handle = (request: { day: Date }, context: AnswerContext) => Promise<{ day: Date }>;

const addDay: Handle = async ({ day }) => ({ day: new Date(day.getTime() + 86_400_000) });
const today = { day: new Date('2026-02-28') };
const never = () => new Promise<never>(() => undefined);

async function answering(nats: TestNats, handle: Handle, options?: AnswerOptions) {
  const answering = answer(nats, nextDay, handle, options);
  await nats.connection.flush();
  return answering;
}

const refusal = (asked: Promise<unknown>): Promise<AppError> =>
  asked.then(
    () => expect.unreachable('it was answered'),
    (error: unknown) => (error instanceof AppError ? error : Promise.reject(error)),
  );

test('a question and its answer arrive in the types of the contract', async () => {
  const nats = await aNats();
  await answering(nats, addDay);
  expect(await ask(nats, nextDay, today, { timeoutMs: 1000 })).toEqual({ day: new Date('2026-03-01') });
});

test('nobody there is told at once', async () => {
  const nats = await aNats();
  const started = performance.now();
  const error = await refusal(ask(nats, nextDay, today, { timeoutMs: 10_000 }));
  expect(error).toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 1 });
  expect(performance.now() - started).toBeLessThan(2000);
});

test('a broker that is away is told at once', async () => {
  const cable = await layCable((await aNats()).url);
  onTestFinished(() => cable.close());
  const nats = await aNats({ url: cable.url });
  cable.cut();
  await until(() => !nats.isConnected());
  const started = performance.now();
  expect(await refusal(ask(nats, nextDay, today, { timeoutMs: 10_000 }))).toMatchObject({
    code: 'service_unavailable',
  });
  expect(performance.now() - started).toBeLessThan(2000);
  cable.mend();
  await until(() => nats.isConnected());
});

test('a refusal comes back whole: code, message, facts, violations and when to try again', async () => {
  const nats = await aNats();
  const refused = new AppError('too_many_requests', 'Повільніше,\r\nбудь ласка.', {
    cause: new Error('for us alone'),
    params: { title: 'Бур 801', price: 350 },
    violations: [{ path: ['items', 0, 'quantity'], rule: 'min', expected: 1 }],
    retryAfterSeconds: 7,
  });
  await answering(nats, () => Promise.reject(refused));
  const { code, message, params, violations, retryAfterSeconds, cause } = await refusal(
    ask(nats, nextDay, today, { timeoutMs: 1000 }),
  );
  expect({ code, message, params, violations, retryAfterSeconds, cause }).toEqual({
    code: refused.code,
    message: refused.message,
    params: refused.params,
    violations: refused.violations,
    retryAfterSeconds: 7,
    cause: undefined,
  });
});

test('a bug on the other side says nothing of itself', async () => {
  const nats = await aNats();
  await answering(nats, () => Promise.reject(new Error('password is 123')));
  const error = await refusal(ask(nats, nextDay, today, { timeoutMs: 1000 }));
  expect(error).toMatchObject({ code: 'internal', message: 'Something went wrong.' });
});

test('a failure of what an answer stands on is told as what it means, and nothing more', async () => {
  class Away extends Error {}
  const away = new AppError('service_unavailable', 'Try again soon.', { retryAfterSeconds: 2 });
  const nats = await aNats({ refusalOf: (error) => (error instanceof Away ? away : null) });
  const failures = [new Away('password is 123'), new TypeError('password is 123')];
  await answering(nats, () => Promise.reject(failures.shift()));
  const askIt = () => refusal(ask(nats, nextDay, today, { timeoutMs: 1000 }));
  expect(await askIt()).toMatchObject({
    code: 'service_unavailable',
    message: 'Try again soon.',
    retryAfterSeconds: 2,
  });
  expect(await askIt()).toMatchObject({ code: 'internal', message: 'Something went wrong.' });
});

test('an answer that takes too long is a time-out, and who works on it is told to stop', async () => {
  const nats = await aNats();
  const aborted = Promise.withResolvers<void>();
  await answering(nats, (_, { signal }) => {
    signal.addEventListener('abort', () => aborted.resolve());
    return never();
  });
  expect(await refusal(ask(nats, nextDay, today, { timeoutMs: 100 }))).toMatchObject({ code: 'upstream_timeout' });
  await aborted.promise;
});

test('a deadline shrinks at each hop', async () => {
  const nats = await aNats();
  const seen: number[] = [];
  await answering(nats, async (request, { deadline }) => {
    seen.push(deadline.remainingMs());
    return addDay(request, { deadline, signal: new AbortController().signal });
  });
  await ask(nats, nextDay, today, { timeoutMs: 50_000, deadline: deadlineAfter(20_000) });
  await ask(nats, nextDay, today, { timeoutMs: 5_000, deadline: deadlineAfter(20_000) });
  expect(seen[0]).toBeGreaterThan(10_000);
  expect(seen[0]).toBeLessThanOrEqual(19_950);
  expect(seen[1]).toBeLessThanOrEqual(5_000);
});

test('with no time left nothing is asked', async () => {
  const nats = await aNats();
  let asked = 0;
  await answering(nats, (...question) => {
    asked++;
    return addDay(...question);
  });
  const error = await refusal(ask(nats, nextDay, today, { timeoutMs: 1000, deadline: deadlineAfter(60) }));
  expect(error).toMatchObject({ code: 'upstream_timeout' });
  await nats.connection.flush();
  expect(asked).toBe(0);
});

test('more questions than can be worked on are refused at once, the others are answered', async () => {
  const nats = await aNats();
  const go = Promise.withResolvers<void>();
  await answering(nats, (...question) => go.promise.then(() => addDay(...question)), { maxInFlight: 2 });
  const asked = Array.from({ length: 5 }, () => ask(nats, nextDay, today, { timeoutMs: 5000 }));
  const refused = await Promise.all(asked.slice(2).map(refusal));
  expect(refused.map(({ code }) => code)).toEqual(['overloaded', 'overloaded', 'overloaded']);
  go.resolve();
  expect(await Promise.all(asked.slice(0, 2))).toHaveLength(2);
});

test('a question that the contract does not know is refused before anybody acts on it', async () => {
  const nats = await aNats();
  await answering(nats, addDay);
  const subject = `${nats.streamPrefix}.orders.day.next`;
  for (const body of ['{"day":"tomorrow"}', '{', '']) {
    const reply = await nats.connection.request(subject, body);
    expect(reply.headers?.get('error-code')).toBe('validation_failed');
  }
});

test.each(['{"day":"tomorrow"}', '{', ''])('the answer %j is a bad gateway', async (body) => {
  const nats = await aNats();
  nats.connection.subscribe(`${nats.streamPrefix}.orders.day.next`, {
    callback: (_, message) => void message.respond(body),
  });
  expect(await refusal(ask(nats, nextDay, today, { timeoutMs: 1000 }))).toMatchObject({ code: 'bad_gateway' });
});

test('the request id travels with the question', async () => {
  const nats = await aNats();
  const seen: (string | undefined)[] = [];
  await answering(nats, (request, context) => {
    seen.push(context.requestId);
    return addDay(request, context);
  });
  await ask(nats, nextDay, today, { timeoutMs: 1000, requestId: 'r1' });
  await ask(nats, nextDay, today, { timeoutMs: 1000 });
  expect(seen).toEqual(['r1', undefined]);
});

test('each question goes to one of the replicas, and one that closes finishes what it has', async () => {
  const nats = await aNats();
  const other = await aNats({ streamPrefix: nats.streamPrefix });
  const go = Promise.withResolvers<void>();
  let asked = 0;
  const closing = await answering(nats, (...question) => {
    asked++;
    return go.promise.then(() => addDay(...question));
  });
  const first = ask(other, nextDay, today, { timeoutMs: 5000 });
  await until(() => asked === 1);
  const closed = closing.close();
  await answering(other, addDay);
  await until(() => ask(other, nextDay, today, { timeoutMs: 1000 }));
  expect(asked).toBe(1);
  go.resolve();
  expect(await first).toEqual({ day: new Date('2026-03-01') });
  await closed;
});
