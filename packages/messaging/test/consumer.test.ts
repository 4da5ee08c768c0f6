import { AppError } from '@forecourt/errors';
import { layCable, type TestNats, until } from '@forecourt/testing';
import { headers } from '@nats-io/transport-node';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { type Consumer, type ConsumersOptions, consumer, type SqlTx, startConsumers } from '../src/index.ts';
import {
  aNats,
  aRelay,
  type Ground,
  layGround,
  ordersStream,
  silent,
  storedIn,
  type ThingChanged,
  thingChanged,
} from './fixture.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

type Handle = (tx: SqlTx, data: ThingChanged) => Promise<void>;

const aConsumer = (handle: Handle, durable = 'catalog-note-on-thing-changed'): Consumer<SqlTx> =>
  consumer({ event: thingChanged, durable, handle });

/** The effect of the tests: a row a message, so that what is applied twice shows. */
const note: Handle = async (tx, { thingId, version }) => {
  await tx.$executeRaw`INSERT INTO note (thing, version) VALUES (${thingId}, ${version})`;
};

async function layNotedGround(): Promise<Ground & { notes(): Promise<string[]> }> {
  const ground = await layGround();
  await ground.sql('CREATE TABLE note (at bigint GENERATED ALWAYS AS IDENTITY, thing text, version int)');
  const notes = async () => {
    const rows = await ground.sql<{ thing: string; version: number }>('SELECT thing, version FROM note ORDER BY at');
    return rows.map(({ thing, version }) => `${thing} ${version}`);
  };
  return { ...ground, notes };
}

async function consume(
  ground: Ground,
  nats: TestNats,
  handle: Handle | Consumer<SqlTx>,
  options: Partial<ConsumersOptions<SqlTx>> = {},
) {
  const consuming = await startConsumers({
    nats,
    service: 'catalog',
    consumers: [typeof handle === 'function' ? aConsumer(handle) : handle],
    transact: ground.transact,
    log: silent,
    replayEveryMs: 50,
    ...options,
  });
  onTestFinished(() => consuming.close());
  return consuming;
}

test('an event is applied once, with its inbox row', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  await consume(ground, nats, note);
  await ground.change('one');
  await until(async () => (await ground.notes()).length === 1);
  expect(await ground.notes()).toEqual(['one 1']);
  const inbox = await ground.sql('SELECT consumer, message_id = o.id::text AS same FROM inbox, outbox o');
  expect(inbox).toEqual([{ consumer: 'catalog-note-on-thing-changed', same: true }]);
});

test('what a message changed is said once, what changed nothing is not', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  let applied = 0;
  const registry = new Registry();
  await consume(ground, nats, note, {
    applied: () => {
      applied += 1;
    },
    metrics: { registry },
  });
  await ground.change('one');
  await until(() => applied === 1);
  const [stored] = await storedIn(nats);
  const again = headers();
  again.set('ce-id', stored?.id ?? '');
  const body = JSON.stringify({ thingId: 'one', version: 1 });
  await nats.jetstream.publish(`${nats.streamPrefix}.orders.thing.changed.v1`, body, { headers: again });
  await until(async () =>
    (await registry.getSingleMetricAsString('consumer_messages_total')).includes('outcome="duplicate"'),
  );
  expect(applied).toBe(1);
});

test('messages of long ago are forgotten in portions, those that may still come again are not', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await ground.sql(`INSERT INTO inbox SELECT 'c', n::text, now() - interval '31 days' FROM generate_series(1, 4500) n`);
  await ground.sql(`INSERT INTO inbox SELECT 'c', 'kept', now() - interval '29 days'`);
  const registry = new Registry();
  await consume(ground, nats, note, { housekeepingEveryMs: 20, metrics: { registry } });
  await until(async () => (await ground.sql('SELECT message_id FROM inbox')).length === 1);
  await until(async () => (await registry.getSingleMetricAsString('inbox_forgotten_total')).includes(' 4500'));
});

test('a consumer may start before the stream that it reads exists', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await consume(ground, nats, note);
  await ground.change('one');
  await aRelay(ground, nats);
  await until(async () => (await ground.notes()).length === 1);
});

test('what fails is tried again and applied once', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  let tries = 0;
  await consume(ground, nats, async (tx, data) => {
    await note(tx, data);
    if (++tries < 3) throw new AppError('service_unavailable', 'Not yet.', { retryAfterSeconds: 0.01 });
  });
  await ground.change('one');
  await until(() => tries === 3);
  await until(async () => (await ground.notes()).length > 0);
  expect(await ground.notes()).toEqual(['one 1']);
});

test('events of one thing are applied in their order, those of others meanwhile', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  for (const _ of upTo(20)) for (const thing of ['a', 'b', 'c', 'd']) await ground.change(thing);
  let atOnce = 0;
  let most = 0;
  await consume(
    ground,
    nats,
    async (tx, data) => {
      most = Math.max(most, ++atOnce);
      await tx.$queryRaw`SELECT pg_sleep(random() * 0.01)::text`;
      await note(tx, data);
      atOnce--;
    },
    { concurrency: 3 },
  );
  await until(async () => (await ground.notes()).length === 80);
  const byThing = Map.groupBy(await ground.notes(), (text) => text.split(' ')[0]);
  for (const [thing, notes] of byThing) expect(notes).toEqual(upTo(20).map((version) => `${thing} ${version}`));
  expect(most).toBe(3);
});

test('a consumer that takes many is given what waits together, and acknowledges it after the commit', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  for (const version of upTo(20)) for (const thing of ['a', 'b']) await ground.change(thing, `${version}`);
  const relayed = async () => (await ground.sql('SELECT 1 FROM outbox_cursor c, outbox o WHERE o.xid > c.xid')).length;
  await until(async () => (await relayed()) === 0);
  const parts: number[] = [];
  const many = consumer({
    event: thingChanged,
    durable: 'catalog-note-on-thing-changed',
    handleMany: async (tx: SqlTx, events) => {
      parts.push(events.length);
      for (const { data } of events) await note(tx, data);
    },
  });
  await consume(ground, nats, many);
  await until(async () => (await ground.notes()).length === 40);
  expect(parts.length).toBeLessThan(20);
  const byThing = Map.groupBy(await ground.notes(), (text) => text.split(' ')[0]);
  for (const [thing, notes] of byThing) expect(notes).toEqual(upTo(20).map((version) => `${thing} ${version}`));
  const info = () => nats.manager.consumers.info(ordersStream(nats), 'catalog-note-on-thing-changed');
  await until(async () => (await info()).num_ack_pending === 0);
});

test('a deleted and rebuilt stream brings everything again, and changes nothing', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  const metrics = { registry: new Registry() };
  await consume(ground, nats, note, { metrics });
  for (const _ of upTo(5)) await ground.change('one');
  await until(async () => (await ground.notes()).length === 5);
  await nats.manager.streams.delete(ordersStream(nats));
  await ground.change('one');
  relay.wake();
  await until(async () => (await ground.notes()).length >= 6);
  const counted = async (outcome: string) =>
    (await metrics.registry.getSingleMetric('consumer_messages_total')?.get())?.values.find(
      ({ labels }) => labels.outcome === outcome,
    )?.value;
  await until(async () => (await counted('duplicate')) === 5);
  expect(await ground.notes()).toEqual(upTo(6).map((version) => `one ${version}`));
});

test('a deleted durable is made again, and its repetitions change nothing', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  await consume(ground, nats, note);
  await ground.change('one');
  await until(async () => (await ground.notes()).length === 1);
  await nats.manager.consumers.delete(ordersStream(nats), 'catalog-note-on-thing-changed');
  await ground.change('one');
  await until(async () => (await ground.notes()).length === 2);
  expect(await ground.notes()).toEqual(['one 1', 'one 2']);
});

test('a lost connection to the broker is survived', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  const cable = await layCable(nats.url);
  onTestFinished(() => cable.close());
  await aRelay(ground, nats);
  await consume(ground, await aNats({ url: cable.url, streamPrefix: nats.streamPrefix }), note);
  await ground.change('one');
  await until(async () => (await ground.notes()).length === 1);
  cable.cut();
  await ground.change('one');
  cable.mend();
  await until(async () => (await ground.notes()).length === 2);
  expect(await ground.notes()).toEqual(['one 1', 'one 2']);
});

test('while the database is away messages wait in hand, and no try is counted', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  let away = true;
  let refusals = 0;
  const transact: typeof ground.transact = (work) => {
    if (!away) return ground.transact(work);
    refusals++;
    return Promise.reject(new Error('connect ECONNREFUSED'));
  };
  await consume(ground, nats, note, { transact, tries: 2, ackWaitMs: 1_000, replayEveryMs: 60_000 });
  await ground.change('one');
  await until(() => refusals >= 8);
  away = false;
  await until(async () => (await ground.notes()).length === 1);
  expect(await ground.sql('SELECT reason FROM dead_letter')).toEqual([]);
});

test('closing finishes what is in hand and acknowledges it', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  const started = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const consuming = await consume(ground, nats, async (tx, data) => {
    started.resolve();
    await go.promise;
    await note(tx, data);
  });
  await ground.change('one');
  await started.promise;
  let isClosed = false;
  const closed = consuming.close().then(() => {
    isClosed = true;
  });
  const info = () => nats.manager.consumers.info(ordersStream(nats), 'catalog-note-on-thing-changed');
  await until(async () => (await info()).num_waiting === 0);
  expect(isClosed).toBe(false);
  go.resolve();
  await closed;
  expect(await ground.notes()).toEqual(['one 1']);
  await until(async () => (await info()).num_ack_pending === 0);
});

test('work that takes longer than the stream waits is not given to anybody else', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  await consume(
    ground,
    nats,
    async (tx, data) => {
      await tx.$queryRaw`SELECT pg_sleep(4)::text`;
      await note(tx, data);
    },
    { ackWaitMs: 2_000 },
  );
  await ground.change('one');
  await until(async () => (await ground.notes()).length === 1);
  const info = await nats.manager.consumers.info(ordersStream(nats), 'catalog-note-on-thing-changed');
  expect(info.delivered.consumer_seq).toBe(1);
});

test('two replicas of a service share its messages and apply each once', async () => {
  const [ground, nats] = await Promise.all([layNotedGround(), aNats()]);
  await aRelay(ground, nats);
  await consume(ground, nats, note);
  await consume(ground, await aNats({ streamPrefix: nats.streamPrefix }), note);
  for (const thing of upTo(50)) await ground.change(`thing ${thing}`);
  await until(async () => (await ground.notes()).length === 50);
  expect(new Set(await ground.notes()).size).toBe(50);
});

test('two consumers may not share a name, and a name belongs to its service', async () => {
  const nats = await aNats();
  const ground = await layGround();
  const start = (consumers: Consumer<SqlTx>[]) =>
    startConsumers({ nats, service: 'catalog', consumers, transact: ground.transact, log: silent });
  await expect(start([aConsumer(note), aConsumer(note)])).rejects.toThrow('two consumers are named');
  await expect(start([aConsumer(note, 'orders-note-on-thing-changed')])).rejects.toThrow('must start with catalog-');
  expect(() => aConsumer(note, 'Not a.name')).toThrow('a-z, 0-9 and hyphens');
});
