import { expect, test } from 'vitest';
import { markdownTable } from './markdown.ts';

test('figures stand to the right, words to the left, and a bar in a cell ends no cell', () => {
  const table = markdownTable(
    ['flow', 'requests/s', 'is'],
    [
      ['list', '1,200', 'a | b'],
      ['search', '-', '20 products'],
    ],
  );
  expect(table.split('\n')).toEqual([
    '| flow | requests/s | is |',
    '|---|---:|---|',
    '| list | 1,200 | a \\| b |',
    '| search | - | 20 products |',
  ]);
});
