import { expect, test } from 'vitest';
import { readParameters } from './parameters.ts';

test('without parameters nothing is said, not even how long', () => {
  expect(readParameters([])).toMatchObject({
    seconds: undefined,
    seed: undefined,
    rate: undefined,
    crashes: undefined,
    sabotage: undefined,
  });
});

test('what is given is taken', () => {
  const given = ['--seconds', '120', '--seed=7', '--rate', '80', '--sabotage', 'list'];
  expect(readParameters(given)).toMatchObject({ seconds: 120, seed: 7, rate: 80, sabotage: 'list' });
});

test('crash points are counted, or all of them', () => {
  expect(readParameters(['--crashes', '3'])).toMatchObject({ crashes: 3 });
  expect(readParameters(['--crashes', 'all'])).toMatchObject({ crashes: 'all' });
});

test.each([
  [['--seconds', '5'], '--seconds: "5" is no whole number from 20 to 36000'],
  [['--seconds', 'ten'], '--seconds: "ten"'],
  [['--seed', '-1'], 'seed'],
  [['--seed', '1.5'], '--seed: "1.5"'],
  [['--rate', '0'], '--rate: "0"'],
  [['--crashes', 'some'], '--crashes: "some" is no whole number from 1 to 21'],
  [['--sabotage', 'nobody'], 'there is no "nobody"'],
  [['--sede', '7'], '--sede'],
])('%j is refused, and named', (given, message) => {
  expect(() => readParameters(given)).toThrow(message);
});
