import type { Database } from '@forecourt/service-kit';

/** How many statements on this database wait for a lock. Not to be asked within a transaction, which sees one moment only. */
export async function waitingForLocks(database: Database): Promise<number> {
  const [row] = await database.$queryRaw<{ blocked: bigint }[]>`
    SELECT count(*) AS blocked FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return Number(row?.blocked);
}
