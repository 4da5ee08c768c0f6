import { stockChanged } from '@forecourt/contracts';
import type { OutboxRow, SqlTx } from '@forecourt/messaging';
import type { DeliverySettings } from '../delivery/delivery.ts';
import type { Intention } from '../idempotency/idempotency.ts';
import type { Offer } from '../offer/offer.ts';
import type { Order } from '../order/order.ts';
import { withBigints } from '../order/store.ts';
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
  asked: number;
  termsVersion: number;
  discountsKnown: boolean;
  deliveryFee: bigint | null;
  deliveryFreeFrom: bigint | null;
  earlierOrderId: string | null;
  earlierFingerprint: Buffer | null;
  productId: string | null;
  quantity: number | null;
}

/** What somebody wants to order, and under which key. */
export interface Wish {
  readonly scope: string;
  readonly key: string | null;
  readonly productIds: readonly string[];
}

/**
 * All that each order is priced by, and what its key stood for before, in one look. Removed products are not there. The
 * LIMIT keeps Postgres from joining the keys otherwise than one by one, which it would while it takes the table for small.
 * The SELECTs hide how long the arrays are, which it takes for a reason to plan each look, at twice the cost of the look.
 */
export async function readBases(db: Pick<SqlTx, '$queryRaw'>, wishes: readonly Wish[]): Promise<StoredBasis[]> {
  const wanted = wishes.flatMap(({ productIds }, asked) => productIds.map((productId) => ({ asked, productId })));
  const rows = await db.$queryRaw<BasisRow[]>`
    SELECT asked.asked, terms.version AS "termsVersion", terms.discounts_known_at IS NOT NULL AS "discountsKnown",
      terms.delivery_fee AS "deliveryFee", terms.delivery_free_from AS "deliveryFreeFrom",
      earlier.order_id AS "earlierOrderId", earlier.fingerprint AS "earlierFingerprint",
      offers.product_id AS "productId", offers.version, offers.sku, offers.title, offers.price, offers.currency,
      offers.unit, offers.category_path AS "categoryPath", offers.manufacturer_id AS "manufacturerId",
      offers.country_id AS "countryId", offers.options, offers.active, offers.package, stock.quantity
    FROM terms
    CROSS JOIN unnest((SELECT ${[...wishes.keys()]}::int[]), ${wishes.map(({ scope }) => scope)}::text[],
      ${wishes.map(({ key }) => key)}::text[]) AS asked (asked, scope, key)
    LEFT JOIN LATERAL (SELECT * FROM idempotency_keys WHERE scope = asked.scope AND key = asked.key LIMIT 1) AS earlier ON true
    LEFT JOIN unnest((SELECT ${wanted.map(({ asked }) => asked)}::int[]), ${wanted.map(({ productId }) => productId)}::text[])
      AS wanted (asked, product_id) ON wanted.asked = asked.asked
    LEFT JOIN offers ON offers.product_id = wanted.product_id AND offers.removed_at IS NULL
    LEFT JOIN stock ON stock.product_id = offers.product_id`;
  const rowsOf = Map.groupBy(rows, ({ asked }) => asked);
  return wishes.map((_, asked) => toBasis(rowsOf.get(asked) ?? []));
}

function toBasis(rows: readonly BasisRow[]): StoredBasis {
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
 * Stores each order with everything that goes with it, or nothing of it: one statement, hence one transaction, held for
 * no round trip. No two of them may want the same product. False for one that must be looked at anew: the prices moved
 * on, or the key was taken meanwhile. Where a check refuses one, nothing of any is stored, and this throws.
 *
 * The order of the steps is the order of the references between them. The stock's advisory locks (see messaging's
 * `lockAggregate`) come before the first write, sorted, so that two statements never wait for one another and the events
 * of one product leave in the order of its versions. The keys come next, sorted too: of equal keys at once, the others
 * wait in this insert until the first has committed, and then find it. Too little stock breaks the check of the table.
 * Of the stock only the last piece is told, with a version of its own: see `stockChanged`.
 */
export async function insertOrders(db: Pick<SqlTx, '$queryRaw'>, placings: readonly Placing[]): Promise<boolean[]> {
  const lines = placings.flatMap(({ order, basis }) =>
    [...quantities(order.items)].map(([productId, pieces]) => ({
      orderId: order.id,
      productId,
      version: basis.offers.get(productId)?.version,
      pieces,
    })),
  );
  const placed = await db.$queryRaw<{ id: string }[]>`
    WITH asked AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(placings.map(toRow), withBigints)}::jsonb) AS asked (
        id text, number text, version int, status text, "customerId" text, phone text, "clientId" text, name text,
        comment text, language text, currency text, items jsonb, "itemsTotal" bigint, "deliveryFee" bigint,
        total bigint, "createdAt" timestamptz, "updatedAt" timestamptz, "terms" int, scope text, key text,
        fingerprint text, event uuid, subject text, traceparent text, data text)
    ),
    wanted AS MATERIALIZED (
      SELECT * FROM unnest(${lines.map((line) => line.orderId)}::text[], ${lines.map((line) => line.productId)}::text[],
          ${lines.map((line) => line.version)}::int[], ${lines.map((line) => line.pieces)}::int[])
        AS wanted (order_id, product_id, version, quantity)
    ),
    outdated AS (
      SELECT wanted.order_id FROM wanted LEFT JOIN offers
        ON offers.product_id = wanted.product_id AND offers.version = wanted.version AND offers.removed_at IS NULL
      WHERE offers.product_id IS NULL
    ),
    unchanged AS MATERIALIZED (
      SELECT asked.* FROM asked JOIN terms ON terms.version = asked.terms
      WHERE asked.id NOT IN (SELECT order_id FROM outdated)
    ),
    locked AS MATERIALIZED (
      SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.stock'), hashtext(product_id))
      FROM (SELECT stock.product_id FROM wanted JOIN stock USING (product_id)
            WHERE stock.quantity IS NOT NULL ORDER BY stock.product_id) AS counted
    ),
    first_locks AS MATERIALIZED (SELECT count(*) FROM locked),
    remembered AS (
      INSERT INTO idempotency_keys (scope, key, fingerprint, order_id, created_at)
      SELECT scope, key, decode(fingerprint, 'hex'), id, "createdAt" FROM unchanged, first_locks
      WHERE key IS NOT NULL ORDER BY scope, key
      ON CONFLICT DO NOTHING
      RETURNING order_id
    ),
    allowed AS MATERIALIZED (
      SELECT * FROM unchanged, first_locks WHERE key IS NULL OR id IN (SELECT order_id FROM remembered)
    ),
    placed AS (
      INSERT INTO orders (id, number, version, status, customer_id, phone, client_id, name, comment, language,
        currency, items, items_total, delivery_fee, total, created_at, updated_at)
      SELECT id, number, version, status, "customerId", phone, "clientId", name, comment, language,
        currency, items, "itemsTotal", "deliveryFee", total, "createdAt", "updatedAt"
      FROM allowed
      RETURNING id, status, created_at, customer_id
    ),
    recorded AS (
      INSERT INTO order_history (order_id, what, status, at, by)
      SELECT id, 'placed', status, created_at, customer_id FROM placed
    ),
    taken AS (
      UPDATE stock SET quantity = stock.quantity - wanted.quantity,
        version = stock.version + (stock.quantity = wanted.quantity)::int
      FROM wanted JOIN placed ON placed.id = wanted.order_id
      WHERE stock.product_id = wanted.product_id AND stock.quantity IS NOT NULL
      RETURNING stock.product_id, stock.quantity AS remaining, stock.version, wanted.quantity AS pieces, wanted.order_id
    ),
    reserved AS (
      INSERT INTO stock_reservations (order_id, product_id, quantity)
      SELECT order_id, product_id, pieces FROM taken
    ),
    told AS (
      INSERT INTO outbox (id, subject, aggregate_id, aggregate_version, traceparent, data)
      SELECT event, subject, id, version, traceparent, data::jsonb FROM allowed
      UNION ALL
      SELECT gen_random_uuid(), ${stockChanged.subject}, taken.product_id, taken.version, traceparent,
        jsonb_build_object('productId', taken.product_id, 'version', taken.version, 'quantity', 0, 'inStock', false,
          'changedAt', data::jsonb -> 'placedAt')
      FROM taken JOIN allowed ON allowed.id = taken.order_id
      WHERE taken.remaining = 0
    )
    SELECT id FROM placed`;
  const stored = new Set(placed.map(({ id }) => id));
  return placings.map(({ order }) => stored.has(order.id));
}

const toRow = ({ order, scope, intention, basis, placedEvent }: Placing) => ({
  ...order,
  terms: basis.termsVersion,
  scope,
  key: intention?.key ?? null,
  fingerprint: intention?.fingerprint.toString('hex') ?? null,
  event: placedEvent.id,
  subject: placedEvent.subject,
  traceparent: placedEvent.traceparent,
  data: placedEvent.data,
});
