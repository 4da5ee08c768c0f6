import { expect, test } from 'vitest';
import { checks } from '../check/index.ts';
import { onDuty } from './rota.ts';
import { sabotages, saboteurNames } from './saboteurs.ts';

test('every saboteur has its turn, and few are at work on one day', () => {
  const days = Array.from({ length: 12 }, (_, day) => onDuty(20_000 + day));
  expect(days.flat().sort()).toEqual([...saboteurNames].sort());
  for (const names of days) expect(names.length).toBeLessThanOrEqual(4);
});

test('every check has somebody to catch', () => {
  const catchers = new Set(saboteurNames.map((name) => sabotages[name].caughtBy));
  expect(catchers).toEqual(new Set(checks.map(({ name }) => name)));
});
