import type { Client } from 'pg';
import { type DailyTable, dropDailyPartitions, makeDailyPartitions, oldestKept } from './daily-partition.ts';
import type { Cursor } from './relay-cursor.ts';

const outbox: DailyTable = { name: 'outbox', column: 'at', kind: 'instant' };

export const makePartitions = (client: Client, now: number): Promise<void> => makeDailyPartitions(client, outbox, now);

/** Drops days that are older than the retention and published to the last row; gives how many. */
export async function dropOldPartitions(
  client: Client,
  now: number,
  retentionDays: number,
  cursor: Cursor,
): Promise<number> {
  const isPublished = async (partition: string): Promise<boolean> => {
    const { rowCount } = await client.query(
      `SELECT 1 FROM ${partition} WHERE (xid, seq) > ($1::xid8, $2::bigint) LIMIT 1`,
      [cursor.xid, cursor.seq],
    );
    return rowCount === 0;
  };
  const dropped = await dropDailyPartitions(client, outbox, { now, retentionDays, mayDrop: isPublished });
  await client.query('DELETE FROM outbox_default WHERE at < $1 AND (xid, seq) <= ($2::xid8, $3::bigint)', [
    oldestKept(now, retentionDays),
    cursor.xid,
    cursor.seq,
  ]);
  return dropped;
}
