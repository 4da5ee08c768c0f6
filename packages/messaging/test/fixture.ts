import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineEvent, ObjectId, Version } from '@forecourt/contracts';
import { createTestNats, type TestNats, type TestNatsOptions } from '@forecourt/testing';
import pg from 'pg';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  enqueue,
  lockAggregate,
  type Relay,
  type RelayOptions,
  type SqlTx,
  startRelay,
  type Transact,
} from '../src/index.ts';
import { sqlTx } from '../src/pg-tx.ts';

/** An event of a service called orders; what it says is of no interest, its order is. */
export const thingChanged = defineEvent('orders.thing.changed.v1', {
  summary: 'A thing changed.',
  aggregate: 'thingId',
  data: z.object({ thingId: z.string(), version: Version, note: z.string().optional() }),
});
export type ThingChanged = z.output<typeof thingChanged.data>;

export const aThing = (version = 1, thingId = ObjectId.parse(randomBytes(12).toString('hex'))): ThingChanged => ({
  thingId,
  version,
});

export interface Ground {
  url: string;
  pool: pg.Pool;
  transact: Transact<SqlTx>;
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The producer of STYLE: lock, next version, event, in one transaction. */
  change(thingId: string, note?: string): Promise<void>;
}

const serverUrl = () => {
  // biome-ignore lint/style/noProcessEnv: the set-up of the tests speaks through it
  const url = process.env.TEST_POSTGRES_URL;
  if (!url) throw new Error('TEST_POSTGRES_URL is missing');
  return url;
};

/** A database with the package's tables, a table of things to change, and nothing else. */
export async function layGround(): Promise<Ground> {
  const name = `messaging_${randomBytes(6).toString('hex')}`;
  // template0 has no visitors, and so cannot be busy
  await onServer(`CREATE DATABASE ${name} TEMPLATE template0 STRATEGY file_copy`);
  onTestFinished(() => onServer(`DROP DATABASE ${name} WITH (FORCE)`));
  const url = Object.assign(new URL(serverUrl()), { pathname: `/${name}` }).toString();
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  pool.on('error', () => undefined);
  onTestFinished(() => pool.end());
  for (const file of ['messaging.sql', 'sequence.sql']) {
    await pool.query(await readFile(join(import.meta.dirname, '../sql', file), 'utf8'));
  }
  await pool.query('CREATE TABLE thing (id text PRIMARY KEY, version int NOT NULL, note text)');

  const transact: Transact<SqlTx> = async (work) => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(sqlTx(client));
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => client.release(),
        (failure: Error) => client.release(failure),
      );
      throw error;
    }
  };
  return {
    url,
    pool,
    transact,
    sql: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<Row>(text, values)).rows,
    change: (thingId, note) =>
      transact(async (tx) => {
        await lockAggregate(tx, 'thing', thingId);
        await bump(tx, thingId, note);
      }),
  };
}

/** The change and its event, for who has seen to the lock. */
export async function bump(tx: SqlTx, thingId: string, note?: string): Promise<void> {
  // an UPDATE has its transaction id before it waits for the row, which is why the lock is needed
  const [row = { version: 1 }] = await tx.$queryRaw<{ version: number }[]>`
    UPDATE thing SET version = version + 1 WHERE id = ${thingId} RETURNING version`;
  if (row.version === 1) await tx.$executeRaw`INSERT INTO thing (id, version) VALUES (${thingId}, 1)`;
  await enqueue(tx, thingChanged, { thingId, version: row.version, ...(note !== undefined && { note }) });
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export async function aNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const nats = await createTestNats(options);
  onTestFinished(() => nats.close());
  return nats;
}

export async function aRelay(ground: Ground, nats: TestNats, options: Partial<RelayOptions> = {}): Promise<Relay> {
  const relay = await startRelay({
    service: 'orders',
    databaseUrl: ground.url,
    nats,
    log: silent,
    streamMaxBytes: 2 ** 26,
    ...options,
  });
  onTestFinished(() => relay.close());
  return relay;
}

export const silent: Logger = pino({ level: 'silent' });

export const ordersStream = (nats: TestNats) => `${nats.streamPrefix}_ORDERS`;

export interface Stored {
  seq: number;
  id: string;
  thingId: string;
  version: number;
}

/** All that lies in the stream now, oldest first. */
export async function storedIn(nats: TestNats): Promise<Stored[]> {
  const stored: Stored[] = [];
  const stream = ordersStream(nats);
  const { state } = await nats.manager.streams.info(stream);
  if (state.messages === 0) return stored;
  const reader = await nats.jetstream.consumers.get(stream);
  for await (const message of await reader.fetch({ max_messages: state.messages, expires: 5000 })) {
    const { thingId, version } = message.json<ThingChanged>();
    stored.push({ seq: message.seq, id: message.headers?.get('ce-id') ?? '', thingId, version });
  }
  return stored;
}

/** Versions of each thing, in the order of the stream. */
export const versionsByThing = (stored: readonly Stored[]): number[][] =>
  [...Map.groupBy(stored, ({ thingId }) => thingId).values()].map((events) => events.map(({ version }) => version));
