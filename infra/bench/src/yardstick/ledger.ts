import type { FastifyInstance } from 'fastify';
import type pg from 'pg';

interface Wish {
  key: string;
  wallet: string;
  amount: number;
}

/**
 * Two balances and a transfer, one statement and hence one transaction. A check keeps a wallet from being overdrawn, the key
 * is unique. What the house has is a row for each connection, as nobody could work who waits for one row.
 */
const charge = `
  WITH paid AS (
    UPDATE wallet SET balance = balance - $3 WHERE id = $2 RETURNING balance
  ), earned AS (
    UPDATE house SET balance = balance + $3 WHERE id = pg_backend_pid() % 32
  )
  INSERT INTO transfer (key, wallet, amount) VALUES ($1, $2, $3) RETURNING id, (SELECT balance FROM paid)`;

const hold = `
  WITH held AS (UPDATE wallet SET held = held + $3 WHERE id = $2)
  INSERT INTO hold (key, wallet, amount) VALUES ($1, $2, $3)`;

const capture = `
  WITH captured AS (
    UPDATE hold SET captured = $2 WHERE key = $1 AND captured IS NULL RETURNING wallet, amount
  ), paid AS (
    UPDATE wallet SET balance = balance - $2, held = held - amount FROM captured WHERE id = wallet RETURNING balance
  ), earned AS (
    UPDATE house SET balance = balance + $2 WHERE id = pg_backend_pid() % 32
  )
  INSERT INTO transfer (key, wallet, amount) SELECT $1, wallet, $2 FROM captured RETURNING id, (SELECT balance FROM paid)`;

export function ledger(app: FastifyInstance, pool: pg.Pool): void {
  app.post('/ledger/charge', async (request, reply) => {
    const { key, wallet, amount } = request.body as Wish;
    const { rows } = await pool.query({ name: 'charge', text: charge, values: [key, wallet, amount] });
    return reply.code(201).send(rows[0]);
  });

  /** One request, where ours are asked twice. */
  app.post('/ledger/hold-and-capture', async (request, reply) => {
    const { key, wallet, amount } = request.body as Wish;
    await pool.query({ name: 'hold', text: hold, values: [key, wallet, 2 * amount] });
    const { rows } = await pool.query({ name: 'capture', text: capture, values: [key, amount] });
    return reply.code(201).send(rows[0]);
  });
}
