import { availableParallelism } from 'node:os';
import { hash } from '@node-rs/argon2';
import pg from 'pg';
import type { SystemUnderTest } from '../system.ts';

/** As identity makes them: OWASP's argon2id parameters. */
export const argon2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
export const password = 'bench-secret';
/** Passwords that each side hashes at a time: identity's own default, which it is told, so that both surely do the same. */
export const hashesAtOnce = Math.min(3, Math.max(1, availableParallelism() - 1));

export const loginOf = (n: number): string => `bench-${n}@example.com`;
export const phoneOf = (n: number): string => `+38050${String(n).padStart(7, '0')}`;

/**
 * Customers with their sessions and orders, as two years of business would have left them, written straight into the
 * tables: through the doors they would take half an hour of hashing. The last week's orders have their idempotency keys
 * and confirmations, as tables that are empty when they are analysed would be read from end to end for as long as plans
 * last. No events are told, so outbox, stream and inboxes hold what the run itself causes. All have the same password,
 * hashed once.
 */
export async function seedCustomers(
  { superuserUrl }: SystemUnderTest,
  { customers, seed }: { customers: number; seed: number },
): Promise<{ orders: number }> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(chance);
    await client.query(insertCustomers, [customers, seed, await hash(password, argon2)]);
    await client.query(insertSessions, [seed]);
    await client.query(numberOffers);
    const { rowCount } = await client.query(insertOrders, [seed]);
    await client.query(insertHistory);
    await client.query(insertKeys);
    await client.query(insertMessages);
    // As for the yardstick: autovacuum would come within a minute, in the middle of a turn.
    await client.query('VACUUM ANALYZE');
    return { orders: rowCount ?? 0 };
  } finally {
    await client.end();
  }
}

/** A number in [0, 1) that is the same for the same seed and words. */
const chance = `
  CREATE FUNCTION pg_temp.chance(seed int, words text) RETURNS float8 IMMUTABLE LANGUAGE sql
  RETURN (hashtextextended(words, seed) & 9007199254740991) / 9007199254740992.0;
  CREATE FUNCTION pg_temp.object_id(at timestamptz, words text) RETURNS text IMMUTABLE LANGUAGE sql
  RETURN lpad(to_hex(extract(epoch FROM at)::bigint), 8, '0') || substr(md5(words), 1, 16)`;

/** Evenly over two years. */
const insertCustomers = `
  INSERT INTO identity.customer (id, uuid, phone, email, name, password_hash, language, roles, created_at, updated_at, last_login_at)
  SELECT pg_temp.object_id(at, 'customer ' || n), md5($2::int || ' customer ' || n)::uuid, '+38050' || lpad(n::text, 7, '0'),
    'bench-' || n || '@example.com', 'Покупець ' || n, $3::text, 'uk', '{}', at, at,
    now() - interval '30 days' * pg_temp.chance($2::int, 'login ' || n)
  FROM (SELECT n, now() - interval '730 days' * (1 - n / $1::float8) AS at FROM generate_series(0, $1::int - 1) AS n) AS made`;

/** Half of them are signed in somewhere. */
const insertSessions = `
  WITH opened AS (
    INSERT INTO identity.session (id, customer_id, client_id, created_at, last_used_at, expires_at, user_agent, address)
    SELECT pg_temp.object_id(last_login_at, 'session ' || id), id, md5('browser ' || id), last_login_at, last_login_at,
      last_login_at + interval '30 days', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', '203.0.113.7'
    FROM identity.customer WHERE email LIKE 'bench-%' AND pg_temp.chance($1, 'session ' || email) < 0.5
    RETURNING id, created_at, expires_at)
  INSERT INTO identity.refresh_token (hash, session_id, key_id, issued_at, expires_at)
  SELECT sha256(convert_to(opened.id, 'UTF8')), opened.id, key.id, opened.created_at, opened.expires_at
  FROM opened, (SELECT id FROM identity.signing_key ORDER BY active_from LIMIT 1) AS key`;

const numberOffers = `
  CREATE TEMP TABLE offer AS
  SELECT row_number() OVER (ORDER BY sku) - 1 AS n, count(*) OVER () AS of, offers.*
  FROM orders.offers AS offers WHERE sku LIKE 'BENCH-%';
  CREATE UNIQUE INDEX ON offer (n);
  ANALYZE offer`;

/** Three a customer on average and many with none; a third of them placed without signing in; one to four lines each. */
const insertOrders = `
  WITH wanted AS (
    SELECT c.id AS customer_id, c.phone, n.nth, c.id || ' ' || n.nth AS words,
      c.created_at + (now() - c.created_at) * pg_temp.chance($1, 'at ' || c.id || ' ' || n.nth) AS at
    FROM identity.customer AS c,
      generate_series(1, floor(-3.5 * ln(1 - pg_temp.chance($1, 'orders ' || c.email)))::int) AS n(nth)
    WHERE c.email LIKE 'bench-%'
  ), line AS (
    SELECT wanted.*, line.at AS line, 1 + floor(3 * pg_temp.chance($1, 'quantity ' || words || ' ' || line.at))::int AS quantity,
      floor((SELECT max(of) FROM offer) * pg_temp.chance($1, 'product ' || words || ' ' || line.at))::bigint AS n
    FROM wanted, generate_series(1, 1 + floor(4 * pg_temp.chance($1, 'lines ' || words) ^ 2)::int) AS line(at)
  ), basket AS (
    SELECT customer_id, phone, words, line.at, sum(price * quantity) AS total, jsonb_agg(jsonb_build_object(
      'productId', product_id, 'sku', sku, 'title', title ->> 'uk', 'quantity', quantity, 'price', price,
      'priceOriginal', price, 'options', '{}'::jsonb, 'manufacturerId', manufacturer_id, 'countryId', country_id,
      'unit', unit, 'discountsApplied', '[]'::jsonb)) AS items
    FROM line JOIN offer USING (n) GROUP BY customer_id, phone, words, line.at
  ), numbered AS (
    SELECT basket.*, lpad(upper(to_hex(row_number() OVER ())), 8, '0') AS digits,
      pg_temp.chance($1, 'guest ' || words) < 0.33 AS by_guest, pg_temp.chance($1, 'fate ' || words) AS fate FROM basket
  )
  INSERT INTO orders.orders (id, number, version, status, customer_id, phone, client_id, language, currency, items,
    items_total, delivery_fee, total, created_at, updated_at)
  SELECT pg_temp.object_id(at, 'order ' || words), substr(digits, 1, 4) || '-' || substr(digits, 5),
    CASE WHEN at > now() - interval '3 days' THEN 1 ELSE 3 END,
    CASE WHEN at > now() - interval '3 days' THEN 'new' WHEN fate < 0.08 THEN 'cancelled' ELSE 'done' END,
    CASE WHEN NOT by_guest THEN customer_id END, phone, CASE WHEN by_guest THEN 'guest' ELSE 'bench' END, 'uk', 'UAH', items, total, 0, total, at, at
  FROM numbered ORDER BY at`;

const insertHistory = `
  INSERT INTO orders.order_history (order_id, what, status, at, by)
  SELECT id, 'placed', 'new', created_at, customer_id FROM orders.orders WHERE client_id IN ('guest', 'bench')
  UNION ALL
  SELECT id, 'moved', status, created_at + interval '1 day', NULL FROM orders.orders
  WHERE client_id IN ('guest', 'bench') AND status <> 'new'`;

const insertKeys = `
  INSERT INTO orders.idempotency_keys (scope, key, fingerprint, order_id, created_at)
  SELECT CASE WHEN customer_id IS NULL THEN 'guest:' || phone || ':' || client_id ELSE 'customer:' || customer_id END,
    md5('key ' || id), sha256(convert_to(id, 'UTF8')), id, created_at
  FROM orders.orders WHERE client_id IN ('guest', 'bench') AND created_at > now() - interval '7 days'`;

const insertMessages = `
  INSERT INTO identity.message (id, kind, facts, channel, recipient, language, status, attempts, created_at, sent_at, dedupe_key)
  SELECT substr(md5('message ' || id), 1, 24), 'order_placed', jsonb_build_object('number', number, 'total', total), 'sms',
    phone, language, 'sent', 1, created_at, created_at, 'seeded ' || id
  FROM orders.orders WHERE client_id IN ('guest', 'bench') AND created_at > now() - interval '7 days'`;
