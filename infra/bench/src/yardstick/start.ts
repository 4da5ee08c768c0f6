import { fork } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import type { Place } from '../flows/flow.ts';
import { yardstickDatabase } from '../statements.ts';
import type { SystemUnderTest } from '../system.ts';
import { fill } from './fill.ts';

export interface Yardstick {
  place: Place;
  /** Refresh tokens that it knows, for as many connections as there may be. */
  refreshTokens: readonly string[];
  /** Copies again what the system has by now. */
  refill(): Promise<void>;
  stop(): Promise<void>;
}

/** A database of its own in the system's Postgres, with the same products, orders and wallets, and a process of its own. */
export async function startYardstick({ superuserUrl, postgres }: SystemUnderTest): Promise<Yardstick> {
  const database = `${yardstickDatabase}${process.pid}`;
  const admin = new pg.Client({ connectionString: superuserUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${database}`);
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  const refreshTokens = await fill(url.href, superuserUrl);

  const child = fork(new URL('./server.ts', import.meta.url), {
    env: { ...process.env, NODE_ENV: 'production', YARDSTICK_DATABASE_URL: url.href },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the yardstick ended with ${code}`))),
  ])) as [{ origin: string }];

  return {
    place: {
      origin: message.origin,
      // Postgres works for both; what our idle processes ask of it meanwhile falls to the yardstick, and is little.
      processes: [{ name: 'yardstick', pid: child.pid ?? 0 }, postgres],
      database,
    },
    refreshTokens,
    refill: async () => {
      await fill(url.href, superuserUrl);
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
    },
  };
}
