import { describe, expect, test } from 'vitest';
import { anOperation, anOrderBody, aPlacing } from './made-up.ts';
import { type OrderMaterial, type OrderRow, orders } from './orders.ts';

const line = { productId: 'p1', sku: 'A', quantity: 2 };
const reply = {
  _id: 'o1',
  phone: '+380671234567',
  clientId: 'browser',
  items: [{ ...line, price: 10.5 }],
  itemsTotal: 21,
  deliveryFee: 0,
  total: 21,
};
const placing = aPlacing({ reply: JSON.stringify(reply) });
const row: OrderRow = {
  id: 'o1',
  version: 1,
  status: 'new',
  customerId: null,
  phone: reply.phone,
  clientId: reply.clientId,
  items: [{ ...line, price: 1050, priceOriginal: 1050 }],
  itemsTotal: 2100,
  deliveryFee: 0,
  total: 2100,
  intention: 'guest:+380671234567:browser k',
  moves: [],
};
const sound: OrderMaterial = { operations: [placing], rows: [row], products: [{ id: 'p1', price: 10.5 }] };

const move = (wishes: object = {}) =>
  anOperation({ kind: 'move', about: { orderId: 'o1', to: 'processing' }, ...wishes });
const inProcess: OrderRow = { ...row, version: 2, status: 'processing', moves: ['processing'] };
const withMove = { operations: [placing, move()], rows: [inProcess] };
const keyless = aPlacing({ about: {}, reply: placing.reply ?? '' });

const violationsOf = (wrong: Partial<OrderMaterial>) => orders.judge({ ...sound, ...wrong }).violations;

describe('the check of orders', () => {
  test.each<[string, Partial<OrderMaterial>]>([
    ['an order as it was acknowledged', {}],
    ['one that was repeated', { operations: [placing, { ...placing, id: 99, replayed: true }] }],
    ['one that was claimed since', { rows: [{ ...row, customerId: 'c1' }] }],
    ['one without a key', { operations: [keyless], rows: [{ ...row, intention: null }] }],
    [
      'one in doubt that was stored',
      {
        operations: [placing, aPlacing({ outcome: 'unknown', about: { idempotencyKey: 'j' } })],
        rows: [row, { ...row, id: 'o2', intention: 'guest:+380671234567:browser j' }],
      },
    ],
    [
      'one in doubt that was not',
      { operations: [placing, aPlacing({ outcome: 'unknown', about: { idempotencyKey: 'j' } })] },
    ],
    ['a move that was acknowledged', withMove],
    ['a move in doubt that was stored', { operations: [placing, move({ outcome: 'unknown' })], rows: [inProcess] }],
    [
      'a price of before',
      { operations: [placing, anOperation({ kind: 'change-product', about: { productId: 'p1', price: 99 } })] },
    ],
  ])('passes %s', (_, right) => expect(violationsOf(right)).toEqual([]));

  test('proves nothing without orders', () => {
    const seen = orders.judge({ operations: [], rows: [], products: [] });
    expect(seen).toMatchObject({
      checked: 0,
      violations: ['saw no acknowledged orders', 'saw no stored orders', 'saw no lines'],
    });
  });

  test.each<[string, Partial<OrderMaterial>, RegExp]>([
    ['an acknowledged order that is gone', { rows: [] }, /o1 was acknowledged: it does not exist/],
    [
      'other lines',
      { rows: [{ ...row, items: [{ ...line, quantity: 1, price: 1050, priceOriginal: 1050 }] }] },
      /its lines were/,
    ],
    ['another total', { rows: [{ ...row, total: 2101 }] }, /its total was 2100, stored is 2101/],
    ['another buyer', { rows: [{ ...row, phone: '+380670000000' }] }, /its phone was/],
    [
      'an order that nobody asked for',
      { rows: [row, { ...row, id: 'o2', intention: 'guest:x k' }] },
      /o2 is stored, nobody asked/,
    ],
    ['two orders of one intention', { rows: [row, { ...row, id: 'o2' }] }, /is stored as 2 orders/],
    [
      'more orders without a key than were asked for',
      {
        operations: [keyless],
        rows: [
          { ...row, intention: null },
          { ...row, id: 'o2', intention: null },
        ],
      },
      /has 2 orders, and asked for 1/,
    ],
    [
      'a refused order that is there',
      { operations: [aPlacing({ outcome: 'fail', status: 409 })] },
      /was refused, and is stored/,
    ],
    ['an acknowledged move that is gone', { operations: [placing, move()] }, /became processing; stored is no move/],
    ['a move that nobody asked for', { rows: [inProcess] }, /became processing, and nobody asked/],
    ['a version that moved alone', { rows: [{ ...row, version: 2 }] }, /is new in version 2/],
    [
      'a look at the past',
      {
        ...withMove,
        operations: [
          ...withMove.operations,
          anOperation({ kind: 'read-order', about: { orderId: 'o1' }, reply: '{"status":"new"}' }),
        ],
      },
      /was read as new after/,
    ],
    ['a price that never was', { products: [{ id: 'p1', price: 9 }] }, /which was never its price/],
  ])('sees %s', (_, wrong, sentence) => {
    expect(violationsOf(wrong)).toContainEqual(expect.stringMatching(sentence));
  });

  test('tells the body of another caller apart', () => {
    const other = aPlacing({ request: anOrderBody({ clientId: 'other' }), outcome: 'fail', status: 400 });
    expect(violationsOf({ operations: [placing, other] })).toEqual([]);
  });
});
