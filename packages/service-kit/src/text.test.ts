import { expect, test } from 'vitest';
import { text } from './text.ts';

const name = text({ min: 1, max: 5 });

test.each([
  ['NUL', 'a\u0000'],
  ['an escape', '\u001b[31m'],
  ['a line break', 'a\nb'],
  ['a C1 control', 'a\u0085b'],
  ['a line separator', 'a\u2028b'],
  ['a lone surrogate', 'a\ud800'],
])('%s is refused as unsafe, and only as that', (_, value) => {
  expect(name.safeParse(value).error?.issues).toMatchObject([{ code: 'custom', params: { rule: 'unsafe_text' } }]);
});

test('equal looks become equal bytes', () => {
  expect(name.parse('Zoe\u0308')).toBe('Zo\u00eb');
});

test('white space around does not count', () => {
  expect(name.parse('  Ihor ')).toBe('Ihor');
  expect(name.safeParse('   ').error?.issues).toMatchObject([{ code: 'too_small', minimum: 1 }]);
});

test('a password is taken as typed', () => {
  expect(text({ max: 20, trim: false }).parse(' secret ')).toBe(' secret ');
});

test('emoji and letters of every script pass', () => {
  expect(text({ max: 40 }).parse('Іван 👩‍👩‍👧 ანა Бат')).toBe('Іван 👩‍👩‍👧 ანა Бат');
});

test('several lines pass where they are meant to, other controls do not', () => {
  const comment = text({ max: 100, multiline: true });
  expect(comment.parse('first\n\tsecond')).toBe('first\n\tsecond');
  expect(comment.safeParse('a\u0000b').success).toBe(false);
});
