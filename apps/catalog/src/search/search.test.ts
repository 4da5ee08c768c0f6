import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dictionaryQuery, questionOf, stemQuery, wordsOf } from './search.ts';

const stems = (text: string) => wordsOf(text).map(({ stem }) => stem);

describe('words that a shopper takes for the same have one stem', () => {
  test.each([
    ['Щётка', 'щетка'],
    ['п’ять', "п'ять", 'пʼять', 'пять'],
    ['їжа', 'іжа', 'ижа'],
    ['ґрунт', 'грунт'],
    ['композит', 'композити', 'композитів', 'композита', 'композиты', 'композитами'],
    ['бори', 'боры', 'борів', 'боров'],
    ['алмазний', 'алмазні', 'алмазный', 'алмазные', 'алмазного'],
    ['рукавичка', 'рукавички', 'рукавичками', 'рукавичок'],
    ['фіксація', 'фіксації', 'фиксация', 'фиксации'],
    ['glove', 'Gloves', 'GLOVE'],
    ['naïve', 'naive'],
  ])('%s, %s', (...words) => {
    const [first, ...others] = words.map((word) => stems(word).join(' '));
    expect(first).toMatch(/^[a-z0-9]+$/);
    for (const other of others) expect(other).toBe(first);
  });
});

test.each([
  ['KERR-A2/4G', ['kerr', 'a2', '4g']],
  ['1:100 000', ['1', '100', '000']],
  ['% _ & | ! ( ) : * \\ "', []],
  ['', []],
  ['日本', []],
])('the words of %j are letters and digits alone', (text, words) => {
  expect(wordsOf(text).map(({ folded }) => folded)).toEqual(words);
});

test('short words keep their stem, whatever their ending', () => {
  expect(stems('ніж шар еви')).toEqual(['nizh', 'shar', 'evi']);
});

test('common words are not asked for, unless there are no others', () => {
  expect(questionOf('цемент для фіксації').map(({ raw }) => raw)).toEqual(['цемент', 'фіксації']);
  expect(questionOf('для').map(({ raw }) => raw)).toEqual(['для']);
});

test('only the last word may be unfinished', () => {
  expect(stemQuery(questionOf('бори алм'))).toBe('bor & (alm | alm:*)');
  expect(dictionaryQuery(questionOf('Бори Алм'))).toBe('бори & алм');
});

test('nothing that anybody types can break out of a query', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (q) => {
      const words = questionOf(q.toWellFormed());
      expect(stemQuery(words)).toMatch(/^(?:[a-z0-9]+|\([a-z0-9]+ \| [a-z0-9]+:\*\)| & )*$/);
      expect(dictionaryQuery(words)).not.toMatch(/[|!()<>:*'\\]/);
    }),
  ));
