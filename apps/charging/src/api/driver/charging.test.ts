import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bay, openBay, type Scene, stationOf } from '../../../test/bay.ts';
import { aDevice, anId } from '../../../test/builders.ts';
import type { Outcome } from '../../station/wish.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());
beforeEach(() => {
  bay.answer = () => 'accepted';
  bay.wallets.misbehave = () => undefined;
});

async function aDriver(scene: Pick<Scene, 'customerId'> & Partial<Scene>) {
  const headers = await bay.asCustomer(scene.customerId);
  const press =
    (what: string) =>
    (deviceId: string | undefined = scene.deviceId, body?: unknown) =>
      bay.post(`/api/devices/${deviceId}/${what}`, body, headers);
  return { start: press('start'), finish: press('finish'), headers };
}
const startsAsked = (stationId: string) =>
  bay.asked.filter(({ stationId: of, wish }) => of === stationId && wish.action === 'remoteStart').length;

/** A driver whose session has begun. */
async function aCharge() {
  const scene = await bay.scene();
  const driver = await aDriver(scene);
  expect((await driver.start()).status).toBe(200);
  const [session] = await bay.sessionsOf(scene.deviceId);
  const station = stationOf(bay, scene);
  const { number, sessionId } = await station.begin({ idToken: session?.idToken ?? null });
  return { scene, driver, station, transactionId: String(number), id: sessionId as string };
}

test('a start answers when the device has accepted, with money held', async () => {
  const scene = await bay.scene();
  const driver = await aDriver(scene);
  const { status, text } = await driver.start(scene.deviceId, {});
  expect([status, text]).toEqual([200, '{}']);
  expect(startsAsked(scene.stationId)).toBe(1);
  expect(bay.wallets.held(scene.customerId)).toBe(50_000n);
  expect(await bay.sessionsOf(scene.deviceId)).toMatchObject([{ state: 'starting', customerId: scene.customerId }]);
});

test.each([
  ['rejected', 409, 'device_busy'],
  ['not_supported', 409, 'device_busy'],
  ['offline', 503, 'device_offline'],
  ['failed', 503, 'device_offline'],
  ['timeout', 504, 'device_timeout'],
] as const satisfies readonly [Outcome, number, string][])(
  'a device whose answer is %s is a %i, and nothing stays held',
  async (outcome, status, code) => {
    const scene = await bay.scene();
    bay.answer = () => outcome;
    const refused = await (await aDriver(scene)).start();
    expect([refused.status, refused.body.error.code]).toEqual([status, code]);
    await bay.settle();
    expect(bay.wallets.held(scene.customerId)).toBe(0n);
    expect(bay.wallets.balance(scene.customerId)).toBe(100_000n);
    expect(await bay.sessionsOf(scene.deviceId)).toMatchObject([{ state: 'failed', amount: 0n }]);
    bay.answer = () => 'accepted';
    expect((await (await aDriver(scene)).start()).status).toBe(200);
  },
);

test('who has too little is told how much is needed, and no station is asked', async () => {
  const scene = await bay.scene({ funds: 4_999n });
  const { status, body } = await (await aDriver(scene)).start();
  expect([status, body.error.code]).toEqual([402, 'insufficient_balance']);
  expect(body.error.message).toContain('50 UAH');
  expect(startsAsked(scene.stationId)).toBe(0);
});

test('where nobody can say what a wallet holds no station is asked, and what may be held comes free', async () => {
  const scene = await bay.scene();
  bay.wallets.misbehave = (call) => (call === 'place' ? 'lost' : undefined);
  expect((await (await aDriver(scene)).start()).status).toBeGreaterThanOrEqual(500);
  expect(startsAsked(scene.stationId)).toBe(0);
  bay.wallets.misbehave = () => undefined;
  bay.pass(60);
  await bay.settle();
  expect(bay.wallets.held(scene.customerId)).toBe(0n);
});

test('of many taps at once one starts, and money is held once', async () => {
  const scene = await bay.scene();
  const driver = await aDriver(scene);
  const answers = await Promise.all(Array.from({ length: 5 }, () => driver.start()));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  expect(startsAsked(scene.stationId)).toBe(1);
  expect(bay.wallets.held(scene.customerId)).toBe(50_000n);
});

test('a device in use is busy, to whoever uses it as to others', async () => {
  const { scene, driver } = await aCharge();
  expect((await driver.start()).body.error.code).toBe('device_busy');
  const other = await aDriver({ customerId: anId(), deviceId: scene.deviceId });
  expect((await other.start()).body.error.code).toBe('device_busy');
});

test('a finish asks the station to stop and answers the purchase; so does a second one, also when all is over', async () => {
  const { scene, driver, station, transactionId, id } = await aCharge();
  await station.meter(1_250n, { transactionId });
  const { status, body } = await driver.finish();
  expect([status, body]).toEqual([200, { id }]);
  await bay.settle();
  expect(bay.asked.at(-1)?.wish).toEqual({ action: 'remoteStop', transactionId });
  expect((await driver.finish(scene.deviceId, {})).body).toEqual({ id });

  await station.end(transactionId, 1_300n, { reason: 'Remote' });
  await station.say('Available');
  await bay.settle();
  expect((await driver.finish()).body).toEqual({ id });
  expect(await bay.session(id)).toMatchObject({ state: 'finished', energyWh: 300n, amount: 21_000n, paid: 21_000n });
});

test('nobody ends what is another’s, nor what never was', async () => {
  const { scene } = await aCharge();
  const other = await aDriver({ customerId: anId(), deviceId: scene.deviceId });
  const refused = await other.finish();
  expect([refused.status, refused.body.error.code]).toEqual([404, 'purchase_not_found']);
  expect((await other.finish((await aDevice(bay.deps.database)).id)).status).toBe(404);
  expect(await bay.sessionsOf(scene.deviceId)).toMatchObject([{ state: 'charging', stopAskedAt: null }]);
});

test('a start that nobody has plugged in for is taken back by a finish', async () => {
  const scene = await bay.scene();
  const driver = await aDriver(scene);
  await driver.start();
  expect((await driver.finish()).status).toBe(200);
  await bay.settle();
  expect(await bay.sessionsOf(scene.deviceId)).toMatchObject([{ state: 'failed', amount: 0n }]);
  expect(bay.wallets.held(scene.customerId)).toBe(0n);
});

test.each(['start', 'finish'] as const)('a %s is for who has signed in, of devices that there are', async (what) => {
  const driver = await aDriver({ customerId: anId() });
  expect((await bay.post(`/api/devices/${anId()}/${what}`)).status).toBe(401);
  expect((await driver[what](anId())).status).toBe(404);
  expect((await driver[what]('not-an-id')).status).toBe(400);
  expect((await driver[what]((await bay.scene()).deviceId, { now: true })).status).toBe(400);
});
