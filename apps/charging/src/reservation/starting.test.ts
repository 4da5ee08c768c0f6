import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bay, openBay, type Scene, stationOf } from '../../test/bay.ts';
import { anId } from '../../test/builders.ts';
import { findDevice } from '../device/store.ts';
import { startSession } from '../session/driving.ts';
import { reserve } from './service.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());

const aReservation = async () => {
  const scene = await bay.scene();
  await reserve(bay.deps, scene);
  const { idToken } = await bay.deps.prisma.reservation.findFirstOrThrow({ where: { deviceId: scene.deviceId } });
  return { scene, idToken };
};
const statusOf = async ({ deviceId }: Scene) =>
  (await bay.deps.prisma.reservation.findFirstOrThrow({ where: { deviceId } })).status;
const startsAskedOf = ({ stationId }: Scene) =>
  bay.asked.flatMap(({ stationId: of, wish }) =>
    of === stationId && wish.action === 'remoteStart' ? [wish.idToken] : [],
  );

test('whose reservation it is starts with its token, which is all that the station lets in, and uses it up', async () => {
  const { scene, idToken } = await aReservation();
  const station = stationOf(bay, scene);
  await station.say('Reserved');
  const session = await startSession(bay.deps, scene);
  expect(startsAskedOf(scene)).toEqual([idToken]);
  expect(await statusOf(scene)).toBe('active');

  await station.begin({ idToken });
  expect(await bay.session(session.id)).toMatchObject({ state: 'charging', customerId: scene.customerId });
  expect(await statusOf(scene)).toBe('used');
  expect(await findDevice(bay.deps.database, scene.deviceId)).toMatchObject({ state: 'Busy', reservedFor: null });
});

test('nobody else starts it', async () => {
  const { scene } = await aReservation();
  const customerId = anId();
  bay.wallets.fund(customerId, 100_000n);
  await expect(startSession(bay.deps, { ...scene, customerId })).rejects.toMatchObject({ code: 'device_busy' });
  expect(startsAskedOf(scene)).toEqual([]);
});

test('a start that comes to nothing leaves it as it was', async () => {
  const { scene, idToken } = await aReservation();
  bay.answer = ({ action }) => (action === 'remoteStart' ? 'rejected' : 'accepted');
  await expect(startSession(bay.deps, scene)).rejects.toMatchObject({ category: 'failed_precondition' });
  bay.answer = () => 'accepted';
  await bay.settle();
  expect(await statusOf(scene)).toBe('active');
  await startSession(bay.deps, scene);
  expect(startsAskedOf(scene)).toEqual([idToken, idToken]);
});
