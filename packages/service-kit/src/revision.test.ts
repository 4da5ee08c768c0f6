import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Changes, nameOfRevision, readRevision } from './revision.ts';

const things = ['a', 'b', 'c'];
/** What changed at count 1, 2, 3 …: some things, or perhaps everything. */
const histories = fc.array(fc.option(fc.subarray(things)), { maxLength: 12 });

test('what is right by the history is right by what is remembered of it, and the other way round', () =>
  fc.assert(
    fc.property(histories, (history) => {
      const changes = new Changes(0);
      for (const [index, changed] of history.entries()) changes.note(index + 1, changed);
      for (let count = 0; count <= history.length; count += 1) {
        const later = history.slice(count);
        const everything = later.includes(null);
        expect(changes.holds(count, undefined)).toBe(later.length === 0);
        for (const thing of things)
          expect(changes.holds(count, thing)).toBe(!everything && !later.some((changed) => changed?.includes(thing)));
        expect(changes.since(count)?.toSorted() ?? null).toEqual(
          everything ? null : things.filter((thing) => later.some((changed) => changed?.includes(thing))),
        );
      }
    }),
  ));

test('news that overtake one another leave nothing right that has changed', () =>
  fc.assert(
    fc.property(histories, fc.nat(), (history, seed) => {
      const changes = new Changes(0);
      // Each says what changed since the beginning, as an answer to a question from then.
      const news = history.map((_, index) => {
        const upTo = history.slice(0, index + 1);
        return { count: index + 1, changed: upTo.includes(null) ? null : upTo.flatMap((changed) => changed ?? []) };
      });
      for (const { count, changed } of news.toSorted((a, b) => ((a.count * seed) % 7) - ((b.count * seed) % 7)))
        changes.note(count, changed);
      for (let count = 0; count < history.length; count += 1)
        for (const thing of things)
          if (history.slice(count).some((changed) => changed === null || changed.includes(thing)))
            expect(changes.holds(count, thing)).toBe(false);
    }),
  ));

test('a history too long to remember is one in which everything may have changed', () => {
  const changes = new Changes(0);
  changes.note(
    1,
    Array.from({ length: 10_001 }, (_, n) => String(n)),
  );
  expect(changes.since(0)).toBeNull();
  expect(changes.holds(0, 'another')).toBe(false);
  expect(changes.holds(1, 'another')).toBe(true);
});

test('a revision is read as it was named, and nothing else is one', () => {
  const revision = { epoch: '01a2-b3', count: 12 };
  expect(readRevision(nameOfRevision(revision))).toEqual(revision);
  for (const name of [undefined, '', 'a', 'a.', '.1', 'a.1.2', 'a.b', 'a.-1', ['a.1']])
    expect(readRevision(name)).toBeUndefined();
});
