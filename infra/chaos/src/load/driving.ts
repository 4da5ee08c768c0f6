import { setTimeout as sleep } from 'node:timers/promises';
import type { Charge } from '@forecourt/local/stations';
import type { Operation } from '../history.ts';
import type { Random } from '../random.ts';
import type { Bay } from '../yard.ts';
import { type Crowd, patienceMs } from './crowd.ts';
import type { Driver } from './driver.ts';

const lookEveryMs = 50;
/** From a driver's wish until the cable is in. */
const beginsWithinMs = 13_000;
/** For a station that was told late: its central system may wait a minute for more of it. */
const stopsWithinMs = 20_000;

/** Somebody drives up to a device that is free, charges and leaves; their station does not always do its part. */
export async function driveUp(crowd: Crowd): Promise<void> {
  const { random, yard } = crowd;
  const free = yard.bays.filter(({ taken, station }) => !taken && !station.outlet().plugged);
  if (free.length === 0) return;
  const bay = random.pick(free);
  const driver = random.pick(crowd.drivers);
  bay.taken = true;
  try {
    await visit(crowd, bay, driver);
  } finally {
    bay.taken = false;
  }
}

async function visit(crowd: Crowd, bay: Bay, driver: Driver): Promise<void> {
  const { random } = crowd;
  const { station } = bay;
  const outlet = station.outlet();
  const before = outlet.charges.length;
  const comes = random.chance(0.92);
  station.switches.plugInAfterMs = comes ? random.below(1_500) : null;
  const asked = random.chance(0.2) ? await showCard(bay, driver) : await start(crowd, bay, driver);
  const begun = () => outlet.charges.length > before;
  if (asked && comes) await waitUntil(begun, beginsWithinMs);
  station.switches.plugInAfterMs = null;
  if (!begun()) {
    if (asked) await finish(crowd, bay, driver);
    await sleep(200);
    if (!begun()) return;
  }
  await charge(crowd, bay, driver, outlet.charges.at(-1) as Charge);
}

async function charge(crowd: Crowd, bay: Bay, driver: Driver, own: Charge): Promise<void> {
  const { random, over } = crowd;
  const outlet = bay.station.outlet();
  const wait = (ms: number) => sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  await wait(random.between(500, 4_000));
  await happen(bay, random, wait);
  await wait(random.between(300, 2_500));

  const way = random.next();
  const isNamed = way < 0.65 && (await endByApp(crowd, bay, driver, own));
  if (!isNamed) bay.unnamed.add(driver.customerId);
  if (way >= 0.65 && way < 0.8) outlet.stop('Local', own.idToken);
  await wait(random.between(0, 1_500));
  if (own !== bay.promised || own.flow === 'stopped') outlet.unplug();
  if (random.chance(0.3)) await judge(crowd, driver);
}

/** Whether the answer named this charge, and no other. */
async function endByApp(crowd: Crowd, bay: Bay, driver: Driver, own: Charge): Promise<boolean> {
  const known = new Set(bay.purchases);
  const finished = await finish(crowd, bay, driver);
  const { purchaseId } = finished?.about ?? {};
  // Otherwise it is somebody else's, whose wish came late when they had left; this driver's is the one before, whose end may
  // not have been told yet, and nor may the beginning of this one.
  const isNew = purchaseId !== undefined && !known.has(purchaseId) && !bay.unnamed.has(driver.customerId);
  if (finished?.outcome !== 'ok' || !isNew) return false;
  if (own.flow !== 'stopped') bay.promised = own;
  await waitUntil(() => own.flow === 'stopped' || crowd.over.signal.aborted, stopsWithinMs);
  return true;
}

/** What stations go through in the midst of a charge. */
async function happen(bay: Bay, random: Random, wait: (ms: number) => Promise<void>): Promise<void> {
  const { station } = bay;
  const outlet = station.outlet();
  const what = random.next();
  if (what < 0.12) station.cut();
  else if (what < 0.2) {
    station.goOffline();
    await wait(random.between(500, 4_000));
    if (random.chance(0.4)) outlet.unplug();
    station.goOnline();
  } else if (what < 0.27) station.losePower();
  else if (what < 0.33) {
    outlet.suspend(random.chance(0.5) ? 'EV' : 'EVSE');
    await wait(random.between(300, 1_500));
    outlet.resume();
  } else if (what < 0.37) {
    outlet.fault();
    await wait(random.between(300, 1_500));
    outlet.recover();
  } else if (what < 0.5) station.line.cutAfter(random.chance(0.5) ? 'StopTransaction' : 'TransactionEvent');
}

/** true: the station may begin, now or a little later. */
async function start(crowd: Crowd, bay: Bay, driver: Driver): Promise<boolean> {
  const tap = () =>
    crowd.client.call({
      kind: 'start-charge',
      method: 'POST',
      path: `/api/devices/${bay.deviceId}/start`,
      about: { customerId: driver.customerId, deviceId: bay.deviceId },
      token: driver.token,
      timeoutMs: patienceMs(crowd),
    });
  const answers = await Promise.all(crowd.random.chance(0.15) ? [tap(), tap()] : [tap()]);
  return answers.some(({ outcome }) => outcome !== 'fail');
}

async function showCard({ station }: Bay, { card }: Driver): Promise<boolean> {
  if (card === undefined) return false;
  return await station.presentCard(card).catch(() => false);
}

const mostTries = 6;

/** Until somebody has said yes or no to it. */
async function finish(crowd: Crowd, bay: Bay, driver: Driver): Promise<Operation | undefined> {
  for (let tries = 0; tries < mostTries; tries++) {
    const operation = await crowd.client.call({
      kind: 'finish-charge',
      method: 'POST',
      path: `/api/devices/${bay.deviceId}/finish`,
      about: { customerId: driver.customerId, deviceId: bay.deviceId },
      token: driver.token,
      learn: (body) => ({ purchaseId: (body as { id: string }).id }),
      timeoutMs: patienceMs(crowd),
    });
    if (operation.about.purchaseId !== undefined) {
      driver.purchase = operation.about.purchaseId;
      bay.purchases.add(driver.purchase);
    }
    if (operation.outcome !== 'unknown') return operation;
    await sleep(500);
  }
  return undefined;
}

async function judge(crowd: Crowd, { customerId, token, purchase }: Driver): Promise<void> {
  if (purchase === undefined) return;
  const score = 1 + crowd.random.below(5);
  await crowd.client.call({
    kind: 'give-feedback',
    method: 'POST',
    path: `/api/purchases/${purchase}/feedback`,
    about: { customerId, purchaseId: purchase },
    body: { feedback: { score, description: 'fast' } },
    token,
    timeoutMs: patienceMs(crowd),
  });
}

const box = 'bottom-left-longitude=106&bottom-left-latitude=47&upper-right-longitude=107&upper-right-latitude=48';

export async function lookAtMap(crowd: Crowd): Promise<void> {
  await crowd.client.call({
    kind: 'find-devices',
    method: 'GET',
    path: `/api/devices/by-location?${box}`,
    timeoutMs: patienceMs(crowd),
  });
}

async function waitUntil(isSo: () => boolean, mostMs: number): Promise<void> {
  for (let waited = 0; waited < mostMs && !isSo(); waited += lookEveryMs) await sleep(lookEveryMs);
}
