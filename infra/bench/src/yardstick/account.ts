import { createHash, createHmac, generateKeyPairSync, randomBytes, sign, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { argon2, password as expectedPassword, hashesAtOnce } from '../seed/customers.ts';
import { deviceKey } from '../seed/devices.ts';

export async function account(app: FastifyInstance, pool: pg.Pool): Promise<void> {
  const hashOfSecret = await hash(expectedPassword, argon2);
  const { privateKey } = generateKeyPairSync('ed25519');
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  /** Hashing alone, as few at once as identity: more of them slow each other down, and would be no yardstick for the rest. */
  const inTurn = takingTurns(hashesAtOnce);
  app.post('/auth/login', async (request, reply) => {
    const { password } = request.body as { password: string };
    return reply.code(201).send({ matches: await inTurn(() => verify(hashOfSecret, password)) });
  });

  /** The digest alone: no table of keys, nobody's name, nothing remembered. */
  app.get('/me', async ({ headers, method, url }, reply) => {
    const [, nonce = '', digest = ''] = /^hmac \d+:(\d+):(.+)$/.exec(String(headers.authentication)) ?? [];
    const expected = createHmac('sha256', deviceKey)
      .update(method + url + headers.date + nonce)
      .digest();
    const sent = Buffer.from(digest, 'base64');
    if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return reply.code(401).send({});
    return { signed: true };
  });

  /** One row changes its token, and a signed one goes out. */
  app.post('/auth/refresh', async (request, reply) => {
    const { refreshToken } = request.body as { refreshToken: string };
    const successor = randomBytes(32).toString('base64url');
    const { rows } = await pool.query({
      name: 'refresh',
      text: 'UPDATE refresh_token SET hash = $2 WHERE hash = $1 RETURNING customer_id AS sub',
      values: [sha256(refreshToken), sha256(successor)],
    });
    if (!rows[0]) return reply.code(401).send({});
    const unsigned = `${encoded({ alg: 'EdDSA' })}.${encoded({ ...rows[0], iat: Math.floor(Date.now() / 1000) })}`;
    const accessToken = `${unsigned}.${sign(null, Buffer.from(unsigned), privateKey).toString('base64url')}`;
    return reply.code(201).send({ accessToken, refreshToken: successor });
  });
}

function takingTurns(atOnce: number) {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (inside < atOnce) inside++;
    else await new Promise<void>((begin) => waiting.push(begin));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inside--;
    }
  };
}
