import { expect, test } from 'vitest';
import type { Portion } from '../money/money.ts';
import { divideRefund, type Given, totalOf } from './refund.ts';

const paid = (n: number, captured: bigint): Portion => ({
  n,
  kind: 'hold',
  wanted: captured,
  amount: captured,
  status: 'captured',
  take: captured,
  captured,
  askedAt: new Date(0),
});
const portions = [paid(1, 500n), { ...paid(2, 0n), status: 'released' } as Portion, paid(3, 200n)];

test.each([
  [1n, [{ n: 1, amount: 1n }]],
  [500n, [{ n: 1, amount: 500n }]],
  [
    501n,
    [
      { n: 1, amount: 500n },
      { n: 3, amount: 1n },
    ],
  ],
  [
    700n,
    [
      { n: 1, amount: 500n },
      { n: 3, amount: 200n },
    ],
  ],
])('%d is taken from what was paid, the oldest first', (amount, parts) => {
  expect(divideRefund(portions, [], amount)).toEqual(parts);
});

test('what was given back, or is about to be, is not given again; what was refused is', () => {
  const given: Given[] = [
    { n: 1, amount: 300n, status: 'done' },
    { n: 1, amount: 100n, status: 'asked' },
    { n: 3, amount: 150n, status: 'refused' },
  ];
  expect(totalOf(given)).toBe(400n);
  expect(divideRefund(portions, given, 300n)).toEqual([
    { n: 1, amount: 100n },
    { n: 3, amount: 200n },
  ]);
  expect(() => divideRefund(portions, given, 301n)).toThrow(
    expect.objectContaining({ code: 'refund_exceeds_transfer' }),
  );
});
