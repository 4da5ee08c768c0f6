import type { FastifyInstance } from 'fastify';
import type pg from 'pg';

interface OrderBody {
  phone: string;
  clientId: string;
  items: { productId: string; quantity: number }[];
}

const columns = 'id, phone, client_id AS "clientId", total::float8 / 100 AS total, created_at AS "createdAt"';
const line = `json_build_object('productId', product_id, 'sku', sku, 'title', title, 'quantity', quantity,
  'price', price::float8 / 100)`;

/**
 * A product that is not in the table of stock is not counted; of one that is, a check refuses to take more than there is.
 * What nobody sells has no price, which a column refuses.
 */
const place = `
  WITH line AS MATERIALIZED (
    SELECT product.id AS product_id, sku, title, quantity, price
    FROM unnest($4::text[], $5::int[]) AS wanted (id, quantity) LEFT JOIN product USING (id)
  ), taken AS (
    UPDATE stock SET pieces = stock.pieces - line.quantity FROM line WHERE stock.product_id = line.product_id
  ), placed AS (
    INSERT INTO placed (customer_id, phone, client_id, total)
    SELECT $1, $2, $3, sum(price * quantity) FROM line
    RETURNING *
  ), lines AS (
    INSERT INTO placed_line (placed_id, product_id, sku, title, quantity, price)
    SELECT placed.id, line.* FROM placed, line
  )
  SELECT ${columns}, (SELECT json_agg(${line}) FROM line) AS items FROM placed`;

const history = `
  SELECT ${columns}, (SELECT json_agg(${line}) FROM placed_line WHERE placed_id = placed.id) AS items,
    count(*) OVER ()::int AS of
  FROM placed WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 20`;

export function orders(app: FastifyInstance, pool: pg.Pool): void {
  app.post('/orders', async (request, reply) => {
    const { phone, clientId, items } = request.body as OrderBody;
    // In one order for everybody, so that nobody waits in a circle.
    const sorted = items.toSorted((a, b) => (a.productId < b.productId ? -1 : 1));
    const { rows } = await pool.query({
      name: 'order',
      text: place,
      values: [
        request.headers['x-customer'],
        phone,
        clientId,
        sorted.map(({ productId }) => productId),
        sorted.map(({ quantity }) => quantity),
      ],
    });
    return reply.code(201).send(rows[0]);
  });

  app.get('/me/orders', async (request) => {
    const { rows } = await pool.query({ name: 'history', text: history, values: [request.headers['x-customer']] });
    return { items: rows, page: 1, limit: 20, total: rows[0]?.of ?? 0 };
  });
}
