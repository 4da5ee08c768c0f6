import { stockChanged } from '@forecourt/contracts';
import type { OutboxRow, SqlTx } from '@forecourt/messaging';
import type { DeliverySettings } from '../delivery/delivery.ts';
import type { Intention } from '../idempotency/idempotency.ts';
import type { Offer } from '../offer/offer.ts';
import type { Order } from '../order/order.ts';
import { itemsToJson } from '../order/store.ts';
import { quantities } from './placement.ts';

/** The one thing that this key stood for before. */
export interface Earlier {
  readonly orderId: string;
  readonly fingerprint: Buffer;
}

export interface StoredBasis {
  readonly termsVersion: number;
  readonly discountsKnown: boolean;
  readonly delivery: DeliverySettings | null;
  readonly earlier: Earlier | null;
  readonly offers: ReadonlyMap<string, Offer>;
  readonly left: ReadonlyMap<string, number>;
}

interface BasisRow extends Omit<{ [Key in keyof Offer]: Offer[Key] | null }, 'productId'> {
  termsVersion: number;
  discountsKnown: boolean;
  deliveryFee: bigint | null;
  deliveryFreeFrom: bigint | null;
  earlierOrderId: string | null;
  earlierFingerprint: Buffer | null;
  productId: string | null;
  quantity: number | null;
}

/** All that an order is priced by, and what its key stood for before, in one look. Removed products are not there. */
export async function readBasis(
  db: Pick<SqlTx, '$queryRaw'>,
  scope: string,
  key: string | null,
  productIds: readonly string[],
): Promise<StoredBasis> {
  const rows = await db.$queryRaw<BasisRow[]>`
    SELECT terms.version AS "termsVersion", terms.discounts_known_at IS NOT NULL AS "discountsKnown",
      terms.delivery_fee AS "deliveryFee", terms.delivery_free_from AS "deliveryFreeFrom",
      earlier.order_id AS "earlierOrderId", earlier.fingerprint AS "earlierFingerprint",
      offers.product_id AS "productId", offers.version, offers.sku, offers.title, offers.price, offers.currency,
      offers.unit, offers.category_path AS "categoryPath", offers.manufacturer_id AS "manufacturerId",
      offers.country_id AS "countryId", offers.options, offers.active, stock.quantity
    FROM terms
    LEFT JOIN idempotency_keys AS earlier ON earlier.scope = ${scope} AND earlier.key = ${key}
    LEFT JOIN offers ON offers.product_id = ANY (${productIds}::text[]) AND offers.removed_at IS NULL
    LEFT JOIN stock ON stock.product_id = offers.product_id`;
  const [first] = rows;
  if (!first) throw new Error('the row of terms is missing');

  const offers = rows.filter((row): row is BasisRow & Offer => row.productId !== null);
  return {
    termsVersion: first.termsVersion,
    discountsKnown: first.discountsKnown,
    delivery: first.deliveryFee === null ? null : { fee: first.deliveryFee, freeFrom: first.deliveryFreeFrom },
    earlier:
      first.earlierOrderId && first.earlierFingerprint
        ? { orderId: first.earlierOrderId, fingerprint: first.earlierFingerprint }
        : null,
    offers: new Map(offers.map((offer) => [offer.productId, offer])),
    left: new Map(offers.flatMap(({ productId, quantity }) => (quantity === null ? [] : [[productId, quantity]]))),
  };
}

export interface Placing {
  readonly order: Order;
  readonly scope: string;
  readonly intention: Intention | null;
  /** What the order was priced from; it must still hold. */
  readonly basis: Pick<StoredBasis, 'termsVersion' | 'offers'>;
  readonly placedEvent: OutboxRow;
}

/**
 * Stores an order with everything that goes with it, or nothing: one statement, hence one transaction, held for no round
 * trip. False when it must be looked at anew: the prices moved on, the key or the number was taken meanwhile, or the last
 * pieces went to somebody else.
 *
 * The order of the steps is the order of the references between them. The stock's advisory locks (see messaging's
 * `lockAggregate`) come before the first write, sorted, so that two orders never wait for one another and the events
 * of one product leave in the order of its versions. The key comes next: of equal keys at once, the others wait in
 * this insert until the first has committed, and then find it. Too little stock breaks the check of the table, and
 * with it the whole statement.
 */
export async function insertOrder(db: Pick<SqlTx, '$queryRaw'>, placing: Placing): Promise<boolean> {
  const { order, scope, intention, basis, placedEvent } = placing;
  const wanted = [...quantities(order.items)];
  const productIds = wanted.map(([productId]) => productId);
  const versions = productIds.map((productId) => basis.offers.get(productId)?.version);
  const pieces = wanted.map(([, quantity]) => quantity);
  const key = intention?.key ?? null;
  try {
    const [outcome] = await db.$queryRaw<[{ placed: boolean }]>`
      WITH wanted AS (
        SELECT * FROM unnest(${productIds}::text[], ${versions}::int[], ${pieces}::int[])
          AS wanted (product_id, version, quantity)
      ),
      unchanged AS MATERIALIZED (
        SELECT 1 FROM terms
        WHERE terms.version = ${basis.termsVersion}::int
          AND (SELECT count(*) FROM wanted JOIN offers USING (product_id, version)
               WHERE offers.removed_at IS NULL) = ${productIds.length}::int
      ),
      locked AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.stock'), hashtext(product_id))
        FROM (SELECT product_id FROM wanted JOIN stock USING (product_id)
              WHERE stock.quantity IS NOT NULL ORDER BY product_id) AS counted
      ),
      first_locks AS MATERIALIZED (SELECT count(*) FROM locked),
      remembered AS (
        INSERT INTO idempotency_keys (scope, key, fingerprint, order_id, created_at)
        SELECT ${scope}, ${key}::text, ${intention?.fingerprint ?? null}::bytea, ${order.id}, ${order.createdAt}::timestamptz
        FROM unchanged, first_locks WHERE ${key}::text IS NOT NULL
        ON CONFLICT DO NOTHING
        RETURNING 1
      ),
      allowed AS (
        SELECT 1 FROM remembered
        UNION ALL
        SELECT 1 FROM unchanged, first_locks WHERE ${key}::text IS NULL
      ),
      placed AS (
        INSERT INTO orders (id, number, version, status, customer_id, phone, client_id, name, comment, language,
          currency, items, items_total, delivery_fee, total, created_at, updated_at)
        SELECT ${order.id}, ${order.number}, ${order.version}::int, ${order.status}, ${order.customerId}, ${order.phone},
          ${order.clientId}, ${order.name}, ${order.comment}, ${order.language}, ${order.currency},
          ${itemsToJson(order.items)}::jsonb, ${order.itemsTotal}::bigint, ${order.deliveryFee}::bigint,
          ${order.total}::bigint, ${order.createdAt}::timestamptz, ${order.updatedAt}::timestamptz
        FROM allowed
        RETURNING id, status, created_at, customer_id
      ),
      recorded AS (
        INSERT INTO order_history (order_id, what, status, at, by)
        SELECT id, 'placed', status, created_at, customer_id FROM placed
      ),
      taken AS (
        UPDATE stock SET quantity = stock.quantity - wanted.quantity, version = stock.version + 1
        FROM wanted, placed
        WHERE stock.product_id = wanted.product_id AND stock.quantity IS NOT NULL
        RETURNING stock.product_id, stock.quantity AS remaining, stock.version, wanted.quantity AS pieces
      ),
      reserved AS (
        INSERT INTO stock_reservations (order_id, product_id, quantity)
        SELECT ${order.id}, product_id, pieces FROM taken
      ),
      told AS (
        INSERT INTO outbox (id, subject, aggregate_id, aggregate_version, traceparent, data)
        SELECT ${placedEvent.id}::uuid, ${placedEvent.subject}, ${placedEvent.aggregate_id},
          ${placedEvent.aggregate_version}::int, ${placedEvent.traceparent}::text, ${placedEvent.data}::jsonb
        FROM placed
        UNION ALL
        SELECT gen_random_uuid(), ${stockChanged.subject}, product_id, version, ${placedEvent.traceparent}::text,
          jsonb_build_object('productId', product_id, 'version', version, 'quantity', remaining,
            'inStock', remaining > 0, 'changedAt', ${order.createdAt.toISOString()}::text)
        FROM taken
      )
      SELECT EXISTS (SELECT FROM placed) AS placed`;
    return outcome.placed;
  } catch (error) {
    if (isLostRace(error)) return false;
    throw error;
  }
}

const lostRaces = new Set(['stock_not_negative', 'orders_number_key']);

const isLostRace = (error: unknown) =>
  error instanceof Error && 'constraint' in error && lostRaces.has(String(error.constraint));
