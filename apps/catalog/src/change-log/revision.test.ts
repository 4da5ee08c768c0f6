import { expect, test } from 'vitest';
import { watchRevisions } from './revision.ts';

test('one’s own change is noticed, though a look from before it is still under way', async () => {
  const looks: ((glance: unknown[]) => void)[] = [];
  const database = { $queryRaw: <T>() => new Promise<T>((resolve) => looks.push(resolve as never)) };
  const seen = (changes: number) => [
    { changes, directory: 0, prices: 0, changes_above: changes, directory_above: 0, prices_above: 0, horizon: 100n },
  ];
  const revisions = watchRevisions(database, () => new Date('2026-02-19T12:00:00.000Z'));

  const before = revisions.current();
  revisions.expire();
  const after = revisions.current();
  looks.shift()?.(seen(0));
  const { catalogue } = await before;
  looks.shift()?.(seen(1));
  expect((await after).catalogue).toBe(catalogue + 1);
  expect((await revisions.current()).catalogue).toBe(catalogue + 1);
});
