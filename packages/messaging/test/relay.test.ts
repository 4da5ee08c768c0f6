import { until } from '@forecourt/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { enqueueAll, outboxRow } from '../src/index.ts';
import { nextRows } from '../src/outbox-batch.ts';
import { publishBatch } from '../src/outbox-publish.ts';
import { sessionSettings } from '../src/relay.ts';
import { newMessageId } from '../src/uuid.ts';
import {
  aNats,
  aRelay,
  aThing,
  bump,
  layGround,
  ordersStream,
  storedIn,
  thingChanged,
  versionsByThing,
} from './fixture.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('an event is published after its transaction commits, and never when it rolls back', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  await ground.change('kept');
  await expect(
    ground.transact(async (tx) => {
      await bump(tx, 'undone');
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  await ground.change('kept too');
  relay.wake();
  await until(() => relay.status().published === 2);
  expect((await storedIn(nats)).map(({ thingId }) => thingId)).toEqual(['kept', 'kept too']);
});

test('an event carries the CloudEvents attributes of its change', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  await ground.change('ä thing');
  await until(() => relay.status().published === 1);
  const stored = await nats.manager.streams.getMessage(ordersStream(nats), { seq: 1 });
  const [row] = await ground.sql<{ id: string; at: Date }>('SELECT id, at FROM outbox');
  expect(stored?.subject).toBe(`${nats.streamPrefix}.orders.thing.changed.v1`);
  expect(Object.fromEntries([...(stored?.header ?? [])].map(([name, [value]]) => [name, value]))).toMatchObject({
    'Nats-Msg-Id': row?.id,
    'ce-id': row?.id,
    'ce-specversion': '1.0',
    'ce-type': 'orders.thing.changed.v1',
    'ce-source': '/orders',
    'ce-subject': '%C3%A4%20thing',
    'ce-time': row?.at.toISOString(),
    'ce-dataschema': 'urn:forecourt:orders.thing.changed.v1',
    'ce-aggregateversion': '1',
    'content-type': 'application/json',
  });
  expect(stored?.json()).toEqual({ thingId: 'ä thing', version: 1 });
});

test.each([12, 120, 1200])('%i rows of one transaction keep their order', async (count) => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const rows = upTo(count).map((version) => outboxRow(thingChanged, { thingId: 'one', version }));
  await ground.transact((tx) => enqueueAll(tx, rows));
  const relay = await aRelay(ground, nats, { batchSize: 7 });
  await until(() => relay.status().published === count);
  expect(versionsByThing(await storedIn(nats))).toEqual([upTo(count)]);
});

test('rows are read by the index also where the table was last seen empty', async () => {
  const ground = await layGround();
  await ground.sql('VACUUM ANALYZE outbox_default');
  const client = new pg.Client({ connectionString: ground.url, options: sessionSettings });
  await client.connect();
  const { rows } = await client.query(`EXPLAIN ${nextRows}`, ['0', '0', 500]);
  await client.end();
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/Index Scan using outbox_default_xid_seq_idx/);
  expect(plan).not.toContain('Sort');
});

test('rows of transactions whose ids differ in length keep their order', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  for (const [version, xid] of [8, 9, 10, 11, 99, 100, 101].entries()) {
    const row = outboxRow(thingChanged, { thingId: 'one', version: version + 1 });
    await ground.sql(
      `INSERT INTO outbox (xid, id, subject, aggregate_id, aggregate_version, data) VALUES ($1::text::xid8, $2, $3, $4, $5, $6)`,
      [xid, row.id, row.subject, row.aggregate_id, row.aggregate_version, row.data],
    );
  }
  const relay = await aRelay(ground, nats, { batchSize: 2 });
  await until(() => relay.status().published === 7);
  expect(versionsByThing(await storedIn(nats))).toEqual([upTo(7)]);
});

test('a transaction that commits late is not passed by', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  const slow = await ground.pool.connect();
  await slow.query('BEGIN');
  const early = outboxRow(thingChanged, { thingId: 'early', version: 1 });
  await slow.query(
    'INSERT INTO outbox (id, subject, aggregate_id, aggregate_version, data) VALUES ($1, $2, $3, 1, $4)',
    [early.id, early.subject, early.aggregate_id, early.data],
  );
  await ground.change('late');
  relay.wake();
  await until(() => relay.status().lagSeconds > 0);
  expect(relay.status().published).toBe(0);
  await slow.query('COMMIT');
  slow.release();
  await until(() => relay.status().published === 2);
  expect((await storedIn(nats)).map(({ thingId }) => thingId)).toEqual(['early', 'late']);
});

test('twenty writers on six things: every event arrives, once, and each thing in its own order', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats, { batchSize: 50 });
  await Promise.all(
    upTo(20).map(async (writer) => {
      for (const round of upTo(30)) await ground.change(`thing ${(writer * round) % 6}`);
    }),
  );
  await until(() => relay.status().published >= 600);
  const things = versionsByThing(await storedIn(nats));
  expect(things).toHaveLength(6);
  expect(things.map((versions) => versions.length).reduce((sum, length) => sum + length)).toBe(600);
  for (const versions of things) expect(versions).toEqual(upTo(versions.length));
});

test('an event that can never be published is buried, and those behind it are published', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  await ground.change('before');
  await ground.change('too large', 'x'.repeat(2 ** 21));
  await ground.change('after');
  await until(() => relay.status().published === 2);
  expect((await storedIn(nats)).map(({ thingId }) => thingId)).toEqual(['before', 'after']);
  expect(await ground.sql('SELECT consumer, reason, subject FROM dead_letter')).toEqual([
    { consumer: 'orders-relay', reason: 'unpublishable', subject: 'orders.thing.changed.v1' },
  ]);
});

test('what only the stream finds too large, or another service’s, is unpublishable as well', async () => {
  const nats = await aNats();
  await nats.manager.streams.add({
    name: ordersStream(nats),
    subjects: [`${nats.streamPrefix}.orders.>`],
    max_msg_size: 2000,
  });
  const event = (thingId: string, subject: string, note = '') => ({
    ...{ xid: '1', seq: '1', id: newMessageId(), subject, aggregateId: thingId, aggregateVersion: 1 },
    ...{ traceparent: null, data: JSON.stringify({ thingId, version: 1, note }), at: new Date() },
  });
  const { lastSeq, unpublishable } = await publishBatch(
    { nats, service: 'orders' },
    [
      event('large', 'orders.thing.changed.v1', 'x'.repeat(2000)),
      event('foreign', 'catalog.thing.changed.v1'),
      event('fine', 'orders.thing.changed.v1'),
    ],
    0,
    new AbortController().signal,
  );
  expect(unpublishable.map((each) => each.event.aggregateId)).toEqual(['large', 'foreign']);
  expect(lastSeq).toBe(1);
});

test('a full stream refuses, and the relay waits until there is room: nothing is buried, nothing lost', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const rows = upTo(60).map((version) => outboxRow(thingChanged, { thingId: 'one', version, note: 'x'.repeat(1000) }));
  await ground.transact((tx) => enqueueAll(tx, rows));
  const tight = await aRelay(ground, nats, { streamMaxBytes: 30_000, batchSize: 10 });
  await until(() => tight.status().published >= 10);
  await until(() => tight.status().lagSeconds > 0);
  await tight.close();
  expect(tight.status().published).toBeLessThan(30);
  expect(await ground.sql('SELECT 1 FROM dead_letter')).toEqual([]);
  await aRelay(ground, nats);
  await until(async () => (await storedIn(nats)).length === 60);
  expect(versionsByThing(await storedIn(nats))).toEqual([upTo(60)]);
});

test('a buried event is published by a replay once it can be', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const { id, data } = outboxRow(thingChanged, aThing(7, 'small enough now'));
  await ground.sql(
    `INSERT INTO dead_letter (consumer, message_id, subject, headers, payload, reason, error, deliveries, replay_requested_at)
     VALUES ('orders-relay', $1, $2, $3, $4, 'unpublishable', 'too large', 1, now())`,
    [id, thingChanged.subject, { 'ce-subject': 'small enough now', 'ce-aggregateversion': '7' }, Buffer.from(data)],
  );
  await aRelay(ground, nats);
  await until(async () => (await ground.sql('SELECT 1 FROM dead_letter WHERE replayed_at IS NOT NULL')).length === 1);
  expect(await storedIn(nats)).toMatchObject([{ id, thingId: 'small enough now', version: 7 }]);
});

test('the stream has explicit limits, and follows a changed configuration', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const first = await aRelay(ground, nats, { streamMaxBytes: 2 ** 25, retentionDays: 2 });
  const limits = async () => (await nats.manager.streams.info(ordersStream(nats))).config;
  await until(async () => (await limits()).max_bytes === 2 ** 25);
  expect(await limits()).toMatchObject({
    retention: 'limits',
    discard: 'new',
    storage: 'file',
    num_replicas: 1,
    max_age: 2 * 86_400 * 1e9,
    duplicate_window: 600 * 1e9,
  });
  await first.close();
  await aRelay(ground, nats, { streamMaxBytes: 2 ** 26 });
  await until(async () => (await limits()).max_bytes === 2 ** 26);
  expect((await limits()).max_age).toBe(7 * 86_400 * 1e9);
});
