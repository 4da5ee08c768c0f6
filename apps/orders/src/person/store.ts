import type { OrderStatus } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';

/** What was bought stays; who bought it goes, with the keys that name their phone and browser. Again changes nothing. */
export const forgetCustomer = (
  tx: Pick<SqlTx, '$executeRaw'>,
  { customerId, erasedAt }: { customerId: string; erasedAt: Date },
): PromiseLike<number> =>
  tx.$executeRaw`
    WITH forgotten AS (
      INSERT INTO forgotten_customers (customer_id, erased_at) VALUES (${customerId}, ${erasedAt}::timestamptz)
      ON CONFLICT DO NOTHING),
    theirs AS MATERIALIZED (
      SELECT id, phone, client_id FROM orders WHERE customer_id = ${customerId} AND phone IS NOT NULL),
    keys AS (
      DELETE FROM idempotency_keys
      WHERE order_id IN (SELECT id FROM theirs) AND scope IN (
        SELECT 'customer:' || ${customerId} UNION SELECT 'guest:' || phone || ':' || client_id FROM theirs))
    UPDATE orders SET phone = NULL, client_id = NULL, name = NULL, comment = NULL
    FROM theirs WHERE orders.id = theirs.id`;

/** Who was erased since then, the first of them first. */
export const listForgottenSince = (
  db: Pick<SqlTx, '$queryRaw'>,
  since: Date,
): PromiseLike<{ customerId: string; erasedAt: Date }[]> =>
  db.$queryRaw`
    SELECT customer_id AS "customerId", erased_at AS "erasedAt" FROM forgotten_customers
    WHERE erased_at >= ${since}::timestamptz ORDER BY erased_at`;

export interface Place {
  readonly createdAt: Date;
  readonly orderId: string;
}

/** Oldest first: as many as fit into so many bytes of items, but one at least. */
export const listOrderIdsAfter = (
  db: Pick<SqlTx, '$queryRaw'>,
  { customerId, after, most, bytes }: { customerId: string; after: Place | null; most: number; bytes: number },
): PromiseLike<Place[]> =>
  db.$queryRaw<Place[]>`
    SELECT id AS "orderId", created_at AS "createdAt" FROM (
      SELECT id, created_at, sum(octet_length(items::text)) OVER places AS bytes, row_number() OVER places AS place
      FROM (
        SELECT id, created_at, items FROM orders
        WHERE customer_id = ${customerId}
          AND (created_at, id) > (${after?.createdAt ?? new Date(0)}::timestamptz, ${after?.orderId ?? ''}::text)
        ORDER BY created_at, id LIMIT ${most}::int) AS next
      WINDOW places AS (ORDER BY created_at, id)) AS page
    WHERE bytes <= ${bytes}::int OR place = 1
    ORDER BY created_at, id`;

export interface ToldHistory {
  readonly orderId: string;
  readonly what: string;
  readonly status: OrderStatus;
  readonly at: Date;
  readonly by: string | null;
  readonly reason: string | null;
}

export const listHistoriesOf = (
  db: Pick<SqlTx, '$queryRaw'>,
  orderIds: readonly string[],
): PromiseLike<ToldHistory[]> =>
  db.$queryRaw<ToldHistory[]>`
    SELECT order_id AS "orderId", what, status, at, by, reason FROM order_history
    WHERE order_id = ANY (${orderIds}::text[]) ORDER BY order_id, id`;
