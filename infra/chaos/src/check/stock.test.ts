import { expect, test } from 'vitest';
import { soundMoney } from './made-up.ts';
import { type StockMaterial, stock } from './stock.ts';

const items = [
  { productId: 'p1', quantity: 2 },
  { productId: 'p1', quantity: 1 },
];
const taken = { orderId: 'o1', productId: 'p1', quantity: 3, released: false };
const returned = { orderId: 'o2', productId: 'p1', quantity: 3, released: true };
const sound: StockMaterial = {
  products: [{ id: 'p1', stock: 'counted' }],
  startStock: new Map([['p1', 10]]),
  levels: [{ productId: 'p1', quantity: 7 }],
  orders: [
    { id: 'o1', status: 'done', items },
    { id: 'o2', status: 'cancelled', items },
  ],
  reservations: [taken, returned],
  samples: [{ at: 1, stock: { p1: 4, endless: null }, money: soundMoney }],
};

test('the check of stock passes what adds up', () => {
  expect(stock.judge(sound)).toMatchObject({ checked: 10, violations: [] });
});

test('the check of stock proves nothing without any', () => {
  const nothing = { products: [], startStock: new Map(), levels: [], orders: [], reservations: [], samples: [] };
  expect(stock.judge(nothing)).toMatchObject({
    checked: 0,
    violations: expect.arrayContaining(['saw no reservations']),
  });
});

test.each<[string, Partial<StockMaterial>, RegExp]>([
  ['too little', { levels: [{ productId: 'p1', quantity: 6 }] }, /of p1 7 must be left of 10: stored is 6/],
  ['too much', { levels: [{ productId: 'p1', quantity: 10 }] }, /stored is 10/],
  ['less than nothing', { levels: [{ productId: 'p1', quantity: -1 }] }, /of p1 there are -1/],
  [
    'less than nothing for a moment',
    { samples: [{ at: 5, stock: { p1: -2 }, money: soundMoney }] },
    /5 ms: of p1 there were -2/,
  ],
  ['an order that took nothing', { reservations: [returned] }, /o1 sold p1, and took none/],
  [
    'an order that took something else',
    { reservations: [{ ...taken, quantity: 2 }, returned] },
    /o1 took 2 of p1, and says 3/,
  ],
  [
    'a cancelled order that kept what it took',
    { reservations: [taken, { ...returned, released: false }] },
    /o2 is cancelled, and did not give/,
  ],
  [
    'an order that gave back too early',
    { reservations: [{ ...taken, released: true }, returned] },
    /o1 is done, and gave/,
  ],
])('the check of stock sees %s', (_, wrong, sentence) => {
  expect(stock.judge({ ...sound, ...wrong }).violations).toContainEqual(expect.stringMatching(sentence));
});
