import type { SeededProduct } from '../evidence.ts';
import type { History } from '../history.ts';
import { defineCheck, type Tally } from './check.ts';

export interface StockMaterial {
  readonly products: readonly Pick<SeededProduct, 'id' | 'stock'>[];
  readonly startStock: ReadonlyMap<string, number>;
  readonly levels: readonly { readonly productId: string; readonly quantity: number | null }[];
  readonly orders: readonly SoldOrder[];
  readonly reservations: readonly Reservation[];
  readonly samples: History['samples'];
}

interface SoldOrder {
  readonly id: string;
  readonly status: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

interface Reservation {
  readonly orderId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly released: boolean;
}

type Kind = 'counted products' | 'levels' | 'levels sampled' | 'order lines' | 'reservations';

export const stock = defineCheck<StockMaterial, Kind>({
  name: 'stock',
  what: 'Stock is what there was, less what was sold, plus what came back; it is never negative, and orders agree.',
  kinds: ['counted products', 'levels', 'levels sampled', 'order lines', 'reservations'],
  optional: ['levels sampled'],

  async gather({ database, history, products, startStock }) {
    const [levels, orders, reservations] = await Promise.all([
      database.query('SELECT product_id AS "productId", quantity FROM orders.stock'),
      database.query('SELECT id, status, items FROM orders.orders'),
      database.query(`SELECT order_id AS "orderId", product_id AS "productId", quantity,
        released_at IS NOT NULL AS released FROM orders.stock_reservations`),
    ]);
    const tables = { levels: levels.rows, orders: orders.rows, reservations: reservations.rows };
    return { products, startStock, samples: history.samples, ...tables };
  },

  judge(tally, material) {
    demandBalance(tally, material);
    demandNotNegative(tally, material);
    demandAgreement(tally, material);
  },
});

function demandBalance(tally: Tally<Kind>, { startStock, orders, levels }: StockMaterial): void {
  const sold = new Map<string, number>();
  for (const { status, items } of orders) {
    if (status === 'cancelled') continue;
    for (const { productId, quantity } of items) sold.set(productId, (sold.get(productId) ?? 0) + quantity);
  }
  const left = new Map(levels.map(({ productId, quantity }) => [productId, quantity]));
  for (const [productId, start] of startStock) {
    const due = start - (sold.get(productId) ?? 0);
    const actual = left.get(productId);
    tally.demand(
      'counted products',
      actual === due,
      () => `of ${productId} ${due} must be left of ${start}: stored is ${actual}`,
    );
  }
}

function demandNotNegative(tally: Tally<Kind>, { levels, samples }: StockMaterial): void {
  for (const { productId, quantity } of levels) {
    tally.demand('levels', (quantity ?? 0) >= 0, () => `of ${productId} there are ${quantity}`);
  }
  for (const { at, stock: seen } of samples) {
    for (const [productId, quantity] of Object.entries(seen)) {
      tally.demand('levels sampled', (quantity ?? 0) >= 0, () => `${at} ms: of ${productId} there were ${quantity}`);
    }
  }
}

/** An order took what it says, and gave it back when, and only when, it was cancelled. */
function demandAgreement(tally: Tally<Kind>, { products, orders, reservations }: StockMaterial): void {
  const counted = new Set(products.filter(({ stock: how }) => how === 'counted').map(({ id }) => id));
  const byOrder = new Map(orders.map((order) => [order.id, order]));
  const taken = new Map(reservations.map((taking) => [`${taking.orderId} ${taking.productId}`, taking]));
  for (const { orderId, productId, quantity, released } of reservations) {
    const order = byOrder.get(orderId);
    const ordered = order ? piecesOf(order).get(productId) : undefined;
    tally.demand(
      'reservations',
      ordered === quantity,
      () => `order ${orderId} took ${quantity} of ${productId}, and says ${ordered}`,
    );
    const isBack = order?.status === 'cancelled';
    tally.demand(
      'reservations',
      released === isBack,
      () => `order ${orderId} is ${order?.status}, and ${released ? 'gave' : 'did not give'} ${productId} back`,
    );
  }
  for (const order of orders) {
    for (const productId of piecesOf(order).keys()) {
      if (!counted.has(productId)) continue;
      const isTaken = taken.has(`${order.id} ${productId}`);
      tally.demand('order lines', isTaken, () => `order ${order.id} sold ${productId}, and took none from the stock`);
    }
  }
}

function piecesOf({ items }: SoldOrder): Map<string, number> {
  const pieces = new Map<string, number>();
  for (const { productId, quantity } of items) pieces.set(productId, (pieces.get(productId) ?? 0) + quantity);
  return pieces;
}
