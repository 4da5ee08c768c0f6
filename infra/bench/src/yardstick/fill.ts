import { createHash } from 'node:crypto';
import pg from 'pg';

const tables = `
  CREATE EXTENSION IF NOT EXISTS dblink;
  CREATE TABLE IF NOT EXISTS product (
    id text PRIMARY KEY, number int NOT NULL, slug text NOT NULL UNIQUE, sku text NOT NULL, title text NOT NULL,
    description text, price bigint NOT NULL, currency text NOT NULL, unit text, category text NOT NULL,
    "manufacturerId" text, "countryId" text, tags text[] NOT NULL, in_stock boolean NOT NULL,
    created_at timestamptz NOT NULL, search tsvector NOT NULL);
  CREATE INDEX IF NOT EXISTS product_newest ON product (created_at DESC, id DESC);
  CREATE INDEX IF NOT EXISTS product_category ON product (category, created_at DESC, id DESC);
  CREATE INDEX IF NOT EXISTS product_manufacturer ON product ("manufacturerId");
  CREATE INDEX IF NOT EXISTS product_search ON product USING gin (search);
  CREATE TABLE IF NOT EXISTS placed (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id text, phone text NOT NULL, client_id text NOT NULL,
    total bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS placed_line (
    placed_id bigint NOT NULL, product_id text NOT NULL, sku text NOT NULL, title text NOT NULL, quantity int NOT NULL,
    price bigint NOT NULL);
  CREATE TABLE IF NOT EXISTS stock (product_id text PRIMARY KEY, pieces int NOT NULL CHECK (pieces >= 0))
    WITH (fillfactor = 50);
  CREATE INDEX IF NOT EXISTS placed_customer ON placed (customer_id, created_at DESC);
  CREATE INDEX IF NOT EXISTS placed_line_placed ON placed_line (placed_id);
  CREATE TABLE IF NOT EXISTS refresh_token (hash text PRIMARY KEY, customer_id text NOT NULL);
  CREATE TABLE IF NOT EXISTS code_request (
    id uuid PRIMARY KEY, phone text NOT NULL, code text NOT NULL, tries int NOT NULL DEFAULT 0, expires_at timestamptz NOT NULL);
  CREATE TABLE IF NOT EXISTS wallet (
    id text PRIMARY KEY, balance bigint NOT NULL, held bigint NOT NULL DEFAULT 0, CHECK (held >= 0 AND balance >= held))
    WITH (fillfactor = 70);
  CREATE TABLE IF NOT EXISTS house (id int PRIMARY KEY, balance bigint NOT NULL DEFAULT 0) WITH (fillfactor = 10);
  CREATE TABLE IF NOT EXISTS transfer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE, wallet text NOT NULL,
    amount bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS hold (
    key text PRIMARY KEY, wallet text NOT NULL, amount bigint NOT NULL, captured bigint) WITH (fillfactor = 70);
  CREATE TABLE IF NOT EXISTS followed (
    seq bigint PRIMARY KEY, id text NOT NULL, number int NOT NULL, slug text NOT NULL, sku text NOT NULL, external_id text,
    version int NOT NULL, title_uk text NOT NULL, title_ru text, title_en text, description_uk text, description_ru text,
    description_en text, price bigint NOT NULL, price_now bigint NOT NULL, unit text, category_id text NOT NULL,
    category_path text[] NOT NULL, manufacturer_id text, country_id text, tags text[] NOT NULL, images text[] NOT NULL,
    options jsonb NOT NULL, active boolean NOT NULL, in_stock boolean NOT NULL, package jsonb,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
  CREATE TABLE IF NOT EXISTS call_rate (
    list int NOT NULL, name_en text NOT NULL, name_ka text NOT NULL, name_ru text NOT NULL, home_price bigint NOT NULL,
    home_code text NOT NULL, mobile_price bigint NOT NULL, mobile_code text NOT NULL, PRIMARY KEY (list, name_en));
  CREATE TABLE IF NOT EXISTS subscribed (
    customer_id text NOT NULL, product_number int NOT NULL, until timestamptz NOT NULL);
  CREATE INDEX IF NOT EXISTS subscribed_customer ON subscribed (customer_id);
  CREATE TABLE IF NOT EXISTS meter_value (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said jsonb NOT NULL, at timestamptz NOT NULL);`;

const copyProducts = `
  INSERT INTO product SELECT id, number, slug, sku, title_uk, description_uk, price, 'UAH', unit, category, manufacturer_id,
    country_id, tags, in_stock, created_at,
    to_tsvector('simple', concat_ws(' ', title_uk, title_ru, title_en, description_uk))
  FROM dblink($1, 'SELECT p.id, p.number, p.slug, p.sku, p.title_uk, p.title_ru, p.title_en, p.description_uk, p.price,
      p.unit, c.slug, p.manufacturer_id, p.country_id, p.tags, p.in_stock, p.created_at
    FROM catalog.product p JOIN catalog.category c ON c.id = p.category_id WHERE p.active AND p.removed_at IS NULL')
  AS p(id text, number int, slug text, sku text, title_uk text, title_ru text, title_en text, description_uk text,
    price bigint, unit text, category text, manufacturer_id text, country_id text, tags text[], in_stock boolean,
    created_at timestamptz)`;

const copyStock = `
  INSERT INTO stock SELECT *
  FROM dblink($1, 'SELECT product_id, quantity FROM orders.stock WHERE quantity IS NOT NULL') AS s(product_id text, pieces int)`;

const copyOrders = `
  WITH copied AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('placed', 'id')) AS id, o.*
    FROM dblink($1, 'SELECT customer_id, phone, client_id, items, total, created_at FROM orders.orders ORDER BY created_at')
    AS o(customer_id text, phone text, client_id text, items jsonb, total bigint, created_at timestamptz)
  ), lines AS (
    INSERT INTO placed_line (placed_id, product_id, sku, title, quantity, price)
    SELECT copied.id, line.*
    FROM copied, jsonb_to_recordset(items) AS line ("productId" text, sku text, title text, quantity int, price bigint)
  )
  INSERT INTO placed (id, customer_id, phone, client_id, total, created_at) OVERRIDING SYSTEM VALUE
  SELECT id, customer_id, phone, client_id, total, created_at FROM copied`;

const copyWallets = `
  INSERT INTO wallet (id, balance) SELECT owner, posted
  FROM dblink($1, 'SELECT owner, posted FROM payments.account WHERE kind = ''wallet''') AS w(owner text, posted bigint)`;

const copyTransfers = `
  INSERT INTO transfer (key, wallet, amount, at) SELECT *
  FROM dblink($1, 'SELECT key, owner, -amount, at FROM payments.transfer JOIN payments.posting ON transfer_id = transfer.id
      JOIN payments.account ON account.id = account_id WHERE account.kind = ''wallet'' ORDER BY posting.id')
  AS t(key text, owner text, amount bigint, at timestamptz)`;

/** As a log of changes would name them, one after the other. */
const copyFollowed = `
  INSERT INTO followed SELECT row_number() OVER (ORDER BY id), *
  FROM dblink($1, 'SELECT id, number, slug, sku, external_id, version, title_uk, title_ru, title_en, description_uk,
      description_ru, description_en, price, price_now, unit, category_id, category_path, manufacturer_id, country_id,
      tags, images, options, active, in_stock, package, created_at, updated_at
    FROM catalog.product WHERE removed_at IS NULL')
  AS p(id text, number int, slug text, sku text, external_id text, version int, title_uk text, title_ru text, title_en text,
    description_uk text, description_ru text, description_en text, price bigint, price_now bigint, unit text,
    category_id text, category_path text[], manufacturer_id text, country_id text, tags text[], images text[],
    options jsonb, active boolean, in_stock boolean, package jsonb, created_at timestamptz, updated_at timestamptz)`;

const copyCallRates = `
  INSERT INTO call_rate SELECT *
  FROM dblink($1, 'SELECT list, name_en, name_ka, name_ru, home_price, home_code, mobile_price, mobile_code
    FROM catalog.call_rate')
  AS r(list int, name_en text, name_ka text, name_ru text, home_price bigint, home_code text, mobile_price bigint,
    mobile_code text)`;

const copySubscriptions = `
  INSERT INTO subscribed SELECT *
  FROM dblink($1, 'SELECT customer_id, product_number, until FROM orders.subscription WHERE state = ''active''')
  AS s(customer_id text, product_number int, until timestamptz)`;

const mostConnections = 256;

/** Makes its tables, and copies the system's products, orders and wallets into them. Gives the refresh tokens that it knows. */
export async function fill(url: string, systemUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(tables);
    await client.query(
      `TRUNCATE product, stock, placed, placed_line, refresh_token, wallet, house, transfer, hold, meter_value, followed,
        call_rate, subscribed`,
    );
    await client.query(copyProducts, [systemUrl]);
    await client.query(copyStock, [systemUrl]);
    await client.query(copyOrders, [systemUrl]);
    await client.query(copyWallets, [systemUrl]);
    await client.query(copyTransfers, [systemUrl]);
    await client.query(copyFollowed, [systemUrl]);
    await client.query(copyCallRates, [systemUrl]);
    await client.query(copySubscriptions, [systemUrl]);
    await client.query('INSERT INTO house SELECT * FROM generate_series(0, 31)');
    const tokens = Array.from({ length: mostConnections }, (_, n) => `yardstick-${n}`);
    await client.query(`INSERT INTO refresh_token SELECT hash, hash FROM unnest($1::text[]) AS hash`, [
      tokens.map((token) => createHash('sha256').update(token).digest('hex')),
    ]);
    await client.query('VACUUM ANALYZE');
    return tokens;
  } finally {
    await client.end();
  }
}
