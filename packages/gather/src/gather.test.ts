import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { gather } from './gather.ts';

const settled = () => new Promise(setImmediate);

/** Work that ends when it is told to, and notes what it was given. */
function gatedWork() {
  const parts: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const work = (things: readonly number[]) => {
    parts.push(things);
    return new Promise<number[]>((resolve) => ends.push(() => resolve(things.map((thing) => 10 * thing))));
  };
  return { parts, work, end: () => ends.shift()?.() };
}

test('what comes at once is done together, what comes meanwhile next, each with its own outcome', async () => {
  const { parts, work, end } = gatedWork();
  const ask = gather(work, { most: 100 });
  const first = [ask(1), ask(2)];
  await settled();
  const second = [ask(3), ask(4), ask(5)];
  await settled();
  expect(parts).toEqual([[1, 2]]);
  end();
  expect(await Promise.all(first)).toEqual([10, 20]);
  await settled();
  end();
  expect(await Promise.all(second)).toEqual([30, 40, 50]);
  expect(parts).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
});

test('never more than the most at once, in their order', async () => {
  const parts: (readonly number[])[] = [];
  const ask = gather(
    async (things: readonly number[]) => {
      parts.push(things);
      return things;
    },
    { most: 2 },
  );
  expect(await Promise.all([1, 2, 3, 4, 5].map(ask))).toEqual([1, 2, 3, 4, 5]);
  expect(parts).toEqual([[1, 2], [3, 4], [5]]);
});

test('one piece of work that hangs leaves room for the next, where two may go on at once', async () => {
  const { parts, work, end } = gatedWork();
  const ask = gather(work, { most: 100, atOnce: 2 });
  const first = [ask(1), ask(2)];
  await settled();
  const second = ask(3);
  await settled();
  const third = [ask(4), ask(5)];
  await settled();
  expect(parts).toEqual([[1, 2], [3]]);
  end();
  await Promise.all(first);
  await settled();
  expect(parts).toEqual([[1, 2], [3], [4, 5]]);
  end();
  end();
  expect(await Promise.all([second, ...third])).toEqual([30, 40, 50]);
});

describe('a further piece of work', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());
  const options = { most: 3, atOnce: 2, furtherAfterMs: 25 };

  test('is left to the one under way, which takes all that came meanwhile', async () => {
    const { parts, work, end } = gatedWork();
    const ask = gather(work, options);
    const first = ask(1);
    await settled();
    const second = [ask(2), ask(3)];
    await settled();
    expect(parts).toEqual([[1]]);
    end();
    await first;
    await settled();
    expect(parts).toEqual([[1], [2, 3]]);
    vi.advanceTimersByTime(100);
    await settled();
    expect(parts).toHaveLength(2);
    end();
    await Promise.all(second);
  });

  test('begins when somebody has waited long enough for one that hangs', async () => {
    const { parts, work } = gatedWork();
    const ask = gather(work, options);
    void ask(1);
    await settled();
    void ask(2);
    vi.advanceTimersByTime(24);
    void ask(3);
    await settled();
    expect(parts).toEqual([[1]]);
    vi.advanceTimersByTime(1);
    await settled();
    expect(parts).toEqual([[1], [2, 3]]);
  });

  test('begins when it would be full', async () => {
    const { parts, work } = gatedWork();
    const ask = gather(work, options);
    void ask(1);
    await settled();
    for (const thing of [2, 3, 4]) void ask(thing);
    await settled();
    expect(parts).toEqual([[1], [2, 3, 4]]);
  });
});

test('a failure is told to those who took part, and to nobody after them', async () => {
  let fails = true;
  const ask = gather(
    async (things: readonly number[]) => {
      if (fails) throw new Error('no');
      return things;
    },
    { most: 100 },
  );
  const outcomes = await Promise.allSettled([ask(1), ask(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await ask(3)).toBe(3);
});

test('work that loses an outcome is a failure, not somebody else’s outcome', async () => {
  const ask = gather(async (things: readonly number[]) => things.slice(1), { most: 100 });
  const outcomes = await Promise.allSettled([ask(1), ask(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
