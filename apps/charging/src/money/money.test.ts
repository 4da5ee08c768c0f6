import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  aHold,
  chargeAgain,
  costAhead,
  costOf,
  heldIn,
  isNearlyUsed,
  isOpen,
  lastsSec,
  type Portion,
  paidBy,
  settle,
} from './money.ts';

const now = new Date('2026-02-19T12:00:00Z');
const placed = (n: number, amount: bigint): Portion => ({ ...aHold(n, amount, now), amount, status: 'placed' });

test.each([
  [{ energyWh: 1_240n, minutes: 0 }, 868n],
  [{ energyWh: 0n, minutes: 0 }, 0n],
  [{ energyWh: 1n, minutes: 0 }, 1n],
  [{ energyWh: 714n, minutes: 0 }, 500n],
  [{ energyWh: 1_240n, minutes: 3 }, 1_168n],
  [{ energyWh: 10n ** 9n, minutes: 1_440 }, 700_144_000n],
])('%o costs %i', (used, cost) => {
  expect(costOf({ price: 700n, waitingPrice: 100n }, used)).toBe(cost);
});

test('energy and waiting are rounded together, once, half a minor unit up', () => {
  expect(costOf({ price: 1n, waitingPrice: 1n }, { energyWh: 499n, minutes: 1 })).toBe(1n);
  expect(costOf({ price: 1n, waitingPrice: 1n }, { energyWh: 500n, minutes: 1 })).toBe(2n);
});

test('what is to come is rounded up', () => {
  expect(costAhead({ price: 70_000n, waitingPrice: 0n }, 7_200, 60)).toBe(8_400n);
  expect(costAhead({ price: 1n, waitingPrice: 0n }, 1, 1)).toBe(1n);
  expect(costAhead({ price: 700n, waitingPrice: 0n }, 0, 60)).toBe(0n);
});

test('money lasts until the first second at which it is all spent', () => {
  const prices = fc.record({ price: fc.bigInt(1n, 100_000n), waitingPrice: fc.constant(0n) });
  fc.assert(
    fc.property(prices, fc.integer({ min: 1, max: 1_000_000 }), fc.bigInt(1n, 10n ** 9n), (price, powerW, money) => {
      const seconds = lastsSec(price, powerW, money) ?? Number.NaN;
      expect(costAhead(price, powerW, seconds) >= money).toBe(true);
      expect(costAhead(price, powerW, seconds - 1) < money).toBe(true);
    }),
  );
  expect(lastsSec({ price: 700n, waitingPrice: 0n }, 0, 1n)).toBeNull();
  expect(lastsSec({ price: 700n, waitingPrice: 0n }, 1, 0n)).toBe(0);
});

test('four fifths of what is held are nearly all of it', () => {
  expect([79n, 80n, 100n, 101n].map((amount) => isNearlyUsed(amount, 100n))).toEqual([false, true, true, true]);
  expect(isNearlyUsed(0n, 0n)).toBe(true);
});

const takes = (portions: readonly Portion[]) => portions.map(({ kind, take }) => [kind, take]);

test('the oldest hold pays first, what is not needed is given back, what is not covered is charged', () => {
  const held = [placed(1, 100n), placed(2, 100n), placed(3, 100n)];
  expect(takes(settle(held, 150n, now))).toEqual([
    ['hold', 100n],
    ['hold', 50n],
    ['hold', 0n],
  ]);
  expect(takes(settle(held, 301n, now))).toEqual([
    ['hold', 100n],
    ['hold', 100n],
    ['hold', 100n],
    ['charge', 1n],
  ]);
  expect(settle([], 0n, now)).toEqual([]);
});

test('a hold that nobody knows the fate of is given back, and what was refused is left alone', () => {
  const refused: Portion = { ...aHold(2, 100n, now), status: 'refused' };
  const settled = settle([aHold(1, 100n, now), refused], 30n, now);
  expect(takes(settled)).toEqual([
    ['hold', 0n],
    ['hold', null],
    ['charge', 30n],
  ]);
  expect(settled[1]).toBe(refused);
});

const aPortion = fc.oneof(
  fc.record({ status: fc.constantFrom('asked' as const, 'refused' as const), amount: fc.constant(0n) }),
  fc.record({ status: fc.constant('placed' as const), amount: fc.bigInt(1n, 500n) }),
);

test('whatever is held: what is taken is what it costs, from each at most what it holds, and settling again decides nothing anew', () => {
  fc.assert(
    fc.property(
      fc.array(aPortion, { maxLength: 5 }),
      fc.bigInt(0n, 2_000n),
      fc.bigInt(0n, 2_000n),
      (some, amount, more) => {
        const portions = some.map((portion, index) => ({ ...aHold(index + 1, 500n, now), ...portion }));
        const settled = settle(portions, amount, now);
        expect(settled.filter(isOpen).reduce((sum, { take }) => sum + (take as bigint), 0n)).toBe(amount);
        for (const { kind, take, amount: held } of settled)
          if (kind === 'hold' && take) expect(take).toBeLessThanOrEqual(held);
        expect(settle(settled, amount, now)).toEqual(settled);

        const later = settle(settled, amount + more, now);
        expect(later.slice(0, settled.length)).toEqual(settled);
        expect(later.filter(isOpen).reduce((sum, { take }) => sum + (take as bigint), 0n)).toBe(amount + more);
        expect(new Set(later.map(({ n }) => n)).size).toBe(later.length);
      },
    ),
  );
});

test('only what is placed is held, and only what was captured is paid', () => {
  const captured: Portion = { ...placed(1, 100n), status: 'captured', take: 60n, captured: 60n };
  const portions = chargeAgain([captured, placed(2, 40n), aHold(3, 70n, now)], 5n, now);
  expect(heldIn(portions)).toBe(40n);
  expect(paidBy(portions)).toBe(60n);
  expect(portions.at(-1)).toMatchObject({ n: 4, kind: 'charge', take: 5n, status: 'asked' });
});
