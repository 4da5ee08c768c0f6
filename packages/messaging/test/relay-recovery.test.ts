import { layCable, until } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { aNats, aRelay, layGround, ordersStream, storedIn, versionsByThing } from './fixture.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('what was committed before a crash is published after it, and published twice it is stored once', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  await ground.change('one');
  const first = await aRelay(ground, nats);
  await until(() => first.status().published === 1);
  await first.close();
  // a crash between the acknowledgement and the cursor: the cursor is where it was before
  await ground.sql(`UPDATE outbox_cursor SET xid = '0', seq = 0, stream_seq = 0`);
  await ground.change('two');
  const second = await aRelay(ground, nats);
  await until(() => second.status().published === 2);
  expect((await storedIn(nats)).map(({ thingId }) => thingId)).toEqual(['one', 'two']);
});

test('when the active relay dies a standby takes over, and only one is ever active', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relays = [await aRelay(ground, nats), await aRelay(ground, nats), await aRelay(ground, nats)];
  const active = () => relays.filter((relay) => relay.status().active);
  const [first] = [await until(() => active()[0])];
  await ground.change('one');
  await until(() => first?.status().published === 1);
  expect(active()).toHaveLength(1);

  await first?.close();
  await ground.change('two');
  const next = await until(() => active()[0]);
  await until(() => next?.status().published === 1);
  expect(active()).toHaveLength(1);
  expect((await storedIn(nats)).map(({ thingId }) => thingId)).toEqual(['one', 'two']);
});

test('a relay whose database connection is killed goes on by itself', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  await until(() => relay.status().active);
  await ground.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'orders relay'
                    AND datname = current_database()`);
  await until(() => !relay.status().active);
  await ground.change('one');
  await until(() => relay.status().published === 1);
});

test('a relay that is cut off from the stream lets another one publish', async () => {
  const ground = await layGround();
  const nats = await aNats();
  const cable = await layCable(nats.url);
  onTestFinished(() => cable.close());
  const cutNats = await aNats({ url: cable.url, streamPrefix: nats.streamPrefix });
  const cutOff = await aRelay(ground, cutNats, { stepDownAfterMs: 200 });
  await until(() => cutOff.status().active);
  const other = await aRelay(ground, nats);
  cable.cut();
  await ground.change('one');
  await until(() => other.status().published === 1);
  cable.mend();
  await until(() => cutNats.isConnected());
});

test('while nobody can publish the lag still rises, on who stands by as well', async () => {
  const ground = await layGround();
  const nats = await aNats();
  const cable = await layCable(nats.url);
  onTestFinished(() => cable.close());
  const relays = await Promise.all(
    [1, 2].map(async () => {
      const behind = await aNats({ url: cable.url, streamPrefix: nats.streamPrefix });
      return aRelay(ground, behind, { lookEveryMs: 50, stepDownAfterMs: 200 });
    }),
  );
  await until(() => relays.some((relay) => relay.status().active));
  cable.cut();
  await ground.change('one');
  await until(() => relays.every((relay) => relay.status().lagSeconds > 0));
  cable.mend();
  await until(() => relays.every((relay) => relay.status().lagSeconds === 0));
});

test('a standby that is woken wakes the active relay of another process', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const active = await aRelay(ground, nats);
  await until(() => active.status().active);
  const elsewhere = await aNats({ streamPrefix: nats.streamPrefix });
  const standby = await aRelay(ground, elsewhere);
  const wakes: string[] = [];
  nats.connection.subscribe(`${nats.streamPrefix}.outbox.wake.>`, {
    callback: (_, { subject }) => void wakes.push(subject),
  });
  await nats.connection.flush();
  standby.wake();
  await until(() => wakes.length === 1);
  expect(wakes).toEqual([`${nats.streamPrefix}.outbox.wake.orders`]);
});

test('a deleted stream is made again and filled from the outbox', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  for (const _ of upTo(5)) await ground.change('one');
  await until(() => relay.status().published === 5);
  await nats.manager.streams.delete(ordersStream(nats));
  await ground.change('one');
  relay.wake();
  await until(async () => (await storedIn(nats)).length === 6);
  expect(versionsByThing(await storedIn(nats))).toEqual([upTo(6)]);
  await until(() => relay.status().rebuilds === 1);
});

test('a stream that somebody else made again is noticed before anything new is lost in it', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  for (const _ of upTo(3)) await ground.change('one');
  await until(() => relay.status().published === 3);
  const { config } = await nats.manager.streams.info(ordersStream(nats));
  await nats.manager.streams.delete(ordersStream(nats));
  await nats.manager.streams.add(config);
  await ground.change('one');
  relay.wake();
  await until(async () => (await storedIn(nats)).length >= 4);
  await until(() => relay.status().rebuilds === 1);
  const [versions = []] = versionsByThing(await storedIn(nats));
  expect([...new Set(versions)].sort()).toEqual(upTo(4));
});

test('a database restored from a dump is published again, rows with ids from its future included', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const before = await aRelay(ground, nats);
  for (const _ of upTo(12)) await ground.change('one');
  await until(() => before.status().published === 12);
  await before.close();
  await nats.manager.streams.purge(ordersStream(nats));
  // what a dump leaves in a younger cluster: old transaction ids, some already reached again, most still to come
  await ground.sql(`UPDATE outbox SET xid = (seq % 3 * 1000000000000 + seq)::text::xid8`);
  await ground.sql(`UPDATE outbox_cursor SET xid = '1000000000012', seq = 12, system_id = '1'`);
  await ground.change('one');
  const after = await aRelay(ground, await aNats({ streamPrefix: nats.streamPrefix }));
  await until(() => after.status().published === 13);
  await until(() => after.status().rebuilds === 1);
  const order = await ground.sql<{ version: number }>(
    'SELECT aggregate_version AS version FROM outbox ORDER BY xid, seq',
  );
  expect(order.map(({ version }) => version)).toEqual(upTo(13));
  await ground.change('one');
  await until(() => after.status().published === 14);
});

test('a cursor that is ahead of the cluster is reset even where the cluster may not be identified', async () => {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  await ground.sql(`INSERT INTO outbox_cursor (stream, xid, seq) VALUES ($1, '900000000000', 1)`, [ordersStream(nats)]);
  await ground.change('one');
  const relay = await aRelay(ground, nats);
  await until(() => relay.status().published === 1);
  expect(relay.status().rebuilds).toBe(1);
});

test('a broker that goes away and comes back loses nothing', async () => {
  const ground = await layGround();
  const nats = await aNats();
  const cable = await layCable(nats.url);
  onTestFinished(() => cable.close());
  const relay = await aRelay(ground, await aNats({ url: cable.url, streamPrefix: nats.streamPrefix }));
  await ground.change('one');
  await until(() => relay.status().published === 1);
  cable.cut();
  for (const _ of upTo(3)) await ground.change('one');
  relay.wake();
  cable.mend();
  await until(() => relay.status().published >= 4);
  expect(versionsByThing(await storedIn(nats))).toEqual([upTo(4)]);
});
