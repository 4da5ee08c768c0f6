import { AppError } from '@forecourt/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalsOf, toMajorUnits, toMinorUnits } from './money.ts';

test.each([
  [350, 'UAH', 35000n],
  [12.5, 'UAH', 1250n],
  [0.1, 'UAH', 10n],
  [-0.01, 'UAH', -1n],
  [-0, 'UAH', 0n],
  [10069, 'JPY', 10069n],
  [1.234, 'KWD', 1234n],
] as const)('%d %s is %d minor units', (amount, currency, minor) => {
  expect(toMinorUnits(amount, currency)).toBe(minor);
});

test.each([
  [0.001, 'UAH'],
  [0.1 + 0.2, 'UAH'],
  [1.5, 'JPY'],
  [1e-7, 'UAH'],
  [1e21, 'UAH'],
  [Number.NaN, 'UAH'],
  [Number.POSITIVE_INFINITY, 'UAH'],
])('%d %s is refused, never rounded', (amount, currency) => {
  expect(() => toMinorUnits(amount, currency)).toThrow(expect.objectContaining({ code: 'amount_precision' }));
});

test('the refusal tells how many decimals there may be', () => {
  const refusal = (() => {
    try {
      return toMinorUnits(1.234, 'UAH');
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toBeInstanceOf(AppError);
  expect(refusal).toMatchObject({ params: { currency: 'UAH', decimals: 2 } });
});

test('money survives the way out and back, to the last unit', () => {
  const amounts = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
  fc.assert(
    fc.property(amounts, fc.constantFrom('UAH', 'JPY', 'KWD', 'MNT'), (minor, currency) => {
      expect(toMinorUnits(toMajorUnits(minor, currency), currency)).toBe(minor);
    }),
  );
});

test('a written amount is read digit by digit, whatever a float makes of it', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(99), (whole, cents) => {
      const written = Number(`${whole}.${String(cents).padStart(2, '0')}`);
      expect(toMinorUnits(written, 'UAH')).toBe(BigInt(whole) * 100n + BigInt(cents));
    }),
  );
});

test('decimals are those of ISO 4217', () => {
  expect(['UAH', 'JPY', 'KWD', 'USD'].map(decimalsOf)).toEqual([2, 0, 3, 2]);
});
