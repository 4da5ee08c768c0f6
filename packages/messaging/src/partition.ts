import type { Client } from 'pg';
import type { Cursor } from './relay-cursor.ts';
import { dayMs } from './stream.ts';

const daysAhead = 3;
const partitionName = /^outbox_p(\d{4})(\d{2})(\d{2})$/;

const startOfDay = (instant: number) => instant - (instant % dayMs);
const isoDay = (instant: number) => new Date(instant).toISOString().slice(0, 10);
const nameOf = (instant: number) => `outbox_p${isoDay(instant).replaceAll('-', '')}`;

/**
 * Makes the partitions of today and the days ahead. They are no part of the migrations, which therefore never drift.
 * A day that already has rows in the default partition stays there.
 */
export async function makePartitions(client: Client, now: number): Promise<void> {
  const existing = new Set(await partitions(client));
  for (let day = 0; day <= daysAhead; day++) {
    const start = startOfDay(now) + day * dayMs;
    if (existing.has(nameOf(start)) || (await hasRowsByDefault(client, start))) continue;
    await makePartition(client, start, day === 0);
  }
}

async function makePartition(client: Client, start: number, inUse: boolean): Promise<void> {
  const name = nameOf(start);
  await inTransaction(client, async () => {
    if (inUse) {
      // an insert that is already bound for the default partition would find that its row belongs there no more, and fail
      await client.query('LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE');
      if (await hasRowsByDefault(client, start)) return;
    }
    await client.query(`CREATE TABLE ${name} (LIKE outbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
    // ATTACH, unlike PARTITION OF, lets inserts into the other days go on
    await client.query(
      `ALTER TABLE outbox ATTACH PARTITION ${name} FOR VALUES FROM ('${isoDay(start)} 00:00Z') TO ('${isoDay(start + dayMs)} 00:00Z')`,
    );
  });
}

async function hasRowsByDefault(client: Client, start: number): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM outbox_default WHERE at >= $1 AND at < $2 LIMIT 1', [
    new Date(start),
    new Date(start + dayMs),
  ]);
  return rowCount !== 0;
}

/** Drops days that are older than the retention and published to the last row; gives how many. */
export async function dropOldPartitions(
  client: Client,
  now: number,
  retentionDays: number,
  cursor: Cursor,
): Promise<number> {
  const oldestKept = startOfDay(now) - retentionDays * dayMs;
  let dropped = 0;
  for (const name of await partitions(client)) {
    const [, year, month, day] = partitionName.exec(name) ?? [];
    if (Date.UTC(Number(year), Number(month) - 1, Number(day)) >= oldestKept) continue;
    const { rowCount } = await client.query(`SELECT 1 FROM ${name} WHERE (xid, seq) > ($1::xid8, $2::bigint) LIMIT 1`, [
      cursor.xid,
      cursor.seq,
    ]);
    if (rowCount !== 0) continue;
    await inTransaction(client, () => client.query(`DROP TABLE ${name}`));
    dropped += 1;
  }
  await client.query('DELETE FROM outbox_default WHERE at < $1 AND (xid, seq) <= ($2::xid8, $3::bigint)', [
    new Date(oldestKept),
    cursor.xid,
    cursor.seq,
  ]);
  return dropped;
}

async function partitions(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'outbox'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => name).filter((name) => partitionName.test(name));
}

/** Gives up on a lock soon, because writers would queue behind the wish for it; the next round tries again. */
async function inTransaction(client: Client, work: () => Promise<unknown>): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = '500ms'`);
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
