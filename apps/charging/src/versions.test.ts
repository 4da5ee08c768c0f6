import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bay, openBay } from '../test/bay.ts';
import { startSession } from './session/driving.ts';
import { liftVersions } from './versions.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());

test('after a restore of an older state every version, and every number that stations know, is above all that were told', async () => {
  const scene = await bay.scene();
  const { database, prisma } = bay.deps;
  const session = await startSession(bay.deps, scene);
  const device = await prisma.device.findUniqueOrThrow({ where: { id: scene.deviceId } });
  await database.transaction(liftVersions);
  expect((await bay.session(session.id)).version).toBe(session.version + 1_000_000);
  expect((await prisma.device.findUniqueOrThrow({ where: { id: scene.deviceId } })).version).toBe(
    device.version + 1_000_000,
  );
  const next = await startSession(bay.deps, await bay.scene());
  expect(next.number).toBeGreaterThan(session.number + 1_000_000);
});

test('the map reads again what was restored', async () => {
  const { deviceId } = await bay.scene();
  const here = { west: -180, south: -90, east: 180, north: 90 };
  const seen = async () => (await bay.deps.map.within(here)).find(({ id }) => id === deviceId)?.price;
  // Others on this server have transactions, too: while one is older than the device, that is read again with each look.
  const isOld = async () =>
    bay.deps.database.$queryRaw<unknown[]>`
      SELECT FROM device WHERE id = ${deviceId} AND changed_xid < pg_snapshot_xmin(pg_current_snapshot())`;
  await until(async () => (await isOld()).length > 0);
  expect(await seen()).toBe(70_000n);
  await bay.deps.database.$executeRaw`UPDATE device SET price = 1 WHERE id = ${deviceId}`;
  expect(await seen()).toBe(70_000n);
  await bay.deps.database.transaction(liftVersions);
  expect(await seen()).toBe(1n);
});
