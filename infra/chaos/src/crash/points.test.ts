import { expect, test } from 'vitest';
import { seeded } from '../random.ts';
import { crashPoints, everyCrash, someCrashes, victims } from './points.ts';

test('every point is tried with every victim at stations of both versions', () => {
  const names = everyCrash.map(({ point, victim, version }) => `${point.name} ${victim} ${version}`);
  expect(new Set(names).size).toBe(crashPoints.length * victims.length * 2);
});

test('points are told apart by their names', () => {
  expect(new Set(crashPoints.map(({ name }) => name)).size).toBe(crashPoints.length);
});

test('a seed draws as many for each victim, all of one version, in the order in which sessions come by', () => {
  const drawn = someCrashes(seeded(7), 3);
  for (const victim of victims) {
    const own = drawn.filter((crash) => crash.victim === victim).map(({ point }) => crashPoints.indexOf(point));
    expect(own).toHaveLength(3);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
    const versions = drawn.filter((crash) => crash.victim === victim).map(({ version }) => version);
    expect(new Set(versions).size).toBe(1);
  }
  expect(someCrashes(seeded(7), 3)).toEqual(drawn);
  expect(someCrashes(seeded(8), 3)).not.toEqual(drawn);
});

test('in the course of time every point has its turn with every victim', () => {
  const drawn = new Set(Array.from({ length: 400 }, (_, day) => someCrashes(seeded(day), 4)).flat());
  expect(drawn.size).toBe(everyCrash.length);
});
