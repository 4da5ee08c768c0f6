import type { OrderStatus } from '@forecourt/contracts';
import type { Language } from '@forecourt/dialects';
import type { SqlTx } from '@forecourt/messaging';
import type { Order, OrderItem } from './order.ts';

/** A pool or a transaction. */
type Queries = Pick<SqlTx, '$queryRaw'>;

interface OrderRow {
  id: string;
  number: string;
  version: number;
  status: OrderStatus;
  customer_id: string | null;
  phone: string | null;
  client_id: string | null;
  name: string | null;
  comment: string | null;
  language: Language;
  currency: string;
  items: StoredItem[];
  items_total: bigint;
  delivery_fee: bigint;
  total: bigint;
  created_at: Date;
  updated_at: Date;
}

/** JSON has no bigint; amounts are below 2^53, as the table checks. */
type Stored<T> = { [Key in keyof T]: bigint extends T[Key] ? number | Exclude<T[Key], bigint> : T[Key] };
type StoredItem = Omit<Stored<OrderItem>, 'discountsApplied'> & {
  discountsApplied: Stored<OrderItem['discountsApplied'][number]>[];
};

export const withBigints = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? Number(value) : value;

const toItem = (stored: StoredItem): OrderItem => ({
  ...stored,
  price: BigInt(stored.price),
  priceOriginal: BigInt(stored.priceOriginal),
  discountsApplied: stored.discountsApplied.map((applied) => ({
    ...applied,
    amount: applied.amount === null ? null : BigInt(applied.amount),
    priceBefore: BigInt(applied.priceBefore),
    priceAfter: BigInt(applied.priceAfter),
  })),
});

/** An order as its row holds it, but for the names of the columns. */
export type StoredOrder = Omit<Order, 'items'> & { readonly items: readonly StoredItem[] };

export const toOrder = (stored: StoredOrder): Order => ({ ...stored, items: stored.items.map(toItem) });

const fromRow = (row: OrderRow): Order =>
  toOrder({
    id: row.id,
    number: row.number,
    version: row.version,
    status: row.status,
    customerId: row.customer_id,
    phone: row.phone,
    clientId: row.client_id,
    name: row.name,
    comment: row.comment,
    language: row.language,
    currency: row.currency,
    items: row.items,
    itemsTotal: row.items_total,
    deliveryFee: row.delivery_fee,
    total: row.total,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });

export async function findOrder(db: Queries, orderId: string): Promise<Order | null> {
  const [row] = await db.$queryRaw<OrderRow[]>`SELECT * FROM orders WHERE id = ${orderId}`;
  return row ? fromRow(row) : null;
}

/** Oldest first. */
export async function findOrders(db: Queries, orderIds: readonly string[]): Promise<Order[]> {
  const rows = await db.$queryRaw<OrderRow[]>`
    SELECT * FROM orders WHERE id = ANY (${orderIds}::text[]) ORDER BY created_at, id`;
  return rows.map(fromRow);
}

/** Newest first. A page that is not full tells the total by itself. */
export async function listOrdersOf(
  db: Queries,
  customerId: string,
  { page, limit }: { page: number; limit: number },
): Promise<{ items: Order[]; total: number }> {
  const offset = (page - 1) * limit;
  const rows = await db.$queryRaw<OrderRow[]>`
    SELECT * FROM orders WHERE customer_id = ${customerId}
    ORDER BY created_at DESC, id DESC LIMIT ${limit}::int OFFSET ${offset}::int`;
  const items = rows.map(fromRow);
  const isLast = items.length < limit && (items.length > 0 || page === 1);
  return { items, total: isLast ? offset + items.length : await countOrdersOf(db, customerId) };
}

async function countOrdersOf(db: Queries, customerId: string): Promise<number> {
  const [row] = await db.$queryRaw<[{ total: number }]>`
    SELECT count(*)::int AS total FROM orders WHERE customer_id = ${customerId}`;
  return row.total;
}

/** What a browser has ordered for a phone number; only who knows both may see it. */
export async function listOrdersOfBrowser(
  db: Queries,
  { phone, clientId, limit }: { phone: string; clientId: string; limit: number },
): Promise<Order[]> {
  const rows = await db.$queryRaw<OrderRow[]>`
    SELECT * FROM orders WHERE phone = ${phone} AND client_id = ${clientId}
    ORDER BY created_at DESC, id DESC LIMIT ${limit}::int`;
  return rows.map(fromRow);
}

export interface Doing {
  readonly by: string | null;
  readonly reason: string | null;
}

export async function saveMove(tx: SqlTx, order: Order, { by, reason }: Doing): Promise<void> {
  const changed = await tx.$executeRaw`
    WITH moved AS (
      UPDATE orders SET status = ${order.status}, version = ${order.version}::int, updated_at = ${order.updatedAt}
      WHERE id = ${order.id} AND version = ${order.version}::int - 1
      RETURNING id, status, updated_at
    )
    INSERT INTO order_history (order_id, what, status, at, by, reason)
    SELECT id, 'moved', status, updated_at, ${by}::text, ${reason}::text FROM moved`;
  if (changed !== 1) throw new Error(`order ${order.id} was changed without its lock`);
}

/** Nothing is told about a claim and no version moves, so it needs no lock but the rows' own. */
export function saveClaim(
  tx: SqlTx,
  { customerId, phone, clientId, now }: { customerId: string; phone: string; clientId: string; now: Date },
): PromiseLike<number> {
  return tx.$executeRaw`
    WITH claimed AS (
      UPDATE orders SET customer_id = ${customerId}
      WHERE phone = ${phone} AND client_id = ${clientId} AND customer_id IS NULL
        AND NOT EXISTS (SELECT FROM forgotten_customers WHERE customer_id = ${customerId})
      RETURNING id, status
    )
    INSERT INTO order_history (order_id, what, status, at, by)
    SELECT id, 'claimed', status, ${now}::timestamptz, ${customerId} FROM claimed`;
}
