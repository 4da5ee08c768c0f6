import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Discount, inForce, type PricedItem, priceNow } from './pricing.ts';

const now = new Date('2026-03-01T10:00:00.000Z');
const item: PricedItem = { price: 10_000n, productId: 'p1', categoryPath: ['root', 'middle', 'leaf'] };

const aDiscount = (over: Partial<Discount> = {}): Discount => ({
  discountId: 'd1',
  name: 'Spring',
  type: 'percent',
  percentHundredths: 1000,
  amount: null,
  scope: 'everything',
  targetId: null,
  from: null,
  to: null,
  active: true,
  ...over,
});
const percent = (percentHundredths: number, over: Partial<Discount> = {}) => aDiscount({ percentHundredths, ...over });
const fixed = (amount: bigint, over: Partial<Discount> = {}) =>
  aDiscount({ type: 'fixed', percentHundredths: null, amount, ...over });
const pay = (price: bigint, ...discounts: Discount[]) => priceNow({ ...item, price }, discounts, now).price;

test('without discounts the price is the price', () => {
  expect(priceNow(item, [], now)).toEqual({ price: 10_000n, discountsApplied: [] });
});

test('each applied discount says what it found and what it left', () => {
  const { price, discountsApplied } = priceNow(item, [fixed(500n, { discountId: 'd2' }), percent(1250)], now);
  expect(price).toBe(8_250n);
  expect(discountsApplied).toEqual([
    {
      discountId: 'd1',
      name: 'Spring',
      type: 'percent',
      percentHundredths: 1250,
      amount: null,
      priceBefore: 10_000n,
      priceAfter: 8_750n,
    },
    {
      discountId: 'd2',
      name: 'Spring',
      type: 'fixed',
      percentHundredths: null,
      amount: 500n,
      priceBefore: 8_750n,
      priceAfter: 8_250n,
    },
  ]);
});

describe('rounding', () => {
  test.each([
    [1n, 5000, 1n], // half a kopeck stays with the shop
    [3n, 5000, 2n],
    [100n, 3333, 67n],
    [999n, 3333, 666n],
    [10n, 1, 10n],
    [1n, 10_000, 0n],
  ])('%d less %d hundredths of a percent is %d', (price, hundredths, left) => {
    expect(pay(price, percent(hundredths))).toBe(left);
  });

  test('is exact beyond 2^53', () => {
    expect(pay(9_007_199_254_740_993n, percent(5000))).toBe(4_503_599_627_370_497n);
  });

  test('a discount that takes nothing off is not recorded', () => {
    expect(priceNow({ ...item, price: 10n }, [percent(1)], now).discountsApplied).toEqual([]);
    expect(priceNow({ ...item, price: 0n }, [fixed(5n)], now).discountsApplied).toEqual([]);
  });
});

test('a fixed discount above the price leaves 0, never less', () => {
  expect(pay(300n, fixed(500n))).toBe(0n);
});

describe('scope', () => {
  test.each([
    ['everything', null, true],
    ['product', 'p1', true],
    ['product', 'p2', false],
    ['category', 'leaf', true],
    ['category', 'root', true],
    ['category', 'elsewhere', false],
    ['category', 'p1', false],
    ['product', null, false],
    ['category', null, false],
  ] as const)('a discount on %s %s reaches the item: %s', (scope, targetId, reaches) => {
    expect(pay(10_000n, percent(1000, { scope, targetId }))).toBe(reaches ? 9_000n : 10_000n);
  });
});

test('the nearest discount comes first, at one distance percent before fixed, then the older id', () => {
  const discounts = [
    fixed(1n, { discountId: '1' }),
    percent(100, { discountId: '3' }),
    percent(100, { discountId: '2' }),
    percent(100, { discountId: '4', scope: 'category', targetId: 'root' }),
    percent(100, { discountId: '5', scope: 'category', targetId: 'leaf' }),
    fixed(1n, { discountId: '6', scope: 'product', targetId: 'p1' }),
    percent(100, { discountId: '7', scope: 'product', targetId: 'p1' }),
  ];
  const order = priceNow(item, discounts, now).discountsApplied.map((applied) => applied.discountId);
  expect(order).toEqual(['7', '6', '5', '4', '2', '3', '1']);
});

describe('window', () => {
  const from = new Date('2026-03-01T00:00:00.000Z');
  const to = new Date('2026-03-02T00:00:00.000Z');
  const before = (date: Date) => new Date(date.getTime() - 1);
  test.each([
    ['the millisecond before it begins', before(from), false],
    ['the instant it begins', from, true],
    ['the millisecond before it ends', before(to), true],
    ['the instant it ends', to, false],
  ])('at %s', (_when, at, holds) => {
    expect(inForce({ active: true, from, to }, at)).toBe(holds);
    expect(priceNow(item, [aDiscount({ from, to })], at).discountsApplied).toHaveLength(holds ? 1 : 0);
  });

  test('an inactive discount never holds', () => {
    expect(inForce({ active: false, from: null, to: null }, now)).toBe(false);
  });
});

const anyDiscount: fc.Arbitrary<Discount> = fc
  .record({
    discountId: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 24, maxLength: 24 }),
    percentHundredths: fc.integer({ min: 1, max: 10_000 }),
    amount: fc.bigInt({ min: 1n, max: 1_000_000n }),
    type: fc.constantFrom('percent' as const, 'fixed' as const),
    target: fc.constantFrom(
      { scope: 'everything', targetId: null } as const,
      { scope: 'category', targetId: 'root' } as const,
      { scope: 'category', targetId: 'leaf' } as const,
      { scope: 'category', targetId: 'elsewhere' } as const,
      { scope: 'product', targetId: 'p1' } as const,
      { scope: 'product', targetId: 'p2' } as const,
    ),
    active: fc.boolean(),
  })
  .map(({ target, type, percentHundredths, amount, ...rest }) => ({
    ...aDiscount(rest),
    ...target,
    type,
    percentHundredths: type === 'percent' ? percentHundredths : null,
    amount: type === 'fixed' ? amount : null,
  }));
const anyPrice = fc.bigInt({ min: 0n, max: 10n ** 15n });

describe('for any price and any discounts', () => {
  const check = (property: (price: bigint, discounts: Discount[]) => void) =>
    fc.assert(
      fc.property(anyPrice, fc.uniqueArray(anyDiscount, { selector: (d) => d.discountId, maxLength: 12 }), property),
    );

  test('the price to pay lies between 0 and the price', () =>
    check((price, discounts) => {
      const paid = pay(price, ...discounts);
      expect(paid >= 0n && paid <= price).toBe(true);
    }));

  test('the steps join up from the price to the price to pay, and each goes down', () =>
    check((price, discounts) => {
      const result = priceNow({ ...item, price }, discounts, now);
      let reached = price;
      for (const step of result.discountsApplied) {
        expect(step.priceBefore).toBe(reached);
        expect(step.priceAfter < step.priceBefore).toBe(true);
        reached = step.priceAfter;
      }
      expect(reached).toBe(result.price);
    }));

  test('the order in which the discounts are given does not matter', () =>
    check((price, discounts) => {
      const reversed = [...discounts].reverse();
      expect(priceNow({ ...item, price }, reversed, now)).toEqual(priceNow({ ...item, price }, discounts, now));
    }));

  test('a percent discount is off by at most half a minor unit', () =>
    fc.assert(
      fc.property(anyPrice, fc.integer({ min: 1, max: 10_000 }), (price, hundredths) => {
        const off = 10_000n * pay(price, percent(hundredths)) - price * BigInt(10_000 - hundredths);
        expect(off > -5_000n && off <= 5_000n).toBe(true);
      }),
    ));
});
