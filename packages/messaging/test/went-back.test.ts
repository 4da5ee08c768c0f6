import { until } from '@forecourt/testing';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { consumer, type SqlTx, startConsumers } from '../src/index.ts';
import { aNats, aRelay, type Ground, layGround, silent, thingChanged } from './fixture.ts';

/** What a dump holds of a service, and what its restore leaves: rows as they were, transaction ids included. */
async function dump(ground: Ground): Promise<() => Promise<void>> {
  const tables = ['outbox', 'outbox_cursor', 'thing'];
  for (const table of tables) await ground.sql(`CREATE TABLE dump_${table} AS TABLE ${table}`);
  return async () => {
    for (const table of tables) {
      await ground.sql(`TRUNCATE ${table}`);
      await ground.sql(`INSERT INTO ${table} SELECT * FROM dump_${table}`);
    }
    await ground.sql(`SELECT setval(pg_get_serial_sequence('outbox', 'seq'), (SELECT max(seq) FROM outbox))`);
  };
}

async function aListener(nats: Awaited<ReturnType<typeof aNats>>) {
  const ground = await layGround();
  await ground.sql('CREATE TABLE copy (thing text PRIMARY KEY, version int)');
  const consuming = await startConsumers({
    nats,
    service: 'catalog',
    consumers: [
      consumer({
        event: thingChanged,
        durable: 'catalog-copies-on-thing-changed',
        guard: 'version',
        handle: async (tx: SqlTx, { thingId, version }) => {
          await tx.$executeRaw`
            INSERT INTO copy VALUES (${thingId}, ${version})
            ON CONFLICT (thing) DO UPDATE SET version = excluded.version WHERE excluded.version > copy.version`;
        },
      }),
    ],
    transact: ground.transact,
    log: silent,
  });
  onTestFinished(() => consuming.close());
  return async () => (await ground.sql<{ version: number }>('SELECT version FROM copy'))[0]?.version;
}

test('a database that went back raises its versions once, and is heard again by who knows the time in between', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const copied = await aListener(nats);
  const before = await aRelay(ground, nats);
  for (const _ of [1, 2]) await ground.change('one');
  await until(() => before.status().published === 2);
  await before.close();
  const restore = await dump(ground);
  const between = await aRelay(ground, nats);
  for (const _ of [3, 4, 5]) await ground.change('one');
  await until(() => between.status().published === 3);
  await until(async () => (await copied()) === 5);
  await between.close();

  await restore();
  let lifted = 0;
  const liftVersions = async (tx: SqlTx) => {
    lifted += await tx.$executeRaw`UPDATE thing SET version = version + 1000`;
  };
  const registry = new Registry();
  const after = await aRelay(ground, nats, { liftVersions, metrics: { registry } });
  await until(() => lifted === 1);
  await until(async () =>
    (await registry.getSingleMetricAsString('outbox_rebuilds_total')).includes('database_went_back'),
  );
  await ground.change('one');
  await until(async () => (await copied()) === 1003);
  await after.close();

  const again = await aRelay(ground, nats, { liftVersions });
  await until(() => again.status().active);
  await ground.change('one');
  await until(async () => (await copied()) === 1004);
  expect(lifted).toBe(1);
});

test('a relay that crashed before it could note what it had published has not gone back', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const first = await aRelay(ground, nats);
  await ground.change('one');
  await until(() => first.status().published === 1);
  await first.close();
  await ground.sql(`UPDATE outbox_cursor SET xid = '0', seq = 0, stream_seq = 0, numbers = '{}'`);
  let lifted = false;
  const liftVersions = async () => {
    lifted = true;
  };
  const second = await aRelay(ground, nats, { liftVersions });
  await until(() => second.status().published === 1);
  expect(lifted).toBe(false);
  expect(second.status().rebuilds).toBe(0);
});
