import { type DailyTable, dropDailyPartitions, makeDailyPartitions, oldestKept } from '@forecourt/messaging';
import { type Background, repeat } from '@forecourt/service-kit';
import type { Deps } from './deps.ts';
import { dropEventsBefore } from './station/stories.ts';

type PartitionDeps = Pick<Deps, 'clock' | 'database' | 'log' | 'stationSettings'>;

const everyMs = 3_600_000;
const dayMs = 86_400_000;
/** As long as a station may keep what it could not say, and then some: what it says again after that is told apart by its content. */
const handledDays = 14;

const tables = ({ frameDays, readingDays }: Deps['stationSettings']): readonly (DailyTable & { days: number })[] => [
  { name: 'frame', column: 'at', kind: 'instant', days: frameDays },
  { name: 'handled_call', column: 'received_on', kind: 'day', days: handledDays },
  { name: 'reading', column: 'received_on', kind: 'day', days: readingDays },
];

/** What stations send by the thousand goes into a partition for each day, and goes with it when its time is over. */
export async function keepPartitions({ clock, database, stationSettings }: PartitionDeps): Promise<void> {
  const now = clock().getTime();
  const client = await database.pool.connect();
  try {
    const { rows } = await client.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(${theWork}) AS mine`);
    // Another process is at it.
    if (!rows[0]?.mine) return;
    try {
      for (const { days: retentionDays, ...table } of tables(stationSettings)) {
        await makeDailyPartitions(client, table, now);
        await dropDailyPartitions(client, table, { now, retentionDays });
        await client.query(`DELETE FROM ${table.name}_default WHERE ${table.column} < $1`, [
          oldestKept(now, retentionDays).toISOString(),
        ]);
      }
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${theWork})`);
    }
  } finally {
    client.release();
  }
}

const theWork = `hashtext(current_schema() || '.partitions')`;

async function dropOldEvents({ clock, database, stationSettings }: PartitionDeps): Promise<void> {
  const oldest = new Date(clock().getTime() - stationSettings.eventDays * dayMs);
  while ((await dropEventsBefore(database, oldest)) > 0);
}

export const startKeeping = (deps: PartitionDeps): Background =>
  repeat({
    name: 'partitions',
    everyMs,
    work: async () => {
      await keepPartitions(deps);
      await dropOldEvents(deps);
    },
    log: deps.log,
  });
