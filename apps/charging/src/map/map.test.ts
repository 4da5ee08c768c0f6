import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Box, Place } from './box.ts';
import { Atlas, mostOnMap } from './map.ts';
import { shares } from './shares.ts';

const at = (longitude: number, latitude: number): Place => ({ longitude, latitude });
const boxOf = (west: number, south: number, east: number, north: number): Box => ({ west, south, east, north });
const seen = (places: Place[], box: Box) =>
  Atlas.of(places)
    .within(box)
    .sort((a, b) => a - b);

test('borders are inside', () => {
  const corners = [at(10, 20), at(30, 20), at(10, 40), at(30, 40), at(20, 30)];
  const outside = [at(9.999, 30), at(30.001, 30), at(20, 19.999), at(20, 40.001)];
  expect(seen([...corners, ...outside], boxOf(10, 20, 30, 40))).toEqual([0, 1, 2, 3, 4]);
});

test('a box that is a point shows what is there', () => {
  expect(seen([at(10, 20), at(10, 21)], boxOf(10, 20, 10, 20))).toEqual([0]);
});

test('a box whose left is greater than its right crosses the antimeridian', () => {
  const places = [at(175, 0), at(-175, 0), at(0, 0), at(170, 0), at(-170, 0), at(169.9, 0), at(-169.9, 0)];
  expect(seen(places, boxOf(170, -10, -170, 10))).toEqual([0, 1, 3, 4]);
});

test.each<[string, Box]>([
  ['ends at', boxOf(170, -10, 180, 10)],
  ['begins at', boxOf(-180, -10, -170, 10)],
  ['crosses', boxOf(170, -10, -170, 10)],
  ['goes all around from', boxOf(-180, -10, 180, 10)],
  ['is a line on', boxOf(180, -10, 180, 10)],
  ['is a line, by its other name, on', boxOf(-180, -10, -180, 10)],
  ['begins, by the other name, at', boxOf(180, -10, -170, 10)],
  ['ends, by the other name, at', boxOf(170, -10, -180, 10)],
])('a box that %s the antimeridian has what is on it, once, by both of its names', (_what, box) => {
  expect(seen([at(180, 0), at(-180, 0), at(0, 45)], box)).toEqual([0, 1]);
});

test('nothing anywhere is nothing', () => {
  expect(Atlas.of([]).within(boxOf(-180, -90, 180, 90))).toEqual([]);
});

const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true });

test('it finds what a plain look at every place finds', () => {
  const isIn = ({ longitude, latitude }: Place, { west, south, east, north }: Box) => {
    const around = [longitude, ...(Math.abs(longitude) === 180 ? [-longitude] : [])];
    const inside = (x: number) => (west > east ? x >= west || x <= east : x >= west && x <= east);
    return latitude >= south && latitude <= north && around.some(inside);
  };
  const place = fc.record({ longitude: fc.oneof(degrees(180), fc.constantFrom(-180, 180)), latitude: degrees(90) });
  fc.assert(
    fc.property(fc.array(place), degrees(180), degrees(180), degrees(90), degrees(90), (places, west, east, a, b) => {
      const box = boxOf(west, Math.min(a, b), east, Math.max(a, b));
      const expected = [...places.keys()].filter((position) => isIn(places[position] as Place, box));
      expect(seen(places, box)).toEqual(expected);
    }),
  );
});

test('a crowd does not hide what is far from it', () => {
  const crowd = Array.from({ length: 20_000 }, (_, turn) => at(106.9 + (turn % 100) / 1e5, 47.9 + turn / 1e7));
  const lonely = [at(88, 42), at(119, 50), at(104, 43.5)];
  const found = Atlas.of([...crowd, ...lonely]).within(boxOf(87, 41, 120, 52));
  expect(found).toHaveLength(mostOnMap);
  expect(found).toEqual(expect.arrayContaining([20_000, 20_001, 20_002]));
});

test('every part of the box that has devices shows some, also across the antimeridian', () => {
  const everywhere = Array.from({ length: 50_000 }, (_, turn) => {
    const longitude = 160 + (turn % 250) * 0.16;
    return at(longitude > 180 ? longitude - 360 : longitude, -20 + Math.floor(turn / 250) * 0.2);
  });
  const box = boxOf(160, -20, -160, 20);
  const found = Atlas.of(everywhere)
    .within(box)
    .map((position) => everywhere[position] as Place);
  expect(found).toHaveLength(mostOnMap);
  const fifths = new Set(
    found.map(({ longitude, latitude }) => {
      const fromWest = longitude < 0 ? longitude + 200 : longitude - 160;
      return `${Math.min(4, Math.floor(fromWest / 8))},${Math.min(4, Math.floor((latitude + 20) / 8))}`;
    }),
  );
  expect(fifths.size).toBe(25);
});

test('what there is room for is shared out by weight, and what one leaves is the others’', () => {
  expect(shares([100, 100, 100, 100], [1, 1, 1, 1], 20)).toEqual([5, 5, 5, 5]);
  expect(shares([1, 100, 0, 100], [1, 1, 1, 1], 21)).toEqual([1, 10, 0, 10]);
  expect(shares([100, 100], [9, 1], 20)).toEqual([18, 2]);
  expect(shares([1, 2, 3], [1, 1, 1], 100)).toEqual([1, 2, 3]);
  const weighed = fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 9 })), { minLength: 1 });
  fc.assert(
    fc.property(weighed, fc.nat(200), (all, room) => {
      const counts = all.map(([count]) => count);
      const given = shares(
        counts,
        all.map(([, weight]) => weight),
        room,
      );
      const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
      expect(sum(given)).toBe(Math.min(room, sum(counts)));
      expect(given.every((share, at) => share >= 0 && share <= (counts[at] as number))).toBe(true);
    }),
  );
});

test('a thousand in one place are no more than they are, and one more is still a thousand', () => {
  const pile = (count: number) => Atlas.of(Array.from({ length: count }, () => at(106.9, 47.9)));
  const box = boxOf(106, 47, 107, 48);
  expect([999, 1_000, 1_001, 5_000].map((count) => pile(count).within(box).length)).toEqual([999, 1_000, 1_000, 1_000]);
});

test('of a crowd, a thousand different ones of those in the box are shown, wherever it is and however large', () => {
  const crowd = fc.sample(fc.record({ longitude: degrees(180), latitude: degrees(90) }), { numRuns: 4_000, seed: 1 });
  const atlas = Atlas.of(crowd);
  fc.assert(
    fc.property(degrees(180), degrees(180), degrees(90), degrees(90), (west, east, a, b) => {
      const box = boxOf(west, Math.min(a, b), east, Math.max(a, b));
      const inside = crowd.filter(({ longitude, latitude }) => {
        // The antimeridian has two names.
        const names = Math.abs(longitude) === 180 ? [-180, 180] : [longitude];
        const between = names.some((name) =>
          west > east ? name >= west || name <= east : name >= west && name <= east,
        );
        return between && latitude >= box.south && latitude <= box.north;
      });
      const found = atlas.within(box);
      expect(new Set(found).size).toBe(found.length);
      expect(found).toHaveLength(Math.min(mostOnMap, inside.length));
      expect(found.every((position) => inside.includes(crowd[position] as Place))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('what comes and goes leaves the atlas as if it had been made of what is there', () => {
  const place = fc.record({ longitude: degrees(180), latitude: degrees(90) });
  const step = fc.record({ gone: fc.array(fc.nat(60), { maxLength: 5 }), come: fc.array(place, { maxLength: 20 }) });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 40 }), fc.array(step, { maxLength: 8 }), (first, steps) => {
      const shown = new Map<number, Place>(first.entries());
      let atlas = Atlas.of(first);
      let next = first.length;
      for (const { gone, come } of steps) {
        const leaving = new Set(gone.flatMap((at) => [...shown.keys()][at] ?? []));
        // Positions that become free are taken again at once.
        const free = [...leaving, ...come.map(() => next++)];
        const named = come.map((one, n) => ({ ...one, position: free[n] as number }));
        const goneFrom = [...leaving].map((position) => ({ ...(shown.get(position) as Place), position }));
        for (const position of leaving) shown.delete(position);
        for (const { position, ...one } of named) shown.set(position, one);
        atlas = atlas.changed(goneFrom, named);
      }
      const inside = (box: Box) => atlas.within(box).sort((a, b) => a - b);
      const all = [...shown.keys()].sort((a, b) => a - b);
      expect(inside(boxOf(-180, -90, 180, 90))).toEqual(all);
      const anew = Atlas.of(all.map((position) => shown.get(position) as Place));
      for (const box of [boxOf(-90, -45, 90, 45), boxOf(170, -90, -10, 10)]) {
        expect(inside(box)).toEqual(
          anew
            .within(box)
            .map((at) => all[at])
            .sort((a, b) => (a as number) - (b as number)),
        );
      }
    }),
  );
});
