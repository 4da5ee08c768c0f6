import { expect, test } from 'vitest';
import { maxDepth, pathAfterMove, pathBelow } from './category.ts';

test('a path leads from the root to the category', () => {
  expect(pathBelow(null, 'a')).toEqual(['a']);
  expect(pathBelow({ id: 'b', path: ['a', 'b'] }, 'c')).toEqual(['a', 'b', 'c']);
});

test.each([
  ['itself', { id: 'c', path: ['a', 'c'] }],
  ['something inside of it', { id: 'd', path: ['a', 'c', 'd'] }],
])('a category cannot move into %s', (_what, parent) => {
  expect(() => pathBelow(parent, 'c')).toThrow(expect.objectContaining({ code: 'category_cycle' }));
});

test('a tree has a bottom', () => {
  const path = Array.from({ length: maxDepth }, (_, index) => `c${index}`);
  expect(() => pathBelow({ id: 'x', path }, 'new')).toThrow(expect.objectContaining({ code: 'category_cycle' }));
});

test('what was below moves along', () => {
  expect(pathAfterMove(['a', 'b', 'c', 'd'], { id: 'b', path: ['z', 'b'] })).toEqual(['z', 'b', 'c', 'd']);
});
