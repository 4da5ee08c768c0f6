import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import type { Deps } from '../deps.ts';
import type { Order } from '../order/order.ts';
import { findOrders } from '../order/store.ts';
import { endSubscriptionsOf } from '../subscription/service.ts';
import {
  forgetCustomer,
  type KeptPending,
  type KeptSubscription,
  listForgottenSince,
  listHistoriesOf,
  listOrderIdsAfter,
  listPendingAfter,
  listSubscriptionsAfter,
  type ToldHistory,
} from './store.ts';

/** A message of NATS holds a megabyte; an order that is larger than half of one comes alone. */
const pageBytes = 512 * 1024;
const mostOrders = 100;

export interface ExportPage {
  readonly records: Record<string, unknown>[];
  readonly next: string | null;
}

interface Question {
  readonly customerId: string;
  readonly after: string | null;
}

/**
 * All that is kept about a customer here, a page at a time, in the words that they would understand: their orders, then
 * what they are subscribed to, then the orders that waited for a code.
 */
export async function exportPage(deps: Pick<Deps, 'database'>, { customerId, after }: Question): Promise<ExportPage> {
  const [, section, place = ''] = sectionForm.exec(after ?? '') ?? [];
  if (section === 'subscription') return await subscriptionPage(deps, customerId, place);
  if (section === 'pending') return await pendingPage(deps, customerId, place);
  return await orderPage(deps, { customerId, after });
}

const sectionForm = /^(subscription|pending) ([0-9a-f]{24}|)$/;
/** Each has its periods with it, and a daily one has many. */
const mostSubscriptions = 1;
const mostPending = 500;

async function subscriptionPage({ database }: Pick<Deps, 'database'>, customerId: string, after: string) {
  const kept = await listSubscriptionsAfter(database, { customerId, after, most: mostSubscriptions });
  const last = kept.length === mostSubscriptions ? kept.at(-1) : undefined;
  return { records: kept.map(subscriptionRecord), next: last ? `subscription ${last.place}` : 'pending ' };
}

async function pendingPage({ database }: Pick<Deps, 'database'>, customerId: string, after: string) {
  const kept = await listPendingAfter(database, { customerId, after, most: mostPending });
  const last = kept.length === mostPending ? kept.at(-1) : undefined;
  return { records: kept.map(pendingRecord), next: last ? `pending ${last.place}` : null };
}

const subscriptionRecord = ({ place: id, price, periods, ...kept }: KeptSubscription): Record<string, unknown> => ({
  what: 'subscription',
  id,
  ...withTexts(kept),
  price: toMajorUnits(price, kept.currency),
  periods: periods.map((period) => ({
    ...period,
    price: toMajorUnits(BigInt(period.price), kept.currency),
    credit: toMajorUnits(BigInt(period.credit), kept.currency),
  })),
});

const pendingRecord = ({ place: id, price, ...kept }: KeptPending): Record<string, unknown> => ({
  what: 'order that waited for a code',
  id,
  ...withTexts(kept),
  price: toMajorUnits(price, kept.currency),
});

const withTexts = (record: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([name, fact]) => [name, fact instanceof Date ? fact.toISOString() : fact]),
  );

async function orderPage({ database }: Pick<Deps, 'database'>, { customerId, after }: Question): Promise<ExportPage> {
  const place = after === null ? null : readCursor(after);
  const places = await listOrderIdsAfter(database, { customerId, after: place, most: mostOrders, bytes: pageBytes });
  const last = places.at(-1);
  if (!last) return { records: [], next: 'subscription ' };

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
export async function forgetAgain(deps: Deps): Promise<void> {
  const { database, clock } = deps;
  const since = new Date(clock().getTime() - daysLookedBack * 24 * 3_600_000);
  for (const customer of await listForgottenSince(database, since)) {
    await forgetCustomer(database, customer);
    await database.transaction((tx) => endSubscriptionsOf(tx, deps, customer.customerId));
  }
}
