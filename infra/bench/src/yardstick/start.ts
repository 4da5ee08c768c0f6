import { fork } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { benchProducts } from '../shop.ts';

export interface Yardstick {
  origin: string;
  pid: number;
  stop(): Promise<void>;
}

const tables = `
  CREATE TABLE product (
    id text PRIMARY KEY, number int NOT NULL, slug text NOT NULL UNIQUE, sku text NOT NULL, title text NOT NULL,
    description text NOT NULL, price int NOT NULL, currency text NOT NULL, unit text NOT NULL, category text NOT NULL,
    manufacturer text NOT NULL, country text NOT NULL, tags text[] NOT NULL, in_stock boolean NOT NULL,
    search tsvector NOT NULL);
  CREATE TABLE placed (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, phone text NOT NULL, client_id text NOT NULL,
    items jsonb NOT NULL, total bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());`;

/** A database of its own in the system's Postgres, with the same products, and a process of its own. */
export async function startYardstick(superuserUrl: string, productCount: number): Promise<Yardstick> {
  const database = `yardstick_${process.pid}`;
  const admin = new pg.Client({ connectionString: superuserUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${database}`);
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  await fill(url.href, productCount);

  const child = fork(new URL('./server.ts', import.meta.url), {
    env: { ...process.env, NODE_ENV: 'production', YARDSTICK_DATABASE_URL: url.href },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the yardstick ended with ${code}`))),
  ])) as [{ origin: string }];

  return {
    origin: message.origin,
    pid: child.pid ?? 0,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
    },
  };
}

async function fill(url: string, productCount: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(tables);
  const products = benchProducts(productCount);
  await client.query(
    `INSERT INTO product
     SELECT p->>'sku', (p->>'n')::int, p->>'slug', p->>'sku', p->'title'->>'uk', p->>'description', (p->>'price')::int,
       'UAH', p->>'unit', p->>'category', p->>'manufacturer', p->>'country',
       ARRAY(SELECT jsonb_array_elements_text(p->'tags')), true,
       to_tsvector('simple', concat_ws(' ', p->'title'->>'uk', p->'title'->>'ru', p->'title'->>'en', p->>'description'))
     FROM jsonb_array_elements($1::jsonb) AS p`,
    [JSON.stringify(products)],
  );
  await client.query('CREATE INDEX ON product (category, number DESC)');
  await client.query('CREATE INDEX ON product USING gin (search)');
  await client.query('VACUUM ANALYZE product');
  await client.end();
}
