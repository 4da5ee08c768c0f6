import fc from 'fast-check';
import { expect, test } from 'vitest';
import { languages, preferredLanguage } from './language.ts';

test.each([
  [undefined, 'uk'],
  ['', 'uk'],
  ['*', 'uk'],
  ['ru', 'ru'],
  ['RU-ru', 'ru'],
  ['en-GB,en;q=0.9', 'en'],
  ['de, ka;q=0.8, en;q=0.9', 'en'],
  ['ka;q=0.8, en;q=0.8', 'ka'],
  ['en;q=0, mn;q=0.1', 'mn'],
  ['fr, *;q=0.5', 'uk'],
  ['fr;q=1, de', 'uk'],
  ['ukr', 'uk'],
  ['kab', 'uk'],
  ['en;q=abc', 'uk'],
  ['en ; q=0.5 , ka ; q=0.7', 'ka'],
  ['en;Q=0.1, ka;q=0.7', 'ka'],
] as const)('Accept-Language %j is answered in %s', (header, language) => {
  expect(preferredLanguage(header, 'uk')).toBe(language);
});

test('whatever is asked for, the answer is a language we speak', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (header) => {
      expect(languages).toContain(preferredLanguage(header, 'mn'));
    }),
  );
});

test('the only language wished for that we speak is the one given, wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...languages),
      fc.array(fc.constantFrom('de', 'fr-CH', 'zh-Hant', 'pl'), { maxLength: 8 }),
      fc.nat(8),
      (language, others: readonly string[], at) => {
        expect(preferredLanguage(others.toSpliced(at, 0, language).join(', '), 'uk')).toBe(language);
      },
    ),
  );
});
