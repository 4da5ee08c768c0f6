import { randomInt, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';

export function codes(app: FastifyInstance, pool: pg.Pool): void {
  /** One row, of a code that nobody is sent. */
  app.post('/auth/request-code', async (request, reply) => {
    const { phone } = request.body as { phone: string };
    const requestId = randomUUID();
    await pool.query({
      name: 'request-code',
      text: "INSERT INTO code_request (id, phone, code, expires_at) VALUES ($1, $2, $3, now() + interval '5 minutes')",
      values: [requestId, phone, String(randomInt(100_000, 1_000_000))],
    });
    return reply.code(201).send({ requestId });
  });

  /** One row counts a try. */
  app.post('/auth/verify-code', async (request, reply) => {
    const { requestId, code } = request.body as { requestId: string; code: string };
    const { rows } = await pool.query<{ code: string }>({
      name: 'verify-code',
      text: 'UPDATE code_request SET tries = tries + 1 WHERE id = $1 RETURNING code',
      values: [requestId],
    });
    if (rows[0]?.code !== code) return reply.code(400).send({});
    return reply.code(201).send({});
  });
}
