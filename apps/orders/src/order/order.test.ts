import { OrderStatus } from '@forecourt/contracts';
import { describe, expect, test } from 'vitest';
import { anOrder } from '../../test/builders.ts';
import { asPlaced, move } from './order.ts';

const later = new Date('2026-02-20T09:00:00.000Z');
const allowed = ['new processing', 'new cancelled', 'processing done', 'processing cancelled'];
const pairs = OrderStatus.options.flatMap((from) => OrderStatus.options.map((to) => ({ from, to })));

describe('moves', () => {
  test.each(pairs.filter(({ from, to }) => allowed.includes(`${from} ${to}`)))('$from → $to', ({ from, to }) => {
    const order = anOrder({ status: from, version: 3 });
    expect(move(order, to, later)).toEqual({ ...order, status: to, version: 4, updatedAt: later });
  });

  test.each(pairs.filter(({ from, to }) => from !== to && !allowed.includes(`${from} ${to}`)))(
    '$from → $to is refused',
    ({ from, to }) => {
      expect(() => move(anOrder({ status: from }), to, later)).toThrow(
        expect.objectContaining({ code: 'order_move_refused' }),
      );
    },
  );

  test.each(OrderStatus.options)('%s to itself changes nothing', (status) => {
    const order = anOrder({ status });
    expect(move(order, status, later)).toBe(order);
  });
});

test('an order looks as it was placed, whatever became of it', () => {
  const placed = anOrder();
  const since = { ...move(placed, 'cancelled', later), customerId: '65f1a2b3c4d5e6f7a8b9c001' };
  expect(asPlaced(since, null)).toEqual(placed);
});
