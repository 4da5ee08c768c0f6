import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import type { Deps } from '../deps.ts';
import type { Order } from '../order/order.ts';
import { findOrders } from '../order/store.ts';
import { forgetCustomer, listForgottenSince, listHistoriesOf, listOrderIdsAfter, type ToldHistory } from './store.ts';

/** A message of NATS holds a megabyte; an order that is larger than half of one comes alone. */
const pageBytes = 512 * 1024;
const mostOrders = 100;

export interface ExportPage {
  readonly records: Record<string, unknown>[];
  readonly next: string | null;
}

/** All that is kept about a customer here, a page at a time, in the words that they would understand. */
export async function exportPage(
  { database }: Pick<Deps, 'database'>,
  { customerId, after }: { customerId: string; after: string | null },
): Promise<ExportPage> {
  const place = after === null ? null : readCursor(after);
  const places = await listOrderIdsAfter(database, { customerId, after: place, most: mostOrders, bytes: pageBytes });
  const last = places.at(-1);
  if (!last) return { records: [], next: null };

  const orderIds = places.map(({ orderId }) => orderId);
  const [orders, histories] = await Promise.all([findOrders(database, orderIds), listHistoriesOf(database, orderIds)]);
  const historyOf = Map.groupBy(histories, ({ orderId }) => orderId);
  const records = orders.map((order) => toRecord(order, historyOf.get(order.id) ?? []));
  return { records, next: `${last.createdAt.toISOString()} ${last.orderId}` };
}

const cursorForm = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{24})$/;

function readCursor(cursor: string) {
  const [, createdAt, orderId] = cursorForm.exec(cursor) ?? [];
  if (!createdAt || !orderId) throw new AppError('validation_failed', 'No page ended there.');
  return { createdAt: new Date(createdAt), orderId };
}

const toRecord = (
  { version: _version, items, itemsTotal, deliveryFee, total, customerId, createdAt, updatedAt, ...order }: Order,
  history: readonly ToldHistory[],
): Record<string, unknown> => {
  const amount = (minor: bigint) => toMajorUnits(minor, order.currency);
  return {
    ...order,
    items: items.map(({ discountsApplied, price, priceOriginal, ...item }) => ({
      ...item,
      price: amount(price),
      priceOriginal: amount(priceOriginal),
      discounts: discountsApplied.map(({ name }) => name),
    })),
    itemsTotal: amount(itemsTotal),
    deliveryFee: amount(deliveryFee),
    total: amount(total),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    history: history.map(({ what, status, at, by, reason }) => ({
      what,
      status,
      at: at.toISOString(),
      // Who else works in the shop is nobody's business.
      by: by === null || by === customerId ? 'buyer' : 'shop',
      reason,
    })),
  };
};

const daysLookedBack = 2;

/**
 * An order may be placed, or claimed, in the very moment in which its buyer is erased: whoever was erased lately is
 * forgotten once more.
 */
export async function forgetAgain({ database, clock }: Pick<Deps, 'database' | 'clock'>): Promise<void> {
  const since = new Date(clock().getTime() - daysLookedBack * 24 * 3_600_000);
  for (const customer of await listForgottenSince(database, since)) await forgetCustomer(database, customer);
}
