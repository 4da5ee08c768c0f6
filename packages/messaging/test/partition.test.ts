import { until } from '@forecourt/testing';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { dropOldPartitions, makePartitions } from '../src/partition.ts';
import { loadCursor } from '../src/relay-cursor.ts';
import { type Ground, layGround } from './fixture.ts';

const dayMs = 86_400_000;

async function relayClient(ground: Ground) {
  const client = new pg.Client({ connectionString: ground.url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

const partitionsWithRows = (ground: Ground) =>
  ground.sql<{ name: string; rows: number }>(
    `SELECT c.relname AS name, (SELECT count(*) FROM outbox o WHERE o.tableoid = c.oid)::int AS rows
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'outbox'::regclass ORDER BY 1`,
  );

const insertAt = (ground: Ground, at: Date) =>
  ground.sql(
    `INSERT INTO outbox (at, id, subject, aggregate_id, aggregate_version, data)
     VALUES ($1, gen_random_uuid(), 'orders.thing.changed.v1', 'one', 1, '{}')`,
    [at],
  );

test('a day has its own partition, and what has none is inserted all the same', async () => {
  const ground = await layGround();
  const now = Date.now();
  await makePartitions(await relayClient(ground), now);
  await ground.change('one');
  await insertAt(ground, new Date(now + dayMs));
  await insertAt(ground, new Date(now + 400 * dayMs));
  const found = await partitionsWithRows(ground);
  expect(found.map(({ rows }) => rows)).toEqual([1, 1, 1, 0, 0]);
  expect(found[0]?.name).toBe('outbox_default');
  const [row] = await ground.sql<{ ordered: boolean }>('SELECT count(DISTINCT seq) = 3 AS ordered FROM outbox');
  expect(row?.ordered).toBe(true);
});

test("an insert that comes while today's partition is made succeeds, and finds its place", async () => {
  const ground = await layGround();
  const client = await relayClient(ground);
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  const inserted: Promise<void>[] = [];
  // at the latest moment: all is done, nothing is committed
  client.query = (async (...args: unknown[]) => {
    if (args[0] === 'COMMIT' && inserted.length === 0) {
      inserted.push(ground.change('one'));
      await until(async () => {
        const waiting = await ground.sql(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%INSERT INTO outbox%'`,
        );
        return waiting.length > 0;
      });
    }
    return query(...args);
  }) as typeof client.query;
  await makePartitions(client, Date.now());
  await Promise.all(inserted);
  const found = await partitionsWithRows(ground);
  expect(found.map(({ rows }) => rows)).toEqual([0, 1, 0, 0, 0]);
});

test('making partitions again changes nothing, and a day with rows by default stays there', async () => {
  const ground = await layGround();
  const client = await relayClient(ground);
  await ground.change('one');
  const now = Date.now();
  await makePartitions(client, now);
  await makePartitions(client, now);
  expect((await partitionsWithRows(ground)).map(({ rows }) => rows)).toEqual([1, 0, 0, 0]);
});

test('days older than the retention are dropped, but never with an event that is not published', async () => {
  const ground = await layGround();
  const client = await relayClient(ground);
  const now = Date.now();
  for (const daysAgo of [9, 8, 7]) {
    await makePartitions(client, now - (daysAgo + 3) * dayMs);
    await insertAt(ground, new Date(now - daysAgo * dayMs));
  }
  await insertAt(ground, new Date(now - 30 * dayMs));
  const unpublished = await loadCursor(client, 'ORDERS');
  await dropOldPartitions(client, now, 7, unpublished);
  expect(await ground.sql('SELECT 1 FROM outbox')).toHaveLength(4);

  const [last] = await ground.sql<{ xid: string; seq: string }>(
    'SELECT xid::text AS xid, seq::text AS seq FROM outbox o ORDER BY o.xid DESC, o.seq DESC LIMIT 1',
  );
  await dropOldPartitions(client, now, 7, { ...unpublished, ...last });
  const kept = await ground.sql<{ at: Date }>('SELECT at FROM outbox');
  expect(kept.map(({ at }) => at)).toEqual([new Date(now - 7 * dayMs)]);
});

test('partitions wait for nobody: a reader that holds the table is left alone', async () => {
  const ground = await layGround();
  const reader = await ground.pool.connect();
  await reader.query('BEGIN');
  await reader.query('LOCK TABLE outbox IN ACCESS SHARE MODE');
  await reader.query('LOCK TABLE outbox_default IN ACCESS SHARE MODE');
  const client = await relayClient(ground);
  await expect(makePartitions(client, Date.now())).rejects.toMatchObject({ code: '55P03' });
  await reader.query('ROLLBACK');
  reader.release();
  await makePartitions(client, Date.now());
  expect(await partitionsWithRows(ground)).toHaveLength(5);
});
