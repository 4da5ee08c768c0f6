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
        SELECT 'customer:' || ${customerId} UNION SELECT 'guest:' || phone || ':' || client_id FROM theirs)),
    waiting AS (UPDATE pending_order SET phone = NULL WHERE customer_id = ${customerId} AND phone IS NOT NULL)
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

interface Page {
  readonly customerId: string;
  readonly after: string;
  readonly most: number;
}

/** Each oldest first; `place` is where the next page goes on. */
export const listSubscriptionsAfter = (db: Pick<SqlTx, '$queryRaw'>, { customerId, after, most }: Page) =>
  db.$queryRaw<KeptSubscription[]>`
    SELECT id AS place, product_number AS product, title ->> 'uk' AS title, state, currency, price, renews, "from", until,
      ordered_at AS "orderedAt", canceled_at AS "canceledAt", ended_at AS "endedAt", (
        SELECT COALESCE(jsonb_agg(jsonb_build_object('n', n, 'kind', kind, 'status', status, 'price', period.price,
          'credit', credit, 'from', period."from", 'until', period.until) ORDER BY n), '[]')
        FROM subscription_period AS period WHERE subscription_id = subscription.id) AS periods
    FROM subscription WHERE customer_id = ${customerId} AND id > ${after} ORDER BY id LIMIT ${most}::int`;

export interface KeptSubscription {
  readonly place: string;
  readonly product: number;
  readonly title: string;
  readonly state: string;
  readonly currency: string;
  readonly price: bigint;
  readonly renews: boolean;
  readonly from: Date | null;
  readonly until: Date | null;
  readonly orderedAt: Date;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
  readonly periods: readonly {
    readonly n: number;
    readonly kind: string;
    readonly status: string;
    readonly price: number;
    readonly credit: number;
    readonly from: string | null;
    readonly until: string | null;
  }[];
}

export const listPendingAfter = (db: Pick<SqlTx, '$queryRaw'>, { customerId, after, most }: Page) =>
  db.$queryRaw<KeptPending[]>`
    SELECT id AS place, product_number AS product, title ->> 'uk' AS title, phone, status, reason, currency, price,
      ordered_at AS "orderedAt", confirmed_at AS "confirmedAt", ended_at AS "endedAt"
    FROM pending_order WHERE customer_id = ${customerId} AND id > ${after} ORDER BY id LIMIT ${most}::int`;

export interface KeptPending {
  readonly place: string;
  readonly product: number;
  readonly title: string;
  readonly phone: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly currency: string;
  readonly price: bigint;
  readonly orderedAt: Date;
  readonly confirmedAt: Date | null;
  readonly endedAt: Date | null;
}
