import { Client } from 'pg';

/** What goes on by itself, and says nothing about requests: counters of limits, cursors, housekeeping. */
const restless = new Set([
  ...['throttle', 'outbox_cursor', 'price_clock', 'inbox', 'heard', '_prisma_migrations'],
  // The demo's stations are on the line, and say so.
  ...['instance', 'station', 'station_event', 'frame', 'handled_call'],
]);

/** By table: how many rows, and a sum over all that is in them. */
export type Snapshot = ReadonlyMap<string, string>;

/** The whole database, as its administrator sees it. */
export class Database {
  readonly #client: Client;

  constructor(url: string) {
    this.#client = new Client({ connectionString: url });
  }

  async open(): Promise<void> {
    await this.#client.connect();
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  async snapshot(): Promise<Snapshot> {
    const { rows: tables } = await this.#client.query<{ schema: string; name: string }>(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^(pg_|information_schema)'
        ORDER BY 1, 2`,
    );
    const sums = new Map<string, string>();
    for (const { schema, name } of tables.filter((table) => !restless.has(table.name))) {
      const table = `"${schema}"."${name}"`;
      const { rows } = await this.#client.query<{ sum: string }>(
        `SELECT count(*) || ' rows, sum ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) AS sum FROM ${table} t`,
      );
      sums.set(`${schema}.${name}`, rows[0]?.sum ?? '');
    }
    return sums;
  }

  /** A snapshot of a database in which nothing moves any more: what was said is done. */
  async settled(timeoutMs = 20_000): Promise<Snapshot> {
    const deadline = performance.now() + timeoutMs;
    for (let before = await this.snapshot(); ; ) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      const now = await this.snapshot();
      if (differences(before, now).length === 0) return now;
      if (performance.now() > deadline) throw new Error(`still moving: ${differences(before, now).join('; ')}`);
      before = now;
    }
  }

  /** Sentences about what is not as it must be, whatever was asked. */
  async broken(): Promise<string[]> {
    const found: string[] = [];
    for (const [what, query] of Object.entries(neverTrue)) {
      const { rows } = await this.#client.query<{ count: string; example: string }>(
        `SELECT count(*) AS count, min(it::text) AS example FROM (${query}) it`,
      );
      const [{ count, example } = { count: '0', example: '' }] = rows;
      if (count !== '0') found.push(`${what}: ${count}, such as ${example}`);
    }
    return found;
  }
}

export function differences(before: Snapshot, after: Snapshot): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((table) => before.get(table) !== after.get(table))
    .map((table) => `${table}: ${before.get(table)} → ${after.get(table)}`);
}

/** Rows that must not be. */
const neverTrue: Readonly<Record<string, string>> = {
  'stock below zero': 'SELECT product_id, quantity FROM orders.stock WHERE quantity < 0',
  'an order whose sums do not agree':
    'SELECT id FROM orders.orders WHERE total <> items_total + delivery_fee OR items_total < 0 OR delivery_fee < 0',
  'a transfer that does not add up to zero':
    'SELECT transfer_id FROM payments.posting GROUP BY transfer_id HAVING sum(amount) <> 0',
  'an account that is not what was posted to it':
    'SELECT id FROM payments.account WHERE posted <> (SELECT coalesce(sum(amount), 0) FROM payments.posting WHERE account_id = account.id)',
  'an adjustment that moved money without a decision, or not at all': `SELECT id FROM payments.adjustment WHERE (status = 'approved') <> (transfer_id IS NOT NULL)`,
  'two sessions that go on at one device': `SELECT device_id FROM charging.session WHERE state NOT IN ('finished', 'failed') GROUP BY 1 HAVING count(*) > 1`,
  'a session that is over and still holds money': `SELECT session_id, n FROM charging.session_hold h JOIN charging.session s ON s.id = h.session_id WHERE s.state IN ('finished', 'failed') AND h.status IN ('asked', 'placed')`,
  'money that is held for no session': `SELECT key FROM payments.hold h WHERE status = 'placed' AND NOT EXISTS (SELECT FROM charging.session_hold s WHERE h.key = 'session:' || s.session_id || ':' || s.n AND s.status IN ('asked', 'placed'))`,
  'a session that was paid more than it costs, or gave back more than was paid': `SELECT id FROM charging.session WHERE paid > amount OR refunded > paid`,
  'a subscription that is active without a period that is paid for': `SELECT id FROM orders.subscription s WHERE state = 'active' AND NOT EXISTS (SELECT FROM orders.subscription_period p WHERE p.subscription_id = s.id AND p.status = 'paid' AND p.cut_at IS NULL AND p.until = s.until)`,
  'a period that was charged otherwise than its row says': `SELECT subscription_id, n FROM orders.subscription_period p WHERE (p.status = 'paid' AND p.price > 0) <> EXISTS (SELECT FROM payments.transfer t WHERE t.key = 'subscription:' || p.subscription_id || ':' || p.n AND NOT EXISTS (SELECT FROM payments.transfer b WHERE b.refunds = t.id))`,
  'an order without a line': 'SELECT id FROM orders.orders WHERE jsonb_array_length(items) = 0',
  'an order without a history':
    'SELECT id FROM orders.orders o WHERE NOT EXISTS (SELECT FROM orders.order_history h WHERE h.order_id = o.id)',
  'an idempotency key for an order that is not there':
    'SELECT scope, key FROM orders.idempotency_keys k WHERE NOT EXISTS (SELECT FROM orders.orders o WHERE o.id = k.order_id)',
  'a reservation that outlived its order':
    "SELECT order_id FROM orders.stock_reservations r JOIN orders.orders o ON o.id = r.order_id WHERE r.released_at IS NULL AND o.status = 'cancelled'",
  'two customers with one address':
    'SELECT lower(email) FROM identity.customer WHERE email IS NOT NULL GROUP BY 1 HAVING count(*) > 1',
  'a text that is not what it looks like':
    "SELECT name FROM identity.customer WHERE name <> normalize(name) OR name ~ '[\\u0001-\\u001f]'",
  'somebody with a role that nobody gave':
    "SELECT id FROM identity.customer c WHERE cardinality(roles) > 0 AND NOT EXISTS (SELECT FROM identity.audit_entry a WHERE a.act = 'role.granted' AND a.subject_id = c.id) AND email IS DISTINCT FROM 'operator@forecourt.local'",
  'a product whose price cannot be':
    'SELECT id FROM catalog.product WHERE price < 0 OR price_now < 0 OR price_now > price',
  'a category that is not below its parent':
    'SELECT c.id FROM catalog.category c JOIN catalog.category p ON p.id = c.parent_id WHERE NOT (c.path @> p.path) OR c.path[cardinality(c.path)] <> c.id',
  ...Object.fromEntries(
    ['identity', 'catalog', 'orders', 'charging', 'payments'].flatMap((schema) => [
      [`${schema}: two events of one thing with the same version`, sameVersionTwice(schema)],
      [`${schema}: dead letters`, `SELECT consumer, subject, error FROM ${schema}.dead_letter`],
      [`${schema}: events that were never published`, unpublished(schema)],
    ]),
  ),
};

function sameVersionTwice(schema: string): string {
  return `SELECT subject, aggregate_id, aggregate_version FROM ${schema}.outbox GROUP BY 1, 2, 3 HAVING count(*) > 1`;
}

function unpublished(schema: string): string {
  return `SELECT o.subject, o.seq FROM ${schema}.outbox o, ${schema}.outbox_cursor c WHERE (o.xid, o.seq) > (c.xid, c.seq)`;
}
