import { expect, test } from 'vitest';
import { type Bill, wrongBills } from './bills.ts';

const bill = (given: Partial<Bill> = {}): Bill => ({
  n: 1,
  count: 1,
  energy: 250,
  amount: 375,
  state: 'finished',
  ...given,
});
const price = 1500;

test('one purchase of what has flowed, at its price, is right', () => {
  expect(wrongBills([bill()], { 1: 250 }, price)).toEqual([]);
});

test.each<[string, Bill[]]>([
  ['a charge that nobody billed', []],
  ['two purchases of one charge', [bill({ count: 2 })]],
  ['a watt-hour too many', [bill({ energy: 251 })]],
  ['a price that is not its own', [bill({ amount: 374 })]],
  ['one that goes on', [bill({ state: 'waiting' })]],
  ['another station’s', [bill({ n: 2 })]],
])('%s is found', (_, bills) => {
  expect(wrongBills(bills, { 1: 250 }, price)).toEqual([expect.stringMatching(/^station 1 gave 250 Wh for 375; /)]);
});
