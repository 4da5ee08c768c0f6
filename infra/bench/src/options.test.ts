import { expect, test } from 'vitest';
import { isMeant, readOptions } from './options.ts';
import { flowNames } from './run.ts';

const known = ['list', 'detail, popular', 'detail, any', 'login', 'hop'];
const read = (line: string) => readOptions(line.split(' ').filter(Boolean), known);

test('without parameters everything is measured once, with the same seed each time', () => {
  expect(read('')).toEqual({ parts: ['run'], quick: false, seed: 1, only: [] });
});

test('parts are run alone or together', () => {
  expect(read('--growth')).toMatchObject({ parts: ['growth'] });
  expect(read('--growth --scale --publish --quick')).toMatchObject({
    parts: ['growth', 'scale', 'publish'],
    quick: true,
  });
});

test('a beginning of a name is enough to choose', () => {
  expect(read('--only detail,LOGIN')).toMatchObject({ only: ['detail', 'login'] });
});

test('all of the ledger is chosen by its name', () => {
  expect(flowNames.filter((name) => isMeant(name, 'ledger'))).toHaveLength(3);
});

test('a seed is a whole number', () => {
  expect(read('--seed 7')).toMatchObject({ seed: 7 });
  expect(read('--seed seven')).toEqual({ wrong: '--seed is a whole number' });
});

test.each([
  ['--quik', 'quik'],
  ['--only basket', 'nothing is called "basket"'],
  ['--only ,', '--only needs a name'],
  ['--only', 'only'],
  ['faster', 'faster'],
  ['--only login --growth', '--only does not go with --growth'],
])('%s is refused with a word about it', (line, word) => {
  expect(read(line)).toEqual({ wrong: expect.stringContaining(word) });
});
