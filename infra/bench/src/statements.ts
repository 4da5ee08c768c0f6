import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** What Postgres has to be started with, so that statements can be counted. */
export const countingSettings = { shared_preload_libraries: 'pg_stat_statements' };

export interface StatementCounter {
  /** How many statements the roles of a database ran during the work, less what they run in that time when idle. */
  during(database: string, work: () => Promise<void>): Promise<number>;
  close(): Promise<void>;
}

const idleSeconds = 1.5;

/**
 * Counts by pg_stat_statements, BEGIN and COMMIT with the rest. It is switched on for the counted turn alone: for who
 * asks Postgres seldom it is cheaper than for who asks often, and would flatter one side of every other figure.
 */
export async function openStatementCounter(superuserUrl: string): Promise<StatementCounter> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public');
  const track = async (what: 'none' | 'top') => {
    await client.query(`ALTER SYSTEM SET pg_stat_statements.track = '${what}'`);
    await client.query('SELECT pg_reload_conf()');
  };
  await track('none');

  const soFar = async (database: string): Promise<number> => {
    const { rows } = await client.query<{ calls: number }>(
      `SELECT coalesce(sum(s.calls), 0)::float8 AS calls FROM pg_stat_statements AS s
       JOIN pg_database AS d ON d.oid = s.dbid
       JOIN pg_roles AS r ON r.oid = s.userid WHERE d.datname = $1 AND r.rolname <> $2`,
      // In the system's own database the superuser is we ourselves.
      [database, database.startsWith(yardstickDatabase) ? '' : client.user],
    );
    return rows[0]?.calls ?? 0;
  };
  const countedDuring = async (database: string, work: () => Promise<unknown>) => {
    const before = await soFar(database);
    const begin = performance.now();
    await work();
    return { statements: (await soFar(database)) - before, seconds: (performance.now() - begin) / 1000 };
  };
  const idlePerSecond = new Map<string, number>();
  const idleOf = async (database: string): Promise<number> => {
    const known = idlePerSecond.get(database);
    if (known !== undefined) return known;
    const { statements, seconds } = await countedDuring(database, () => pause(idleSeconds * 1000));
    idlePerSecond.set(database, statements / seconds);
    return statements / seconds;
  };

  return {
    during: async (database, work) => {
      await track('top');
      try {
        const idle = await idleOf(database);
        const { statements, seconds } = await countedDuring(database, work);
        return Math.max(0, statements - idle * seconds);
      } finally {
        await track('none');
      }
    },
    close: () => client.end(),
  };
}

/** Databases of yardsticks begin like this; there the superuser is the one who works. */
export const yardstickDatabase = 'yardstick_';
