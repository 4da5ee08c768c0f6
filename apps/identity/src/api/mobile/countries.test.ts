import { type Language, languages } from '@forecourt/dialects';
import { describe, expect, test } from 'vitest';
import { CountriesBody, createCountryLists } from './countries.ts';

const lists = createCountryLists();
const countriesIn = (language: Language) => CountriesBody.parse(JSON.parse(lists[language].body));

describe.each(languages)('in %s', (language) => {
  const countries = countriesIn(language);

  test('every country of ISO 3166-1 is there once, with a phone code', () => {
    const codes = countries.map(({ isoCode }) => isoCode);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThanOrEqual(249);
    expect(codes).toEqual(expect.arrayContaining(['UA', 'RU', 'GE', 'MN', 'US', 'AQ', 'TF']));
    for (const { isoCode, phoneCode } of countries) {
      expect(isoCode).toMatch(/^[A-Z]{2}$/);
      expect(phoneCode).toMatch(/^[1-9]\d{0,3}$/);
    }
  });

  test('they are named in its own script, and sorted as its readers sort', () => {
    const script = { uk: /\p{sc=Cyrl}/u, ru: /\p{sc=Cyrl}/u, ka: /\p{sc=Geor}/u, mn: /\p{sc=Cyrl}/u, en: /[A-Z]/ };
    const names = countries.map(({ name }) => name);
    for (const name of names) expect(name).toMatch(script[language]);
    expect(names).toEqual([...names].sort(new Intl.Collator(language).compare));
  });
});

test.each([
  ['UA', 'Украина', '380', '## ### ####'],
  ['RU', 'Российская Федерация', '7', '### ### ## ##'],
  ['GE', 'Грузия', '995', '### ## ## ##'],
  ['MN', 'Монголия', '976', '#### ####'],
  ['US', 'США', '1', '### ### ####'],
  ['AQ', 'Антарктида', '672', undefined],
])('%s is %s, +%s %s', (isoCode, name, phoneCode, phoneMask) => {
  const country = countriesIn('ru').find((one) => one.isoCode === isoCode);
  expect(country).toEqual({ name, isoCode, phoneCode, ...(phoneMask && { phoneMask }) });
});

test('a mask shows digits and what stands between them, and nothing else', () => {
  const masks = countriesIn('en').flatMap(({ phoneMask }) => phoneMask ?? []);
  expect(masks.length).toBeGreaterThan(230);
  for (const mask of masks) expect(mask).toMatch(/^#[# -]*#$/);
});
