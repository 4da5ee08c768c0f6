import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOneSlip, Lexicon } from './lexicon.ts';

const lexiconOf = (...words: string[]) => {
  const lexicon = new Lexicon();
  for (const word of words) lexicon.use({ word, stem: word });
  return lexicon;
};
const closest = (lexicon: Lexicon, typed: string) => lexicon.closest(typed, false);

const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz');
const wordOf = (minLength: number) => fc.array(letter, { minLength, maxLength: 12 }).map((array) => array.join(''));
const slips: [string, (text: string, at: number, other: string) => string][] = [
  ['one letter too many', (text, at, other) => text.slice(0, at) + other + text.slice(at)],
  ['one too few', (text, at) => text.slice(0, at) + text.slice(at + 1)],
  ['another one', (text, at, other) => text.slice(0, at) + other + text.slice(at + 1)],
  [
    'two swapped',
    (text, at) => text.slice(0, at) + [...text.slice(at, at + 2)].reverse().join('') + text.slice(at + 2),
  ],
];

describe.each(slips)('%s', (_what, slip) => {
  test('is one slip', () =>
    fc.assert(
      fc.property(wordOf(5), fc.nat(11), letter, (word, at, other) => {
        const typed = slip(word, at % word.length, other);
        expect(isOneSlip(word, typed)).toBe(true);
        expect(isOneSlip(typed, word)).toBe(true);
      }),
    ));

  test('leads to the word, among others', () =>
    fc.assert(
      fc.property(wordOf(5), fc.array(wordOf(3), { maxLength: 30 }), fc.nat(11), letter, (word, others, at, other) => {
        const typed = slip(word, at % word.length, other);
        const lexicon = lexiconOf(...others.filter((one) => !isOneSlip(one, typed)), word);
        expect(closest(lexicon, typed)).toContain(word);
      }),
    ));
});

test('what has to be mended twice is not one slip, and short words have none', () => {
  for (const [a, b] of [
    ['cement', 'gloves'],
    ['cement', 'cemtnte'],
    ['kompozit', 'kanpozit'],
    ['bor', 'bar'],
    ['bo', 'bor'],
  ] as const)
    expect(isOneSlip(a, b), `${a} ${b}`).toBe(false);
});

test('words one slip away come before those that are only similar, and words with nothing in common never', () => {
  const lexicon = lexiconOf('kompozit', 'kompozitnii', 'kompresor', 'rukavichk');
  expect(closest(lexicon, 'kompazit')).toEqual(['kompozit']);
  expect(lexicon.alike('kompazit')).toEqual(['kompozit', 'kompozitnii']);
  expect(closest(lexicon, 'kompozitenn')).toEqual(['kompozit', 'kompozitnii']);
  expect(closest(lexicon, 'sternberg')).toEqual([]);
});

test('a letter that is several in Latin is one slip all the same', () => {
  expect(isOneSlip('prica', 'shprica')).toBe(false);
  expect(closest(lexiconOf('shprica', 'prikaz'), 'prica')).toEqual(['shprica']);
  expect(closest(lexiconOf('shchitka', 'litkan'), 'itka')).toEqual(['shchitka']);
});

test('an unfinished word with a slip is known by its beginning', () => {
  const lexicon = lexiconOf('svitlotverdnii', 'sitechko');
  expect(lexicon.closest('svatlo', true)).toEqual(['svitlotverdnii']);
  expect(lexicon.closest('svatlo', false)).toEqual([]);
});

test('at most four words are offered', () => {
  expect(closest(lexiconOf('cementa', 'cementb', 'cementc', 'cementd', 'cemente'), 'cement')).toHaveLength(4);
});

test('a word is forgotten with its last use, its stem with its last word, and its place is taken by another', () => {
  const lexicon = new Lexicon();
  const [one, again] = [1, 2].map(() => lexicon.use({ word: 'kompoziti', stem: 'kompozit' }));
  const other = lexicon.use({ word: 'kompozitu', stem: 'kompozit' });
  expect(again).toBe(one);
  lexicon.release(one as number);
  expect(lexicon.has('kompoziti')).toBe(true);
  lexicon.release(one as number);
  expect(lexicon.has('kompoziti')).toBe(false);
  expect(lexicon.hasStem('kompozit')).toBe(true);
  lexicon.release(other);
  expect(lexicon.hasStem('kompozit')).toBe(false);
  expect(closest(lexicon, 'kompazitu')).toEqual([]);
  expect([one, other]).toContain(lexicon.use({ word: 'gloves', stem: 'glove' }));
  expect(closest(lexicon, 'glowes')).toEqual(['glove']);
});

test('words that come and go leave what a fresh lexicon would hold', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(wordOf(3), fc.boolean()), { maxLength: 60 }), wordOf(4), (words, typed) => {
      const lexicon = new Lexicon();
      const numbers = words.map(([word]) => lexicon.use({ word, stem: word }));
      words.forEach(([, stays], at) => {
        if (!stays) lexicon.release(numbers[at] as number);
      });
      const fresh = lexiconOf(...words.filter(([, stays]) => stays).map(([word]) => word));
      expect(lexicon.alike(typed)).toEqual(fresh.alike(typed));
      for (const [word] of words) expect(lexicon.has(word)).toBe(fresh.has(word));
    }),
  ));
