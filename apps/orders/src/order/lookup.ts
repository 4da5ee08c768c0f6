import type { OrderStatus } from '@forecourt/contracts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Order } from './order.ts';
import { type StoredOrder, toOrder } from './store.ts';

export interface OrderFilter {
  readonly status?: OrderStatus | undefined;
  readonly phone?: string | undefined;
  readonly number?: string | undefined;
  readonly customerId?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** The last order of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Newest first, to the second: ids begin with their time, so the key that is there already gives the order. */
export async function listOrders(
  { order }: PrismaClient,
  { status, phone, number, customerId, from, to, after, limit }: OrderFilter,
): Promise<Order[]> {
  const rows = await order.findMany({
    where: {
      ...(status && { status }),
      ...(phone && { phone }),
      ...(number && { number }),
      ...(customerId && { customerId }),
      ...((from || to) && { createdAt: { ...(from && { gte: from }), ...(to && { lt: to }) } }),
      id: { ...(after && { lt: after }), ...(from && { gte: firstIdOf(from) }) },
    },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map((row) => toOrder(row as unknown as StoredOrder));
}

const firstIdOf = (date: Date) =>
  Math.max(0, Math.floor(date.getTime() / 1000))
    .toString(16)
    .padStart(8, '0')
    .padEnd(24, '0');

export interface HistoryEntry {
  readonly what: 'placed' | 'moved' | 'claimed';
  readonly status: OrderStatus;
  readonly at: Date;
  readonly by: string | null;
  readonly reason: string | null;
}

export async function findOrderWithHistory(
  { order, orderHistory }: PrismaClient,
  orderId: string,
): Promise<{ order: Order; history: HistoryEntry[] } | null> {
  const [row, history] = await Promise.all([
    order.findUnique({ where: { id: orderId } }),
    orderHistory.findMany({ where: { orderId }, orderBy: { id: 'asc' }, omit: { orderId: true, id: true } }),
  ]);
  return row && { order: toOrder(row as unknown as StoredOrder), history: history as unknown as HistoryEntry[] };
}
