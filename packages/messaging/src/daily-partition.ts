import type { ClientBase } from 'pg';
import { dayMs } from './stream.ts';

/** A table that is partitioned by the day of one of its columns, with `<name>_default` for days that have no partition. */
export interface DailyTable {
  readonly name: string;
  readonly column: string;
  /** `instant`: a timestamptz, whose days are those of UTC. `day`: a date. */
  readonly kind: 'instant' | 'day';
}

type Client = Pick<ClientBase, 'query'>;

const daysAhead = 3;

const startOfDay = (instant: number) => instant - (instant % dayMs);
const isoDay = (instant: number) => new Date(instant).toISOString().slice(0, 10);
const nameOf = ({ name }: DailyTable, day: number) => `${name}_p${isoDay(day).replaceAll('-', '')}`;
const bound = ({ kind }: DailyTable, day: number) => (kind === 'day' ? isoDay(day) : `${isoDay(day)} 00:00Z`);

/**
 * Makes the partitions of today and the days ahead. They are no part of the migrations, which therefore never drift.
 * A day that already has rows in the default partition stays there.
 */
export async function makeDailyPartitions(client: Client, table: DailyTable, now: number): Promise<void> {
  const existing = new Set((await partitionsOf(client, table)).map(({ name }) => name));
  for (let ahead = 0; ahead <= daysAhead; ahead++) {
    const day = startOfDay(now) + ahead * dayMs;
    if (existing.has(nameOf(table, day)) || (await hasRowsByDefault(client, table, day))) continue;
    await makePartition(client, table, day, ahead === 0);
  }
}

async function makePartition(client: Client, table: DailyTable, day: number, inUse: boolean): Promise<void> {
  const name = nameOf(table, day);
  await impatiently(client, async () => {
    if (inUse) {
      // an insert that is already bound for the default partition would find that its row belongs there no more, and fail
      await client.query(`LOCK TABLE ${table.name} IN SHARE ROW EXCLUSIVE MODE`);
      if (await hasRowsByDefault(client, table, day)) return;
    }
    await client.query(`CREATE TABLE ${name} (LIKE ${table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
    // ATTACH, unlike PARTITION OF, lets inserts into the other days go on
    await client.query(
      `ALTER TABLE ${table.name} ATTACH PARTITION ${name} FOR VALUES FROM ('${bound(table, day)}') TO ('${bound(table, day + dayMs)}')`,
    );
  });
}

async function hasRowsByDefault(client: Client, table: DailyTable, day: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM ${table.name}_default WHERE ${table.column} >= $1 AND ${table.column} < $2 LIMIT 1`,
    [bound(table, day), bound(table, day + dayMs)],
  );
  return rowCount !== 0;
}

export interface Dropping {
  readonly now: number;
  readonly retentionDays: number;
  /** Of a day that is old enough; without it, all such days may go. */
  readonly mayDrop?: (partition: string) => Promise<boolean>;
}

/** Drops days that are older than the retention; gives how many. What is as old in the default partition is the caller's. */
export async function dropDailyPartitions(
  client: Client,
  table: DailyTable,
  { now, retentionDays, mayDrop }: Dropping,
): Promise<number> {
  const oldest = oldestKept(now, retentionDays).getTime();
  let dropped = 0;
  for (const { name, day } of await partitionsOf(client, table)) {
    if (day >= oldest || (mayDrop && !(await mayDrop(name)))) continue;
    await impatiently(client, () => client.query(`DROP TABLE ${name}`));
    dropped += 1;
  }
  return dropped;
}

export const oldestKept = (now: number, retentionDays: number): Date =>
  new Date(startOfDay(now) - retentionDays * dayMs);

async function partitionsOf(client: Client, { name: table }: DailyTable): Promise<{ name: string; day: number }[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass ORDER BY 1`,
    [table],
  );
  const pattern = new RegExp(`^${table}_p(\\d{4})(\\d{2})(\\d{2})$`);
  return rows.flatMap(({ name }) => {
    const [, year, month, day] = pattern.exec(name) ?? [];
    return year === undefined ? [] : [{ name, day: Date.UTC(Number(year), Number(month) - 1, Number(day)) }];
  });
}

/** Gives up on a lock soon, because writers would queue behind the wish for it; the next round tries again. */
async function impatiently(client: Client, work: () => Promise<unknown>): Promise<void> {
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
