import { expect, test } from 'vitest';
import { together } from './together.ts';

test('what all have come to is told in their order', async () => {
  expect(await together(Promise.resolve(1), Promise.resolve('two'))).toEqual([1, 'two']);
});

test('it fails when the last has ended, however early the first failed', async () => {
  const ended: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = promise.then(() => void ended.push('slow'));
  const failing = together(Promise.reject(new Error('no room')), slow).catch((error: Error) => {
    ended.push(error.message);
  });
  resolve();
  await failing;
  expect(ended).toEqual(['slow', 'no room']);
});
