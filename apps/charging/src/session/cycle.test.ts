import { sessionFinished, sessionMetered, sessionStarted } from '@forecourt/contracts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../test/bay.ts';
import { finishSession, startSession } from './driving.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());
beforeEach(() => {
  bay.answer = () => 'accepted';
  bay.wallets.misbehave = () => undefined;
});

const stateOf = async (deviceId: string) =>
  (await bay.deps.prisma.device.findUniqueOrThrow({ where: { id: deviceId } })).state;
const newsOf = async (sessionId: string) => {
  const all = [];
  for (const { subject } of [sessionStarted, sessionMetered, sessionFinished]) {
    for (const data of await bay.told(subject)) {
      if (data.sessionId === sessionId) all.push(data);
    }
  }
  return all.toSorted((a, b) => Number(a.version) - Number(b.version));
};

test('a whole session: held, started, charged, waited for, stopped, paid, and the rest given back', async () => {
  const scene = await bay.scene();
  const { customerId, deviceId, stationId } = scene;
  const station = stationOf(bay, scene);

  const started = await startSession(bay.deps, { customerId, deviceId });
  expect(started).toMatchObject({ state: 'starting', price: 70_000n, waitingPrice: 10_000n });
  expect(bay.wallets.held(customerId)).toBe(50_000n);
  expect(await stateOf(deviceId)).toBe('Busy');
  expect(bay.asked.at(-1)).toEqual({
    stationId,
    wish: { action: 'remoteStart', connector: 1, idToken: started.idToken, remoteStartId: started.number },
  });

  bay.pass(20);
  await station.say('Preparing');
  const { number, status } = await station.begin({ idToken: started.idToken?.toLowerCase() ?? null });
  expect([number, status]).toEqual([started.number, 'Accepted']);
  await station.say('Charging');
  for (const wh of [1_100n, 1_200n, 1_300n]) {
    bay.pass(60);
    await station.meter(wh, { transactionId: String(number) });
  }
  expect(await bay.session(started.id)).toMatchObject({ state: 'charging', energyWh: 300n, amount: 21_000n });

  const ended = await finishSession(bay.deps, { customerId, deviceId });
  expect(ended.id).toBe(started.id);
  await bay.settle();
  expect(bay.asked.at(-1)?.wish).toEqual({ action: 'remoteStop', transactionId: String(number) });
  bay.pass(5);
  expect(await station.end(String(number), 1_310n, { reason: 'Remote' })).toEqual({
    sessionId: started.id,
    status: 'Accepted',
  });
  bay.pass(5 * 60 + 61);
  await station.say('Available');
  await bay.settle();

  const amount = 21_700n + 2n * 10_000n;
  expect(await bay.session(started.id)).toMatchObject({
    state: 'finished',
    energyWh: 310n,
    amount,
    paid: amount,
    settled: amount,
    flag: null,
  });
  expect(bay.wallets.balance(customerId)).toBe(100_000n - amount);
  expect(bay.wallets.mistakes()).toEqual([]);
  expect(await stateOf(deviceId)).toBe('Idle');
  expect((await finishSession(bay.deps, { customerId, deviceId })).id).toBe(started.id);

  const news = await newsOf(started.id);
  expect(news.map(({ state }) => state)).toEqual([
    'starting',
    'charging',
    'charging',
    'charging',
    'charging',
    'waiting',
    'finished',
    'finished',
  ]);
  const whole = { energyWh: 310, durationSec: 185, waitingSec: 61, amount: Number(amount) };
  expect(news.slice(-2)).toMatchObject([
    { ...whole, paid: 0 },
    { ...whole, paid: Number(amount) },
  ]);
  expect(new Set(news.map(({ version }) => version)).size).toBe(news.length);
});
