import { expect, test } from 'vitest';
import { checks } from '../check/index.ts';
import { onDuty } from './rota.ts';
import { sabotages, saboteurNames } from './saboteurs.ts';

test('every check has somebody to catch, every day', () => {
  for (const day of [0, 1, 20_000]) {
    const caughtBy = onDuty(day).map((name) => sabotages[name].caughtBy);
    expect(caughtBy.sort()).toEqual(checks.map(({ name }) => name).sort());
  }
});

test('every saboteur has its turn', () => {
  const seen = new Set(Array.from({ length: 30 }, (_, day) => onDuty(day)).flat());
  expect([...seen].sort()).toEqual([...saboteurNames].sort());
});
