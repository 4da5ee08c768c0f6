/**
 * The yardstick: what a bare Fastify handler and the simplest SQL cost for the same answer. No validation beyond what
 * the SQL needs, no discounts, no languages, no facets, no stock, no events, no idempotency.
 */
import { hash, verify } from '@node-rs/argon2';
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.YARDSTICK_DATABASE_URL, max: 10 });
const app = Fastify();

const product = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    number: { type: 'integer' },
    slug: { type: 'string' },
    sku: { type: 'string' },
    title: { type: 'string' },
    description: { type: 'string' },
    price: { type: 'number' },
    currency: { type: 'string' },
    unit: { type: 'string' },
    category: { type: 'string' },
    manufacturerId: { type: 'string' },
    countryId: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
    inStock: { type: 'boolean' },
  },
} as const;
const page = {
  type: 'object',
  properties: {
    items: { type: 'array', items: product },
    page: { type: 'integer' },
    limit: { type: 'integer' },
    total: { type: 'integer' },
  },
} as const;

interface Row {
  price: number;
  total?: number;
}
const columns = `id, number, slug, sku, title, description, price, currency, unit, category,
  manufacturer AS "manufacturerId", country AS "countryId", tags, in_stock AS "inStock"`;
const toBody = (row: Row) => ({ ...row, price: row.price / 100 });
const toPage = (rows: Row[], pageNumber: number) => ({
  items: rows.map(toBody),
  page: pageNumber,
  limit: 20,
  total: rows[0]?.total ?? 0,
});

app.get('/products', { schema: { response: { 200: page } } }, async (request) => {
  const query = request.query as { q?: string; category?: string; page?: string };
  const pageNumber = Number(query.page ?? 1);
  if (query.q !== undefined) {
    const { rows } = await pool.query<Row>({
      name: 'search',
      text: `SELECT ${columns}, count(*) OVER ()::int AS total FROM product
        WHERE search @@ plainto_tsquery('simple', $1) ORDER BY ts_rank(search, plainto_tsquery('simple', $1)) DESC, id LIMIT 20`,
      values: [query.q],
    });
    return toPage(rows, 1);
  }
  const { rows } = await pool.query<Row>({
    name: 'list',
    text: `SELECT ${columns}, (SELECT count(*)::int FROM product WHERE category = $1) AS total FROM product
      WHERE category = $1 ORDER BY number DESC LIMIT 20 OFFSET $2`,
    values: [query.category, (pageNumber - 1) * 20],
  });
  return toPage(rows, pageNumber);
});

app.get('/products/:slug', { schema: { response: { 200: product } } }, async (request) => {
  const { slug } = request.params as { slug: string };
  const { rows } = await pool.query<Row>({
    name: 'detail',
    text: `SELECT ${columns} FROM product WHERE slug = $1`,
    values: [slug],
  });
  return rows[0] && toBody(rows[0]);
});

app.post('/orders', async (request, reply) => {
  const { phone, clientId, items } = request.body as {
    phone: string;
    clientId: string;
    items: { price: number; quantity: number }[];
  };
  const total = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  const { rows } = await pool.query({
    name: 'order',
    text: `INSERT INTO placed (phone, client_id, items, total) VALUES ($1, $2, $3, $4)
      RETURNING id, phone, client_id AS "clientId", items, total, created_at AS "createdAt"`,
    values: [phone, clientId, JSON.stringify(items), Math.round(total * 100)],
  });
  return reply.code(201).send(rows[0]);
});

/** Hashing alone: the parameters of RFC 9106's second choice as OWASP trims it, which identity uses too. */
const argon2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const hashOfSecret = await hash('bench-secret', argon2);
app.post('/auth/login', async (request, reply) => {
  const { password } = request.body as { password: string };
  return reply.code(201).send({ matches: await verify(hashOfSecret, password) });
});

await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.send?.({ origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}` });
process.on('disconnect', () => process.exit());
