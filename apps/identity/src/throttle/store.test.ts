import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attempt, countAttempt, countOf, forgetAttempts, takeAttempt } from './store.ts';
import type { Policy } from './throttle.ts';

let runtime: TestRuntime;
beforeAll(async () => {
  runtime = await createTestRuntime('identity');
});
afterAll(() => runtime.close());

let keys = 0;
const aKey = () => {
  keys += 1;
  return `trial:${keys}`;
};
const turn = (seconds: number) => runtime.clock.advance(seconds * 1000);
const take = (...attempts: Attempt[]) => takeAttempt(runtime.database, runtime.clock(), attempts);
const refused = (retryAfterSeconds: number, code = 'too_many_attempts') =>
  expect.objectContaining({ code, retryAfterSeconds });

const window: Policy = { free: 3, memorySeconds: 60 };

test('a window lets in what is free, and more when it is over, counted from the first', async () => {
  const key = aKey();
  await take({ key, policy: window });
  turn(50);
  await take({ key, policy: window });
  await take({ key, policy: window });
  await expect(take({ key, policy: window })).rejects.toThrow(refused(10));
  turn(10);
  for (let n = 0; n < 3; n += 1) await take({ key, policy: window });
  await expect(take({ key, policy: window })).rejects.toThrow(refused(60));
});

test('waits come in their order, the last one over and over, until nothing came for long', async () => {
  const attempt = { key: aKey(), policy: { free: 2, waitsSeconds: [30, 60, 300], memorySeconds: 1000 } };
  await take(attempt);
  await take(attempt);
  for (const wait of [30, 60, 300, 300]) {
    await expect(take(attempt)).rejects.toThrow(refused(wait));
    turn(wait - 1);
    await expect(take(attempt)).rejects.toThrow(refused(1));
    turn(1);
    await take(attempt);
  }
  turn(1000);
  await take(attempt);
  await take(attempt);
  await expect(take(attempt)).rejects.toThrow(refused(30));
});

test('a wait is never longer than the memory of it', async () => {
  const attempt = { key: aKey(), policy: { free: 1, waitsSeconds: [900], memorySeconds: 60 } };
  await take(attempt);
  await expect(take(attempt)).rejects.toThrow(refused(60));
});

test('weights add up, whoever reaches the limit is the last one, and what weighs nothing is refused with the others', async () => {
  const key = aKey();
  const spend = (weight: number) => take({ key, policy: { free: 10, memorySeconds: 60 }, weight });
  const { database, clock } = runtime;
  await spend(0);
  await spend(4);
  await spend(5);
  expect(await countOf(database, key, clock())).toBe(9);
  await spend(7);
  expect(await countOf(database, key, clock())).toBe(16);
  await expect(spend(1)).rejects.toThrow(refused(60));
  await expect(spend(0)).rejects.toThrow(refused(60));
  turn(60);
  expect(await countOf(database, key, clock())).toBe(0);
  await spend(11);
  await expect(spend(0)).rejects.toThrow(refused(60));
});

test('another limit for a window is in force at once, a higher one and a lower one', async () => {
  const key = aKey();
  const takeOf = (free: number) => take({ key, policy: { free, memorySeconds: 60 } });
  await takeOf(2);
  await takeOf(2);
  await expect(takeOf(2)).rejects.toThrow(refused(60));
  await takeOf(4);
  await expect(takeOf(3)).rejects.toThrow(refused(60));
  await expect(takeOf(0)).rejects.toThrow();
  await takeOf(4);
});

test('where nothing is free, nobody is first either', async () => {
  await expect(take({ key: aKey(), policy: { free: 0, memorySeconds: 60 } })).rejects.toThrow(refused(1));
});

test('of several keys the one that refuses says how long, and how', async () => {
  const [full, fresh, other] = [aKey(), aKey(), aKey()];
  const once: Policy = { free: 1, memorySeconds: 60 };
  const long: Policy = { free: 1, memorySeconds: 9000 };
  await take({ key: full, policy: once });
  await expect(take({ key: full, policy: once }, { key: fresh, policy: long })).rejects.toThrow(refused(60));
  await expect(
    take({ key: full, policy: once, refusal: 'service_unavailable' }, { key: other, policy: long }),
  ).rejects.toThrow(refused(60, 'service_unavailable'));
});

test('a refusal takes back, in a transaction, what other keys have counted; alone it leaves it', async () => {
  const [full, key] = [aKey(), aKey()];
  const { database, clock } = runtime;
  const attempts = [
    { key: full, policy: { free: 1, memorySeconds: 60 } },
    { key, policy: window },
  ];
  await take(attempts[0] as Attempt);
  await expect(database.transaction((tx) => takeAttempt(tx, clock(), attempts))).rejects.toThrow(refused(60));
  expect(await countOf(database, key, clock())).toBe(0);
  await expect(take(...attempts)).rejects.toThrow(refused(60));
  expect(await countOf(database, key, clock())).toBe(1);
});

test('attempts at once are as many as are free, and what was forgotten begins anew', async () => {
  const key = aKey();
  const many = () =>
    Promise.all(
      Array.from({ length: 20 }, () =>
        take({ key, policy: window }).then(
          () => 1,
          () => 0,
        ),
      ),
    );
  const taken = async () => (await many()).reduce<number>((sum, one) => sum + one, 0);
  expect(await taken()).toBe(3);
  await forgetAttempts(runtime.database, [key]);
  expect(await taken()).toBe(3);
});

test('who counts is told how every key stands', async () => {
  const [waiting, counting] = [aKey(), aKey()];
  const now = runtime.clock();
  const counted = await countAttempt(runtime.database, now, [
    { key: waiting, policy: { free: 1, waitsSeconds: [30], memorySeconds: 60 } },
    { key: counting, policy: window, weight: 2 },
  ]);
  expect(counted).toEqual([
    { key: waiting, attempts: 1, freeAt: new Date(now.getTime() + 30_000) },
    { key: counting, attempts: 2, freeAt: new Date(0) },
  ]);
});
