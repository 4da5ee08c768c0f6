import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSlug, slugCandidates, slugOf } from './slug.ts';

test.each([
  ['Композит Filtek Z250, шприц 4 г', 'kompozyt-filtek-z250-shpryts-4-h'],
  ['Полум’я ґанок їжак єнот', 'polumia-ganok-izhak-ienot'],
  ['Щётка № 2', 'shchetka-2'],
  ['Crème brûlée', 'creme-brulee'],
  ['—', ''],
])('%j becomes %j', (title, slug) => {
  expect(slugOf(title)).toBe(slug);
});

test('whatever the title, the slug is one or empty', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (title) => {
      const slug = slugOf(title);
      expect(slug === '' || isSlug(slug)).toBe(true);
    }),
  ));

test('a slug never looks like an id', () => {
  expect(isSlug('65f1a2b3c4d5e6f7a8b9c001')).toBe(false);
  expect(slugOf('65f1a2b3c4d5e6f7a8b9c001')).toBe('p-65f1a2b3c4d5e6f7a8b9c001');
});

test('the last candidate names the product itself, also when the title gives nothing', () => {
  const id = '65f1a2b3c4d5e6f7a8b9c001';
  expect(slugCandidates('Бор', 'KAI 801', id)).toEqual(['bor', 'bor-kai-801', `bor-p${id}`]);
  expect(slugCandidates('—', '№', id)).toEqual([`p${id}`]);
});
