import type { SqlTx } from '@forecourt/messaging';
import type pg from 'pg';

/** Postgres through `pg`, in the manner of Prisma's raw queries: for hot paths. `int8` comes back as bigint. */
export interface Database extends SqlTx {
  readonly pool: pg.Pool;
  transaction<T>(work: (tx: SqlTx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openDatabase(_o: { url: string; applicationName: string }): Database {
  throw new Error('arrives with the next commit');
}
