import { openDatabase } from '@forecourt/service-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDevice } from '../../test/builders.ts';
import { openSite, type Site } from '../../test/site.ts';
import { saveState } from '../device/store.ts';
import { createDeviceMap } from './copy.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** A busy machine is not what these are about. */
const patienceMs = 60_000;
const mapOf = (maxAgeMs = 0) =>
  createDeviceMap({ database: site.deps.database, log: site.deps.log, maxAgeMs, patienceMs });
let rows = 0;
/** A row of the world that no other test looks at. */
const aPlace = () => {
  rows += 1;
  const latitude = rows;
  return { latitude, box: { west: 0, south: latitude, east: 10, north: latitude } };
};
const change = (id: string, version: number, state: 'Idle' | 'Busy') =>
  saveState(site.deps.database, { id, version, state, changedAt: site.deps.clock() });

test('a device that is made, changes its state, moves or is taken off shows so at the next look', async () => {
  const { database } = site.deps;
  const { latitude, box } = aPlace();
  const elsewhere = aPlace();
  const map = mapOf();
  expect(await map.within(box)).toEqual([]);
  const { id } = await aDevice(database, { latitude, longitude: 5, number: 'UB-1', price: 70_000n });
  expect(await map.within(box)).toMatchObject([{ id, number: 'UB-1', price: 70_000n, state: 'Idle' }]);
  await change(id, 2, 'Busy');
  expect(await map.within(box)).toMatchObject([{ id, state: 'Busy' }]);

  await database.$executeRaw`UPDATE device SET latitude = ${elsewhere.latitude}, changed_xid = pg_current_xact_id() WHERE id = ${id}`;
  expect(await map.within(box)).toEqual([]);
  expect(await map.within(elsewhere.box)).toMatchObject([{ id, state: 'Busy' }]);
  await database.$executeRaw`UPDATE device SET active = false, changed_xid = pg_current_xact_id() WHERE id = ${id}`;
  expect(await map.within(elsewhere.box)).toEqual([]);
});

test('a transaction that began early and commits late is not missed, whatever committed meanwhile', async () => {
  const { database } = site.deps;
  const { latitude, box } = aPlace();
  const slow = await aDevice(database, { latitude, longitude: 1 });
  const quick = await aDevice(database, { latitude, longitude: 2 });
  const map = mapOf();
  const states = async () =>
    (await map.within(box)).sort((a, b) => a.longitude - b.longitude).map(({ state }) => state);
  expect(await states()).toEqual(['Idle', 'Idle']);

  await database.transaction(async (tx) => {
    await saveState(tx, { id: slow.id, version: 2, state: 'Busy', changedAt: site.deps.clock() });
    await change(quick.id, 2, 'Busy');
    expect(await states()).toEqual(['Idle', 'Busy']);
    await change(quick.id, 3, 'Idle');
    expect(await states()).toEqual(['Idle', 'Idle']);
  });
  expect(await states()).toEqual(['Busy', 'Idle']);
});

test.each([1, 2, 3, 7, 8, 9])('all devices are read, whatever part of them a page has (%i)', async (pageSize) => {
  const { database, log } = site.deps;
  const { latitude, box } = aPlace();
  const ids: string[] = [];
  for (let longitude = 1; longitude <= 8; longitude += 1)
    ids.push((await aDevice(database, { latitude, longitude })).id);
  const map = createDeviceMap({ database, log, pageSize });
  expect((await map.within(box)).map(({ id }) => id).sort()).toEqual(ids);
});

test('looks at once ask the database once', async () => {
  const { database } = site.deps;
  const { latitude, box } = aPlace();
  await aDevice(database, { latitude, longitude: 3 });
  const map = mapOf(60_000);
  await map.within(box);
  const statements: string[] = [];
  const stop = database.onStatement((sql) => statements.push(sql));
  await Promise.all(Array.from({ length: 50 }, () => map.within(box)));
  stop();
  expect(statements).toEqual([]);

  const impatient = mapOf();
  await impatient.within(box);
  const again = database.onStatement((sql) => statements.push(sql));
  expect(await Promise.all(Array.from({ length: 50 }, () => impatient.within(box)))).toHaveLength(50);
  again();
  expect(statements).toHaveLength(1);
});

test('while the database is away the map is shown as it was; who never saw it hears that it is away', async () => {
  const { latitude, box } = aPlace();
  const { id } = await aDevice(site.deps.database, { latitude, longitude: 3 });
  const mortal = openDatabase({ url: site.runtime.config.DATABASE_URL, applicationName: 'mortal' });
  const map = createDeviceMap({ database: mortal, log: site.deps.log, maxAgeMs: 0, patienceMs });
  const never = createDeviceMap({ database: mortal, log: site.deps.log, maxAgeMs: 0, patienceMs });
  await map.within(box);
  await mortal.close();
  expect(await map.within(box)).toMatchObject([{ id }]);
  await expect(never.within(box)).rejects.toThrow();
});

test('while the database says nothing the map is shown as it was, and as it is once it answers', async () => {
  const { database, log } = site.deps;
  const { latitude, box } = aPlace();
  const { id } = await aDevice(database, { latitude, longitude: 3 });
  const answers = Promise.withResolvers<void>();
  let stalls = false;
  const stalling = {
    ...database,
    $queryRaw: async <T>(strings: TemplateStringsArray, ...values: unknown[]): Promise<T> => {
      if (stalls) await answers.promise;
      return database.$queryRaw<T>(strings, ...values);
    },
  };
  const map = createDeviceMap({ database: stalling, log, maxAgeMs: 0, patienceMs: 1 });
  await map.within(box);
  await change(id, 2, 'Busy');
  stalls = true;
  expect(await map.within(box)).toMatchObject([{ state: 'Idle' }]);
  answers.resolve();
  await expect.poll(() => map.within(box)).toMatchObject([{ state: 'Busy' }]);
});

test('a database that went back in time is read anew', async () => {
  const { database } = site.deps;
  const { latitude, box } = aPlace();
  const { id } = await aDevice(database, { latitude, longitude: 3 });
  let behind = false;
  // Its transactions count from the beginning again, so that nothing in it looks new.
  const other = {
    ...database,
    $queryRaw: async <T>(strings: TemplateStringsArray, ...values: unknown[]): Promise<T> => {
      const rows = await database.$queryRaw<Record<string, unknown>[]>(strings, ...values);
      if (!behind || !strings.join('').includes('changed_xid')) return rows as T;
      return [{ id: null, horizon: '3' }] as T;
    },
  };
  const map = createDeviceMap({ database: other, log: site.deps.log, maxAgeMs: 0, patienceMs });
  expect(await map.within(box)).toMatchObject([{ state: 'Idle' }]);
  behind = true;
  await database.$executeRaw`UPDATE device SET state = 'Error' WHERE id = ${id}`;
  expect(await map.within(box)).toMatchObject([{ state: 'Error' }]);
});
