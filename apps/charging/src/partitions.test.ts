import { createTestRuntime } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { keepPartitions } from './partitions.ts';
import { dropEventsBefore, tellStories } from './station/stories.ts';

const dayMs = 86_400_000;

async function ground() {
  const runtime = await createTestRuntime('charging');
  onTestFinished(() => runtime.close());
  const { database, clock, log } = runtime;
  const stationSettings = { frameDays: 7, readingDays: 400, eventDays: 90 } as never;
  const sql = (text: string, values: unknown[] = []) => database.pool.query(text, values).then(({ rows }) => rows);
  const partitions = async (table: string): Promise<string[]> => {
    const rows = await sql(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass ORDER BY 1`,
      [table],
    );
    return rows.map(({ name }) => name);
  };
  return {
    runtime,
    clock,
    database,
    sql,
    partitions,
    keep: () => keepPartitions({ clock, database, log, stationSettings }),
  };
}

test('each day has its partition, rows find it, and its time over it goes, each table’s in its own', async () => {
  const { sql, clock, keep, partitions } = await ground();
  clock.set('2026-03-01T10:00:00Z');
  await keep();
  await keep();
  expect(await partitions('frame')).toEqual([
    'frame_default',
    'frame_p20260301',
    'frame_p20260302',
    'frame_p20260303',
    'frame_p20260304',
  ]);
  for (const table of ['handled_call', 'reading']) expect(await partitions(table)).toHaveLength(5);

  const fill = async (at: string) => {
    await sql(`INSERT INTO frame (at, station_id, direction, text) VALUES ($1, 's', 'in', 'x')`, [
      `${at}T23:59:59.999Z`,
    ]);
    await sql(`INSERT INTO handled_call VALUES ($1, 's', '1', 'h', '{}')`, [at]);
    await sql(
      `INSERT INTO reading (received_on, session_id, key, at, received_at, raw) VALUES ($1, 'x', 'k', now(), now(), '{}')`,
      [at],
    );
  };
  await fill('2026-03-01');
  await fill('2026-02-01');
  const places = await sql(`
    SELECT tableoid::regclass::text AS name FROM frame UNION ALL SELECT tableoid::regclass::text FROM handled_call
    UNION ALL SELECT tableoid::regclass::text FROM reading ORDER BY 1`);
  expect(places.map(({ name }) => name)).toEqual([
    'frame_default',
    'frame_p20260301',
    'handled_call_default',
    'handled_call_p20260301',
    'reading_default',
    'reading_p20260301',
  ]);

  clock.set('2026-03-08T10:00:00Z');
  await keep();
  expect(await partitions('frame')).toContain('frame_p20260301');
  clock.set('2026-03-09T10:00:00Z');
  await keep();
  expect(await partitions('frame')).not.toContain('frame_p20260301');
  expect(await sql('SELECT FROM frame')).toHaveLength(0);
  expect(await sql('SELECT FROM handled_call')).toHaveLength(1);
  clock.set('2026-03-16T10:00:00Z');
  await keep();
  expect(await sql('SELECT FROM handled_call')).toHaveLength(0);
  expect(await sql('SELECT FROM reading')).toHaveLength(2);
});

test('two processes that keep them at the same time do not get into one another’s way', async () => {
  const { keep, partitions } = await ground();
  await Promise.all(Array.from({ length: 5 }, keep));
  await keep();
  expect(await partitions('frame')).toHaveLength(5);
});

test('what happened to stations is forgotten by its age', async () => {
  const { database, clock, sql } = await ground();
  const told = [90, 30, 1].map((daysAgo) => ({
    stationId: 's',
    at: new Date(clock().getTime() - daysAgo * dayMs),
    kind: 'line.connected',
    detail: { daysAgo },
  }));
  await tellStories(database, told);
  expect(await dropEventsBefore(database, new Date(clock().getTime() - 31 * dayMs))).toBe(1);
  const rows = await sql(`SELECT detail FROM station_event ORDER BY id`);
  expect(rows.map(({ detail }) => detail)).toEqual([{ daysAgo: 30 }, { daysAgo: 1 }]);
});
