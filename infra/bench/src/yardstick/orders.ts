import type { FastifyInstance } from 'fastify';
import type pg from 'pg';

interface OrderBody {
  phone: string;
  clientId: string;
  items: { price: number; quantity: number }[];
}

const columns = `id, phone, client_id AS "clientId", items, total::float8 / 100 AS total, created_at AS "createdAt"`;

export function orders(app: FastifyInstance, pool: pg.Pool): void {
  app.post('/orders', async (request, reply) => {
    const { phone, clientId, items } = request.body as OrderBody;
    const total = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
    const { rows } = await pool.query({
      name: 'order',
      text: `INSERT INTO placed (phone, client_id, items, total) VALUES ($1, $2, $3, $4) RETURNING ${columns}`,
      values: [phone, clientId, JSON.stringify(items), Math.round(total * 100)],
    });
    return reply.code(201).send(rows[0]);
  });

  app.get('/me/orders', async (request) => {
    const { rows } = await pool.query({
      name: 'history',
      text: `SELECT ${columns}, count(*) OVER ()::int AS of FROM placed WHERE customer_id = $1
        ORDER BY created_at DESC LIMIT 20`,
      values: [request.headers['x-customer']],
    });
    return { items: rows, page: 1, limit: 20, total: rows[0]?.of ?? 0 };
  });
}
