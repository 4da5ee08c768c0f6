import { type TestNats, until } from '@forecourt/testing';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Consumer,
  type ConsumersOptions,
  type Consuming,
  consumer,
  type Guard,
  type Relay,
  type SqlTx,
  startConsumers,
} from '../src/index.ts';
import { replaySubject, toldSubject } from '../src/names.ts';
import { aNats, aRelay, type Ground, layGround, ordersStream, silent, storedIn, thingChanged } from './fixture.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** A consumer's side of the world: its database, and what it noted there. */
interface Hearer extends Ground {
  registry: Registry;
  /** As `thing version`, in order of things and versions. */
  notes(): Promise<string[]>;
  counted(metric: string): Promise<number>;
  start(nats: TestNats, options?: Partial<ConsumersOptions<SqlTx>>): Promise<Consuming>;
}

const durable = 'catalog-note-on-thing-changed';

const noting = (guard: Guard): Consumer<SqlTx> =>
  consumer({
    event: thingChanged,
    durable,
    guard,
    handle: async (tx, { thingId, version }) => {
      await tx.$executeRaw`
        INSERT INTO note (thing, version) VALUES (${thingId}, ${version}) ON CONFLICT (thing, version) DO UPDATE SET times = note.times + 1`;
    },
  });

async function aHearer(guard: Guard = 'inbox'): Promise<Hearer> {
  const ground = await layGround();
  const registry = new Registry();
  await ground.sql(
    'CREATE TABLE note (thing text, version int, times int NOT NULL DEFAULT 1, PRIMARY KEY (thing, version))',
  );
  return {
    ...ground,
    registry,
    async notes() {
      const rows = await ground.sql<{ thing: string; version: number }>(
        'SELECT thing, version FROM note ORDER BY 1, 2',
      );
      return rows.map(({ thing, version }) => `${thing} ${version}`);
    },
    async counted(metric) {
      const found = await registry.getSingleMetric(metric)?.get();
      return found?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
    async start(nats, options = {}) {
      const consuming = await startConsumers({
        nats,
        service: 'catalog',
        consumers: [noting(guard)],
        transact: ground.transact,
        log: silent,
        metrics: { registry },
        gaps: { everyMs: 25, patienceMs: 100 },
        ...options,
      });
      onTestFinished(() => consuming.close());
      return consuming;
    },
  };
}

async function told(ground: Ground, relay: Relay, count: number, thing = 'one'): Promise<void> {
  const before = relay.status().published;
  for (const _ of upTo(count)) await ground.change(thing);
  relay.wake();
  await until(() => relay.status().published === before + count);
}

/** The broker's own doing: the messages are gone from the stream, and nothing else is. */
async function lose(nats: TestNats, ...places: number[]): Promise<void> {
  for (const place of places) await nats.manager.streams.deleteMessage(ordersStream(nats), place);
}

const all = (count: number) => upTo(count).map((version) => `one ${version}`);
const generous = { timeoutMs: 35_000 };
/** Nobody is missed too early, however busy the machine is. */
const patient = { gaps: { everyMs: 25, patienceMs: 10_000 } };

test.each(['inbox', 'version'] as const)('what the stream lost from its middle arrives, guard %s', async (guard) => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer(guard)]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  await told(ground, relay, 6);
  await lose(nats, 2, 4, 5);
  await hearer.start(nats);
  await until(async () => (await hearer.notes()).length === 6, generous);
  expect(await hearer.notes()).toEqual(all(6));
  await until(async () => (await hearer.counted('consumer_missing')) === 0);
});

test('nonsense about what was told, or is missed, keeps nobody from hearing and telling', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  await hearer.start(nats);
  let reconnects = 0;
  void (async () => {
    for await (const { type } of nats.connection.status()) if (type === 'reconnect') reconnects += 1;
  })();
  for (const subject of [toldSubject, replaySubject]) {
    for (const nonsense of ['{', '', '[]', '{"epoch":1}']) {
      nats.connection.publish(subject(nats.streamPrefix, 'orders'), nonsense);
    }
  }
  await nats.connection.flush();
  await told(ground, relay, 2);
  await lose(nats, 1);
  await until(async () => (await hearer.notes()).length === 2, generous);
  expect(reconnects).toBe(0);
});

test('what the stream lost at its end arrives, though nothing follows it', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  await told(ground, relay, 5);
  await lose(nats, 4, 5);
  await hearer.start(nats);
  await until(async () => (await hearer.notes()).length === 5, generous);
  expect(await hearer.notes()).toEqual(all(5));
});

test('what the stream lost at its front arrives for who was there from the beginning', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const consuming = await hearer.start(nats);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  await until(async () => (await hearer.sql('SELECT FROM heard')).length === 1);
  await consuming.close();
  await told(ground, relay, 3);
  await lose(nats, 1, 2);
  await hearer.start(nats);
  await until(async () => (await hearer.notes()).length === 3, generous);
});

test('what one consumer misses changes nothing for one that has it', async () => {
  const [ground, nats, whole, lacking] = await Promise.all([layGround(), aNats(), aHearer(), aHearer()]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  const other = consumer({
    event: thingChanged,
    durable: 'catalog-other-on-thing-changed',
    handle: async (tx: SqlTx, { thingId, version }) => {
      await tx.$executeRaw`INSERT INTO note (thing, version) VALUES (${thingId}, ${version})`;
    },
  });
  await whole.start(nats, { consumers: [other] });
  await told(ground, relay, 5);
  await until(async () => (await whole.notes()).length === 5);
  await lose(nats, 3);
  await lacking.start(nats);
  await until(async () => (await lacking.notes()).length === 5, generous);
  await until(async () => (await whole.counted('consumer_messages_total')) === 6);
  expect(await whole.sql('SELECT FROM note WHERE times > 1')).toEqual([]);
  expect(await storedIn(nats)).toHaveLength(5);
});

test('two replicas hear one stream between them, and miss nothing', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const elsewhere = await aNats({ streamPrefix: nats.streamPrefix });
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  await hearer.start(nats, patient);
  await hearer.start(elsewhere, { ...patient, metrics: { registry: new Registry() } });
  await told(ground, relay, 300);
  await until(async () => (await hearer.notes()).length === 300);
  await until(async () => {
    const [row] = await hearer.sql<{ heard: string }>('SELECT numbers::text AS heard FROM heard');
    return row?.heard.endsWith(',301)}') && !row.heard.includes('),[');
  }, generous);
  expect(await hearer.counted('consumer_gaps_total')).toBe(0);
});

test('a stream that is filled again begins to count again, and nobody misses anything', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  await hearer.start(nats, patient);
  await told(ground, relay, 5);
  await until(async () => (await hearer.notes()).length === 5);
  const epochOf = async () => (await hearer.sql<{ epoch: string }>('SELECT epoch FROM heard'))[0]?.epoch;
  const first = await until(epochOf);
  await nats.manager.streams.delete(ordersStream(nats));
  await ground.change('one');
  relay.wake();
  await until(async () => (await hearer.notes()).length === 6, generous);
  await until(async () => (await epochOf()) !== first, generous);
  await until(async () => {
    const [row] = await hearer.sql<{ heard: string }>('SELECT numbers::text AS heard FROM heard');
    return row?.heard === '{[0,7)}';
  }, generous);
  expect(await hearer.counted('consumer_gaps_total')).toBe(0);
});

test('what a consumer forgot, because its database went back to an earlier moment, is told again', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  const before = await hearer.start(nats);
  await told(ground, relay, 8);
  await until(async () => (await hearer.notes()).length === 8);
  await until(async () => (await hearer.sql('SELECT FROM heard WHERE upper(numbers) = 9')).length === 1, generous);
  await before.close();
  await hearer.sql('DELETE FROM note WHERE version > 3');
  await hearer.sql('DELETE FROM inbox WHERE message_id NOT IN (SELECT message_id FROM inbox ORDER BY at LIMIT 3)');
  await hearer.sql(`UPDATE heard SET numbers = numbers - '{[4,8]}'`);
  await hearer.start(nats);
  await until(async () => (await hearer.notes()).length === 8, generous);
  expect(await hearer.notes()).toEqual(all(8));
});

test('what its teller keeps no longer is given up, counted, and not asked for for ever', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  await told(ground, relay, 4);
  await ground.sql('DELETE FROM outbox WHERE aggregate_version <= 2');
  await lose(nats, 2);
  await hearer.start(nats);
  const lost = async () =>
    (await hearer.registry.getSingleMetric('consumer_gaps_total')?.get())?.values.find(
      ({ labels }) => labels.outcome === 'lost',
    )?.value;
  await until(async () => (await lost()) === 1, generous);
  await until(async () => (await hearer.counted('consumer_missing')) === 0);
  expect(await hearer.notes()).toEqual(['one 1', 'one 3', 'one 4']);
});

test('a message that is tried again is not missed', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  let failures = 0;
  const stubborn: Consumer<SqlTx> = consumer({
    event: thingChanged,
    durable,
    handle: async (_, { version }) => {
      if (version === 2 && ++failures < 4) throw new Error('not yet');
    },
  });
  await hearer.start(nats, { consumers: [stubborn] });
  await told(ground, relay, 4);
  await until(() => failures === 4, generous);
  await until(async () => (await hearer.sql('SELECT FROM heard WHERE upper(numbers) = 5')).length === 1, generous);
  expect(await hearer.counted('consumer_gaps_total')).toBe(0);
});

test('many that are missed at once come in bounded portions', async () => {
  const [ground, nats, hearer] = await Promise.all([layGround(), aNats(), aHearer()]);
  const relay = await aRelay(ground, nats, { lookEveryMs: 100 });
  await ground.sql(
    `INSERT INTO outbox (id, subject, aggregate_id, aggregate_version, data)
     SELECT gen_random_uuid(), 'orders.thing.changed.v1', 'one', n, jsonb_build_object('thingId', 'one', 'version', n)
     FROM generate_series(1, 600) AS n`,
  );
  relay.wake();
  await until(() => relay.status().published === 600, generous);
  await nats.manager.streams.purge(ordersStream(nats), { seq: 591 });
  await hearer.sql(`INSERT INTO heard (consumer, epoch, numbers) VALUES ($1, 'of another time', '{[0,9]}')`, [durable]);
  await hearer.start(nats);
  await until(async () => (await hearer.notes()).length === 600, generous);
}, 80_000);
