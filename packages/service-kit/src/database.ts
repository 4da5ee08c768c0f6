import { createHash } from 'node:crypto';
import type { SqlTx } from '@forecourt/messaging';
import pg from 'pg';
import type { Logger } from './log.ts';

/**
 * Postgres through `pg`, in the manner of Prisma's raw queries, for hot paths. `int8` comes back as bigint, instants
 * are UTC whatever the machine's zone, and each statement is prepared once per connection.
 */
export interface Database extends SqlTx {
  readonly pool: pg.Pool;
  /** Tried again, up to three times in all, when Postgres breaks it off as a deadlock's victim. */
  transaction<T>(work: (tx: SqlTx) => Promise<T>): Promise<T>;
  /** Hears the text of every statement, also of those that Prisma sends through the pool. Gives the way to stop. */
  onStatement(listen: (sql: string) => void): () => void;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  poolSize?: number;
  log?: Logger;
}

export function openDatabase({ url, applicationName, poolSize = 10, log }: DatabaseOptions): Database {
  const listeners = new Set<(sql: string) => void>();
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max: poolSize,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: 5_000,
    lock_timeout: 3_000,
    idle_in_transaction_session_timeout: 10_000,
    types: { getTypeParser },
    Client: listenedTo(listeners),
  } as pg.PoolConfig);
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', (error) => log?.warn({ err: error }, 'an idle database connection broke'));
  // Nor does the pool listen while somebody holds it for a transaction, who hears of it by the next statement.
  pool.on('connect', (client) => client.on('error', () => {}));

  return {
    pool,
    ...statementsOn(pool),
    transaction: (work) => retried(() => inTransaction(pool, work)),
    onStatement: (listen) => {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
    close: () => pool.end(),
  };
}

interface Connection {
  query(query: pg.QueryConfig): Promise<pg.QueryResult>;
}

const statementsOn = (connection: Connection): SqlTx => ({
  $executeRaw: async (strings, ...values) => (await connection.query(prepared(strings, values))).rowCount ?? 0,
  $queryRaw: async <T>(strings: TemplateStringsArray, ...values: unknown[]) =>
    (await connection.query(prepared(strings, values))).rows as T,
});

async function inTransaction<T>(pool: pg.Pool, work: (tx: SqlTx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(statementsOn(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((reason: Error) => {
      broken = reason;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const transient = new Set(['40001', '40P01']);
const tries = 3;

async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === tries || !transient.has(String((error as { code?: unknown }).code))) throw error;
    }
  }
}

// A template's strings are one object for the life of the program, so its text and name are made once.
const statements = new WeakMap<TemplateStringsArray, { text: string; name: string }>();

function prepared(strings: TemplateStringsArray, values: unknown[]): pg.QueryConfig {
  let statement = statements.get(strings);
  if (!statement) {
    const text = strings.reduce((sql, part, index) => `${sql}$${index}${part}`);
    statement = { text, name: createHash('sha256').update(text).digest('base64url').slice(0, 24) };
    statements.set(strings, statement);
  }
  return { ...statement, values: values.map(asParameter) };
}

/** pg would write a Date in the machine's own zone, which a `timestamp` column then takes for UTC. */
const asParameter = (value: unknown) => (value instanceof Date ? value.toISOString() : value);

const { builtins } = pg.types;

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (format !== 'binary') {
    if (oid === builtins.INT8) return BigInt;
    if (oid === builtins.TIMESTAMP) return (value: string) => new Date(`${value.replace(' ', 'T')}Z`);
  }
  return pg.types.getTypeParser(oid, format as 'text');
}

const listenedTo = (listeners: ReadonlySet<(sql: string) => void>) =>
  class extends pg.Client {
    override query(...args: unknown[]): never {
      if (listeners.size > 0) {
        const [query] = args as [string | { text?: string }];
        for (const listen of listeners) listen(typeof query === 'string' ? query : (query.text ?? ''));
      }
      return Reflect.apply(super.query, this, args) as never;
    }
  };
