import { expect, test } from 'vitest';
import { createLanes } from './lanes.ts';

test('work of one key runs in order, work of another beside it, no more than the width at once', async () => {
  const lanes = createLanes(2);
  const log: string[] = [];
  const gates = new Map<string, () => void>();
  const work = (name: string) => () => {
    log.push(`${name} begins`);
    return new Promise<void>((resolve) => gates.set(name, resolve)).then(() => void log.push(`${name} ends`));
  };
  const all = [
    lanes.run('a', work('a1')),
    lanes.run('a', work('a2')),
    lanes.run('b', work('b1')),
    lanes.run('c', work('c1')),
  ];
  const end = async (name: string) => {
    gates.get(name)?.();
    await new Promise(setImmediate);
  };
  await new Promise(setImmediate);
  expect(log).toEqual(['a1 begins', 'b1 begins']);
  await end('a1');
  expect(log.slice(2)).toEqual(['a1 ends', 'c1 begins']);
  await end('b1');
  expect(log.slice(4)).toEqual(['b1 ends', 'a2 begins']);
  await end('a2');
  await end('c1');
  await Promise.all(all);
});

test('a failure is its caller’s alone: the next of its key runs', async () => {
  const lanes = createLanes(1);
  const failed = lanes.run('a', () => Promise.reject(new Error('no')));
  const next = lanes.run('a', () => Promise.resolve('yes'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
