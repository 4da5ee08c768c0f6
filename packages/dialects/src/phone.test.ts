import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toE164 } from './phone.ts';

test.each([
  ['+380971112233', 'UA', '+380971112233'],
  ['097 111 22 33', 'UA', '+380971112233'],
  ['(097) 111-22-33', 'UA', '+380971112233'],
  ['380971112233', 'UA', '+380971112233'],
  ['00380971112233', 'UA', '+380971112233'],
  ['８９０９２４７９９９９', 'RU', '+79092479999'],
  ['89092479999', 'RU', '+79092479999'],
  ['+976 8666 1488', 'UA', '+97686661488'],
  ['8666 1488', 'MN', '+97686661488'],
  ['555123456', 'GE', '+995555123456'],
])('%s in %s is %s', (text, region, e164) => {
  expect(toE164(text, region)).toBe(e164);
});

test.each([
  '',
  '12345',
  'call me',
  '+999123456789',
  '097111223',
  '+380971112233 ext. 5',
  '+38097111223344',
  '0'.repeat(32),
])('%j is refused', (text) => {
  expect(() => toE164(text, 'UA')).toThrow(expect.objectContaining({ code: 'phone_invalid' }));
});

test('one number in any spelling is one number', () => {
  const separators = fc.constantFrom('', ' ', '-', '.', ' - ');
  fc.assert(
    fc.property(
      fc.integer({ min: 1000000, max: 9999999 }),
      fc.constantFrom('50', '67', '97', '63'),
      separators,
      (digits, operator, gap) => {
        const e164 = `+380${operator}${digits}`;
        expect(toE164(`0${operator}${gap}${digits}`, 'UA')).toBe(e164);
        expect(toE164(`+380${gap}${operator}${gap}${digits}`, 'MN')).toBe(e164);
        expect(toE164(e164, 'GE')).toBe(e164);
      },
    ),
  );
});

test('whatever is typed, the answer is E.164 or a refusal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      try {
        expect(toE164(text, 'UA')).toMatch(/^\+[1-9]\d{4,14}$/);
      } catch (error) {
        expect(error).toMatchObject({ code: 'phone_invalid' });
      }
    }),
  );
});
