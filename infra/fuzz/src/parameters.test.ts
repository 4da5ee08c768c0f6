import { expect, test } from 'vitest';
import { readParameters } from './parameters.ts';

test('without parameters it is two minutes of everything, with a seed to be drawn', () => {
  expect(readParameters([])).toEqual({
    minutes: 2,
    seed: undefined,
    only: undefined,
    workers: 16,
    again: undefined,
    help: false,
  });
});

test('a finding can be typed as it was printed, whatever its seed', () => {
  const printed = ['--call', 'POST /orders', '--sort', 'pair', '--seed=-390650712', '--path=3:0:1'];
  expect(readParameters(printed)).toMatchObject({
    seed: -390_650_712,
    again: { call: 'POST /orders', sort: 'pair', path: '3:0:1' },
  });
});

test.each([
  [['--minutes', 'two'], '--minutes: "two"'],
  [['--minutes', '0'], '--minutes: "0"'],
  [['--seed', '1.5'], '--seed: "1.5"'],
  [['--workers', '1000'], '--workers: "1000"'],
  [['--only', '('], 'regular expression'],
  [['--minuets', '3'], '--minuets'],
])('%j is refused, and named', (given, message) => {
  expect(() => readParameters(given)).toThrow(message);
});
