import { createTestRuntime } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { repeat } from './background.ts';

test('a round that fails is logged and followed by the next, and closing waits for the one under way', async () => {
  const runtime = await createTestRuntime('identity');
  let rounds = 0;
  let finish = () => {};
  const background = repeat({
    name: 'trial',
    everyMs: 60_000,
    log: runtime.log,
    work: async () => {
      rounds += 1;
      if (rounds < 3) return true;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      throw new Error('the third one fails');
    },
  });
  await expect.poll(() => rounds).toBe(3);
  let closed = false;
  const closing = background.close().then(() => {
    closed = true;
  });
  await Promise.resolve();
  expect(closed).toBe(false);
  finish();
  await closing;
  expect(runtime.logged).toMatchObject([{ level: 'error', round: 'trial', msg: 'a background round failed' }]);
  expect(rounds).toBe(3);
  await runtime.close();
});

test('a wake is a look at once, also when it comes while a round is under way', async () => {
  const runtime = await createTestRuntime('identity');
  const rounds: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => void rounds.push(resolve));
  const background = repeat({ name: 'trial', everyMs: 60_000, log: runtime.log, work });
  await expect.poll(() => rounds.length).toBe(1);
  background.wake();
  rounds[0]?.();
  await expect.poll(() => rounds.length).toBe(2);
  rounds[1]?.();
  background.wake();
  await expect.poll(() => rounds.length).toBe(3);
  rounds[2]?.();
  await background.close();
  await runtime.close();
});
