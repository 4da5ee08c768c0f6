import { expect, test } from 'vitest';
import { type DiscountFields, soundDiscount } from './discount.ts';

const fields: DiscountFields = {
  name: 'Spring',
  type: 'percent',
  percentHundredths: 1250,
  amount: null,
  scope: 'everything',
  targetId: null,
  from: null,
  to: null,
  active: true,
};
const noon = new Date('2026-03-01T12:00:00.000Z');
const evening = new Date('2026-03-01T18:00:00.000Z');

test('sound fields pass as they are', () => {
  expect(soundDiscount(fields)).toBe(fields);
});

test.each<[string, Partial<DiscountFields>, { path: string[]; rule: string }]>([
  ['a third decimal of a percent', { percentHundredths: 1250.5 }, { path: ['value'], rule: 'format' }],
  ['more than all of it', { percentHundredths: 10_001 }, { path: ['value'], rule: 'max' }],
  ['a target of everything', { targetId: 'x' }, { path: ['targetId'], rule: 'not_acceptable' }],
  ['a category unnamed', { scope: 'category' }, { path: ['targetId'], rule: 'required' }],
  ['an end before the beginning', { from: evening, to: noon }, { path: ['to'], rule: 'min' }],
  ['no time at all', { from: noon, to: noon }, { path: ['to'], rule: 'min' }],
])('%s is refused', (_what, wrong, violation) => {
  expect(() => soundDiscount({ ...fields, ...wrong })).toThrow(
    expect.objectContaining({ code: 'validation_failed', violations: [expect.objectContaining(violation)] }),
  );
});
