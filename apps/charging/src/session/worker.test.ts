import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../test/bay.ts';
import { aCard } from '../../test/builders.ts';
import { startWorker } from './worker.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());

const begun = async () => {
  const scene = await bay.scene();
  const { token } = await aCard(bay.runtime.database, { customerId: scene.customerId });
  const station = stationOf(bay, scene);
  const begin = async () => ({ ...scene, station, ...(await station.begin({ idToken: token })) });
  return { ...scene, station, begin };
};
const anHour = 3_600_000;

test('a worker looks as soon as its process changed a session, is held up by no slow answer, and finishes what it has in hand', async () => {
  const [slow, quick] = [await begun(), await begun()];
  const answer = Promise.withResolvers<undefined>();
  bay.wallets.misbehave = (call) =>
    call === 'place' && bay.wallets.calls.filter((one) => one.call === 'place').length === 1
      ? answer.promise
      : undefined;
  const worker = startWorker(bay.deps, anHour);
  await slow.begin();
  await until(() => bay.wallets.calls.length === 1);
  await quick.begin();
  await until(() => bay.wallets.held(quick.customerId) > 0n);
  expect(bay.wallets.held(slow.customerId)).toBe(0n);

  const closing = worker.close();
  answer.resolve(undefined);
  await closing;
  expect(bay.wallets.held(slow.customerId)).toBe(50_000n);
  bay.wallets.misbehave = () => undefined;
});

test('what a process had in hand when it died is another one’s when its lease is over', async () => {
  const { begin, customerId } = await begun();
  const { sessionId } = await begin();
  const now = bay.runtime.clock();
  const lease = new Date(now.getTime() + 60_000);
  await bay.runtime.database.$executeRaw`
    UPDATE session SET taken_until = ${lease}::timestamptz WHERE id = ${sessionId}`;
  bay.pass(59);
  await bay.settle();
  expect(bay.wallets.held(customerId)).toBe(0n);
  bay.pass(1);
  await bay.settle(bay.secondProcess());
  expect(bay.wallets.held(customerId)).toBe(50_000n);
});

test('one that fails is tried again ever later, and keeps nobody from being looked at', async () => {
  const [broken, sound] = [await begun(), await begun()];
  const { sessionId, number } = await broken.begin();
  await bay.settle();
  bay.wallets.misbehave = (_call, key) => (key.includes(String(sessionId)) ? 'away' : undefined);
  await broken.station.end(String(number), 1_100n, { reason: 'EVDisconnected' });
  await sound.begin();
  await bay.settle();
  expect([bay.wallets.held(broken.customerId), bay.wallets.held(sound.customerId)]).toEqual([50_000n, 50_000n]);

  const tries = () => bay.wallets.calls.filter(({ call }) => call === 'capture').length;
  const waits: number[] = [];
  for (let count = 1; count <= 8; count += 1) {
    const { notBefore } = await bay.session(sessionId as string);
    const seconds = ((notBefore as Date).getTime() - bay.runtime.clock().getTime()) / 1_000;
    waits.push(seconds);
    bay.pass(seconds - 1);
    await bay.settle();
    expect(tries()).toBe(count);
    bay.pass(1);
    await bay.settle();
  }
  expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
  bay.wallets.misbehave = () => undefined;
  bay.pass(300);
  await bay.settle();
  expect(await bay.session(sessionId as string)).toMatchObject({ paid: 7_000n, attempts: 0, notBefore: null });
  expect(bay.wallets.held(broken.customerId)).toBe(0n);
});

test('a station is asked to stop what nothing is held for, though payments stays away; what was used is paid for later', async () => {
  const { begin, customerId, station, stationId } = await begun();
  bay.wallets.misbehave = (call) => (call === 'place' || call === 'charge' ? 'away' : undefined);
  const { sessionId, number } = await begin();
  await station.meter(1_200n);
  const stops = () => bay.asked.filter((one) => one.stationId === stationId && one.wish.action === 'remoteStop');
  for (let seconds = 0; seconds < 60; seconds += 5) {
    await bay.settle();
    expect(stops()).toEqual([]);
    bay.pass(5);
  }
  await bay.settle();
  expect(stops()).toHaveLength(1);
  await station.end(String(number), 1_300n, { reason: 'Remote' });
  await station.say('Available');
  bay.wallets.misbehave = () => undefined;
  bay.pass(300);
  await bay.settle();
  expect(await bay.session(sessionId as string)).toMatchObject({
    state: 'finished',
    reason: 'Remote',
    energyWh: 300n,
    amount: 21_000n,
    paid: 21_000n,
  });
  expect(bay.wallets.held(customerId)).toBe(0n);
});
