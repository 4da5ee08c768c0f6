import { expect, test } from 'vitest';
import { checks } from '../check/index.ts';
import { onDuty } from './rota.ts';
import { sabotages, saboteurNames } from './saboteurs.ts';

test('every saboteur has its turn, and few are at work on one day', () => {
  const days = [20_000, 20_001, 20_002, 20_003, 20_004, 20_005, 20_006, 20_007, 20_008].map(onDuty);
  expect(days.flat().sort()).toEqual([...saboteurNames].sort());
  for (const names of days) expect(names.length).toBeLessThanOrEqual(5);
});

test('every check has somebody to catch', () => {
  const catchers = new Set(saboteurNames.map((name) => sabotages[name].caughtBy));
  expect(catchers).toEqual(new Set(checks.map(({ name }) => name)));
});
