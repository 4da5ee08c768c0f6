import { sessionFinished, sessionStarted } from '@forecourt/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bay, openBay, type Scene, stationOf } from '../../test/bay.ts';
import { aCard, aDevice, anId } from '../../test/builders.ts';
import { finishSession, startSession } from './driving.ts';
import { authorize } from './service.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());
beforeEach(async () => {
  bay.answer = () => 'accepted';
  bay.wallets.misbehave = () => undefined;
  // What another test left behind is nobody's work here.
  await bay.runtime.database.$executeRaw`UPDATE session SET due_at = NULL`;
});

const ago = (seconds: number) => new Date(bay.runtime.clock().getTime() - seconds * 1_000);
const cardOf = async (scene: Pick<Scene, 'customerId'>, wishes = {}) =>
  await aCard(bay.runtime.database, { customerId: scene.customerId, ...wishes });
const lastAsked = ({ stationId }: Scene) => bay.asked.findLast((one) => one.stationId === stationId)?.wish;
const toldOf = async (subject: string, sessionId: string | null) =>
  (await bay.told(subject)).filter((data) => data.sessionId === sessionId);

describe('a start that comes again', () => {
  test('by another message is the same session, with the same number and one hold', async () => {
    const scene = await bay.scene();
    const { token } = await cardOf(scene);
    const station = stationOf(bay, scene);
    const told = { key: 'the-start', idToken: token };
    const first = await station.begin(told);
    expect(first.number).toBeGreaterThan(0);
    bay.pass(30);
    expect(await station.begin({ ...told, late: true })).toEqual(first);
    await bay.settle();
    expect(await bay.sessionsOf(scene.deviceId)).toHaveLength(1);
    expect([...bay.wallets.holds.keys()].filter((key) => key.includes(String(first.sessionId)))).toHaveLength(1);
  });

  test('six times at once, in two processes, is one session', async () => {
    const scene = await bay.scene();
    const { token } = await cardOf(scene);
    const processes = [stationOf(bay, scene), stationOf(bay, scene, bay.secondProcess())];
    const told = { key: 'at-once', idToken: token };
    const begun = await Promise.all(
      Array.from({ length: 6 }, (_, turn) => (processes[turn % 2] as (typeof processes)[0]).begin(told)),
    );
    expect(new Set(begun.map(({ number }) => number)).size).toBe(1);
    expect(await bay.sessionsOf(scene.deviceId)).toHaveLength(1);
  });

  test('after the session has ended does not begin another', async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    const told = { key: 'the-start', idToken: (await cardOf(scene)).token };
    const first = await station.begin(told);
    await station.end(String(first.number), 1_500n, { reason: 'EVDisconnected' });
    expect(await station.begin({ ...told, late: true })).toEqual(first);
    expect(await bay.sessionsOf(scene.deviceId)).toHaveLength(1);
  });
});

describe('who begins at the station', () => {
  test('with a card pays for it, from a hold that is asked for at once', async () => {
    const scene = await bay.scene();
    const { token } = await cardOf(scene);
    const station = stationOf(bay, scene);
    const { sessionId, status } = await station.begin({ idToken: token.toLowerCase() });
    expect(status).toBe('Accepted');
    await bay.settle();
    expect(bay.wallets.held(scene.customerId)).toBe(50_000n);
    expect(await bay.session(sessionId as string)).toMatchObject({ origin: 'card', customerId: scene.customerId });
    expect(await toldOf(sessionStarted.subject, sessionId)).toMatchObject([{ state: 'charging' }]);
  });

  test('with a card and no money is asked to stop, and what was used stays to be paid', async () => {
    const scene = await bay.scene({ funds: 1_000n });
    const { token } = await cardOf(scene);
    const station = stationOf(bay, scene);
    const { sessionId, number } = await station.begin({ idToken: token });
    await bay.settle();
    expect(lastAsked(scene)).toEqual({ action: 'remoteStop', transactionId: String(number) });
    bay.pass(5);
    await station.end(String(number), 1_100n, { reason: 'EVDisconnected' });
    await bay.settle();
    expect(await bay.session(sessionId as string)).toMatchObject({
      state: 'finished',
      amount: 7_000n,
      paid: 1_000n,
      flag: 'unpaid',
    });
    expect(bay.wallets.balance(scene.customerId)).toBe(0n);
  });

  test.each([
    ['is blocked', { blocked: true }, 'Blocked'],
    ['has expired', { expiresAt: new Date('2026-01-01T00:00:00Z') }, 'Expired'],
  ] as const)(
    'with a card that %s is told so, asked to stop, and billed for what was used',
    async (_, wishes, status) => {
      const scene = await bay.scene();
      const station = stationOf(bay, scene);
      const begun = await station.begin({ idToken: (await cardOf(scene, wishes)).token });
      expect(begun.status).toBe(status);
      await bay.settle();
      expect(lastAsked(scene)?.action).toBe('remoteStop');
      bay.pass(60);
      await station.end(String(begun.number), 1_100n, { reason: 'DeAuthorized' });
      await station.say('Available');
      await bay.settle();
      expect(await bay.session(begun.sessionId as string)).toMatchObject({ amount: 7_000n, paid: 7_000n });
    },
  );

  test('with a card that charges elsewhere is told so', async () => {
    const [one, two] = [await bay.scene(), await bay.scene()];
    const { token } = await cardOf(one);
    expect((await stationOf(bay, one).begin({ idToken: token })).status).toBe('Accepted');
    expect((await stationOf(bay, two).begin({ idToken: token })).status).toBe('ConcurrentTx');
  });

  test('with a card that nobody knows, or none, is refused with a number, asked to stop, and looked at by a person', async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    const begun = await station.begin({ idToken: 'NOBODYS' });
    expect(begun).toMatchObject({ status: 'Invalid', number: expect.any(Number) });
    await bay.settle();
    expect(lastAsked(scene)).toEqual({ action: 'remoteStop', transactionId: String(begun.number) });
    await station.end(String(begun.number), 2_000n, { reason: 'DeAuthorized' });
    await station.say('Available');
    await bay.settle();
    expect(await bay.session(begun.sessionId as string)).toMatchObject({
      origin: 'found',
      customerId: null,
      energyWh: 1_000n,
      amount: 70_000n,
      paid: 0n,
      flag: 'unknown_payer',
    });
  });

  test('on a connector that is no device gets a number, and nothing is made of it', async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    for (const connector of [0, 9]) {
      const { sessionId, number, status } = await station.begin({ connector });
      expect([sessionId, status]).toEqual([null, 'Invalid']);
      expect(number).toBeGreaterThan(0);
    }
    expect(await bay.sessionsOf(scene.deviceId)).toEqual([]);
  });

  test('where everybody may charges for nothing', async () => {
    const free = await openBay({ env: { FREE_VEND: 'true' } });
    try {
      const scene = await free.scene();
      const station = stationOf(free, scene);
      expect((await authorize(free.deps, { stationId: scene.stationId, idToken: 'WHOEVER' })).status).toBe('Accepted');
      const { number, sessionId, status } = await station.begin({ idToken: 'WHOEVER' });
      expect(status).toBe('Accepted');
      free.pass(3_600);
      await station.end(String(number), 9_000n, { reason: 'EVDisconnected' });
      await free.settle();
      expect(await free.session(sessionId as string)).toMatchObject({
        origin: 'free',
        energyWh: 8_000n,
        amount: 0n,
        flag: null,
      });
      expect(free.wallets.calls).toEqual([]);
    } finally {
      await free.close();
    }
  });
});

describe('what was told late', () => {
  test('is booked and billed, without a hold, a word to the station or news of what is over', async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    const { token } = await cardOf(scene, { blocked: true });
    const begun = await station.begin({ idToken: token, at: ago(7_200), late: true, key: 'old' });
    expect(begun.status).toBe('Blocked');
    const transactionId = String(begun.number);
    await bay.settle();
    await station.meter(1_400n, { transactionId, at: ago(5_400), late: true });
    await bay.settle();
    await station.end(transactionId, 1_500n, { at: ago(3_600), late: true, reason: 'EVDisconnected' });
    await bay.settle();
    expect(await bay.session(begun.sessionId as string)).toMatchObject({
      state: 'finished',
      energyWh: 500n,
      amount: 35_000n,
      paid: 35_000n,
      startedAt: ago(7_200),
      stoppedAt: ago(3_600),
    });
    expect(lastAsked(scene)).toBeUndefined();
    const calls = bay.wallets.calls.filter(({ key }) => key.includes(String(begun.sessionId)));
    expect(calls.map(({ call }) => call)).toEqual(['charge']);
    expect(await toldOf(sessionStarted.subject, begun.sessionId)).toEqual([]);
    expect(await toldOf(sessionFinished.subject, begun.sessionId)).toMatchObject([
      { amount: 35_000, paid: 0, durationSec: 3_600 },
      { amount: 35_000, paid: 35_000, durationSec: 3_600 },
    ]);
  });

  test('of a session that still goes on is held for a minute later', async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    await station.begin({ idToken: (await cardOf(scene)).token, at: ago(7_200), late: true });
    await bay.settle();
    expect(bay.wallets.held(scene.customerId)).toBe(0n);
    bay.pass(60);
    await bay.settle();
    expect(bay.wallets.held(scene.customerId)).toBe(50_000n);
  });

  test('of the time before that which runs now is a session of its own, and ends nothing', async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    const { token } = await cardOf(scene);
    const now = await station.begin({ idToken: token, key: 'now' });
    const old = await station.begin({ idToken: token, key: 'old', at: ago(7_200), late: true });
    expect((await bay.session(now.sessionId as string)).state).toBe('charging');
    expect(await bay.session(old.sessionId as string)).toMatchObject({
      state: 'finished',
      flag: 'no_stop',
      amount: 0n,
    });
    await station.end(String(old.number), 1_100n, { at: ago(3_600), late: true });
    await bay.settle();
    expect(await bay.session(old.sessionId as string)).toMatchObject({ energyWh: 100n, amount: 7_000n, paid: 7_000n });
    expect((await bay.session(now.sessionId as string)).state).toBe('charging');
  });
});

describe('a wish and what comes of it', () => {
  const wished = async () => {
    const scene = await bay.scene();
    const { customerId, deviceId } = scene;
    return { scene, station: stationOf(bay, scene), session: await startSession(bay.deps, { customerId, deviceId }) };
  };

  test('nobody plugs in: it fails, and the money is free', async () => {
    const { scene, session } = await wished();
    bay.pass(120);
    await bay.settle();
    expect(await bay.session(session.id)).toMatchObject({ state: 'failed', reason: 'not_plugged_in' });
    expect(bay.wallets.held(scene.customerId)).toBe(0n);
    expect(await toldOf(sessionFinished.subject, session.id)).toMatchObject([{ state: 'failed', amount: 0 }]);
  });

  test('somebody plugs in after that: it is a session all the same, with a hold of its own', async () => {
    const { scene, station, session } = await wished();
    bay.pass(120);
    await bay.settle();
    const late = await station.begin({ idToken: session.idToken });
    expect(late.status).toBe('Accepted');
    expect(late.sessionId).not.toBe(session.id);
    await bay.settle();
    expect(bay.wallets.held(scene.customerId)).toBe(50_000n);
    expect(await bay.session(late.sessionId as string)).toMatchObject({
      customerId: scene.customerId,
      origin: 'app',
      flag: 'late_start',
    });
  });

  test('the driver thought better of it: whatever begins then is stopped', async () => {
    const { scene, station, session } = await wished();
    await finishSession(bay.deps, scene);
    await bay.settle();
    expect(await bay.session(session.id)).toMatchObject({ state: 'failed', reason: 'canceled' });
    const late = await station.begin({ idToken: session.idToken });
    await bay.settle();
    expect(lastAsked(scene)).toEqual({ action: 'remoteStop', transactionId: String(late.number) });
  });

  test('and what began before they did and is told late is stopped as soon as it speaks, unless it has ended by then', async () => {
    for (const goesOn of [true, false]) {
      const { scene, station, session } = await wished();
      await finishSession(bay.deps, scene);
      await bay.settle();
      const late = await station.begin({ idToken: session.idToken, transactionId: 'late', at: ago(5), late: true });
      await station.meter(1_050n, { transactionId: 'late', at: ago(4), late: true });
      await bay.settle();
      expect(lastAsked(scene)?.action).toBe('remoteStart');
      if (goesOn) await station.meter(1_100n, { transactionId: 'late' });
      else await station.end('late', 1_100n, { at: ago(2), late: true, reason: 'EVDisconnected' });
      await bay.settle();
      expect(lastAsked(scene)?.action).toBe(goesOn ? 'remoteStop' : 'remoteStart');
      if (goesOn) await station.end('late', 1_100n, { reason: 'Remote' });
      expect(await bay.session(late.sessionId as string)).toMatchObject({ energyWh: 100n, flag: 'late_start' });
    }
  });

  test('somebody else was faster: their session is theirs, the wish fails, its money is free', async () => {
    const { scene, station, session } = await wished();
    const other = await bay.scene();
    const begun = await station.begin({ idToken: (await cardOf(other)).token });
    await bay.settle();
    expect(await bay.session(session.id)).toMatchObject({ state: 'failed', reason: 'device_busy' });
    expect((await bay.session(begun.sessionId as string)).customerId).toBe(other.customerId);
    expect([bay.wallets.held(scene.customerId), bay.wallets.held(other.customerId)]).toEqual([0n, 50_000n]);
  });

  test('a 2.0.1 station names it by the number of the wish, and the transaction by its own name', async () => {
    const { station, session } = await wished();
    const begun = await station.begin({ remoteStartId: session.remoteStartId, transactionId: 'tx-of-its-own' });
    expect(begun).toEqual({ sessionId: session.id, number: session.number, status: 'Accepted' });
    expect(await bay.session(session.id)).toMatchObject({ state: 'charging', transactionId: 'tx-of-its-own' });
  });

  test('a station that begins on another of its connectors begins the driver’s session there', async () => {
    const { scene, station, session } = await wished();
    const other = await aDevice(bay.runtime.database, { stationId: scene.stationId, connector: 2, price: 10_000n });
    const begun = await station.begin({ idToken: session.idToken, connector: 2 });
    await bay.settle();
    expect(await bay.session(session.id)).toMatchObject({ state: 'failed', reason: 'device_busy' });
    expect(await bay.session(begun.sessionId as string)).toMatchObject({
      customerId: scene.customerId,
      deviceId: other.id,
      price: 10_000n,
      state: 'charging',
      flag: null,
    });
    expect(bay.wallets.held(scene.customerId)).toBe(50_000n);
  });

  test('a transaction whose start was lost is what the station was asked for', async () => {
    const { scene, station, session } = await wished();
    const found = { transactionId: 'lost', found: true, meterStartWh: null };
    expect(await station.begin(found)).toMatchObject({ sessionId: session.id, status: 'Accepted' });
    await station.meter(1_000n, { transactionId: 'lost' });
    bay.pass(60);
    await station.meter(1_100n, { transactionId: 'lost' });
    expect(await bay.session(session.id)).toMatchObject({ state: 'charging', energyWh: 100n });
    expect(bay.wallets.held(scene.customerId)).toBe(50_000n);
  });

  test('a transaction that was taken for the wish is handed over when its start names somebody else', async () => {
    const { scene, station, session } = await wished();
    const stranger = await bay.scene();
    const { token } = await cardOf(stranger);
    await station.begin({ transactionId: 'theirs', found: true, meterStartWh: null });
    await station.meter(1_000n, { transactionId: 'theirs' });
    bay.pass(60);
    await station.meter(3_000n, { transactionId: 'theirs' });
    const begun = await station.begin({ transactionId: 'theirs', idToken: token, meterStartWh: 500n });
    await bay.settle();
    expect(begun.sessionId).not.toBe(session.id);
    expect(await bay.session(session.id)).toMatchObject({
      state: 'failed',
      reason: 'device_busy',
      energyWh: 0n,
      amount: 0n,
      startedAt: null,
    });
    expect(await bay.session(begun.sessionId as string)).toMatchObject({
      origin: 'card',
      customerId: stranger.customerId,
      state: 'charging',
      energyWh: 2_500n,
      transactionId: 'theirs',
    });
    expect(bay.wallets.held(scene.customerId)).toBe(0n);
    expect(bay.wallets.held(stranger.customerId)).toBeGreaterThan(0n);

    const yet = await station.begin({
      transactionId: 'ours',
      remoteStartId: session.remoteStartId,
      idToken: session.idToken,
    });
    await station.end('ours', 2_000n, { reason: 'EVDisconnected' });
    await station.end('theirs', 4_000n, { reason: 'EVDisconnected' });
    await bay.settle();
    expect(await bay.session(yet.sessionId as string)).toMatchObject({
      customerId: scene.customerId,
      flag: 'late_start',
    });
    expect(await bay.session(begun.sessionId as string)).toMatchObject({ energyWh: 3_500n, state: 'finished' });
  });

  test('and stays the driver’s when its start names the wish, whoever is named later', async () => {
    const { station, session } = await wished();
    const { token } = await cardOf(await bay.scene());
    await station.begin({ transactionId: 'ours', found: true, meterStartWh: null });
    for (const names of [{ remoteStartId: session.remoteStartId }, { idToken: token }]) {
      expect(await station.begin({ transactionId: 'ours', ...names })).toMatchObject({ sessionId: session.id });
    }
  });

  test('a transaction that is found and nobody’s is stopped after a minute, unless its start comes and says whose it is', async () => {
    const [known, unknown] = [await bay.scene(), await bay.scene()];
    const { token } = await cardOf(known);
    const found = { transactionId: 'found', found: true, meterStartWh: null };
    const begun = await Promise.all([known, unknown].map((scene) => stationOf(bay, scene).begin(found)));
    expect(begun.map(({ status }) => status)).toEqual(['Invalid', 'Invalid']);
    bay.pass(30);
    await bay.settle();
    expect([lastAsked(known), lastAsked(unknown)]).toEqual([undefined, undefined]);
    const start = { transactionId: 'found', idToken: token, meterStartWh: 900n };
    expect(await stationOf(bay, known).begin(start)).toMatchObject({
      sessionId: begun[0]?.sessionId,
      status: 'Accepted',
    });
    bay.pass(60);
    await bay.settle();
    expect(lastAsked(known)).toBeUndefined();
    expect(lastAsked(unknown)).toEqual({ action: 'remoteStop', transactionId: 'found' });
    expect(bay.wallets.held(known.customerId)).toBe(50_000n);
  });

  test('of the same name at two stations are two sessions', async () => {
    const [one, two] = [await bay.scene(), await bay.scene()];
    const begun = await Promise.all(
      [one, two].map(async (scene) =>
        stationOf(bay, scene).begin({ transactionId: 'tx-1', idToken: (await cardOf(scene)).token }),
      ),
    );
    expect(new Set(begun.map(({ sessionId }) => sessionId)).size).toBe(2);
  });

  test('an end of a name that nobody has ends nothing', async () => {
    const { scene, station, session } = await wished();
    await station.begin({ idToken: session.idToken });
    const elsewhere = stationOf(bay, await bay.scene());
    for (const told of [
      station.end('-1', 2_000n),
      station.end('999999', 2_000n),
      elsewhere.end(String(session.number), 2_000n),
    ]) {
      expect(await told).toEqual({ sessionId: null, status: 'Accepted' });
    }
    expect((await bay.sessionsOf(scene.deviceId)).map(({ state }) => state)).toEqual(['charging']);
  });

  test('another one begins where one runs: the first has ended unheard, and its own late end puts it right', async () => {
    const { scene, station, session } = await wished();
    await station.begin({ idToken: session.idToken });
    bay.pass(600);
    await station.meter(1_500n, { transactionId: String(session.number) });
    bay.pass(600);
    await station.begin({ idToken: (await cardOf(scene)).token });
    await bay.settle();
    expect(await bay.session(session.id)).toMatchObject({
      state: 'finished',
      flag: 'superseded',
      amount: 35_000n,
      paid: 35_000n,
    });
    for (const [wh, seconds] of [
      [1_520n, 500],
      [1_540n, 400],
      [1_560n, 350],
    ] as const) {
      await station.meter(wh, { transactionId: String(session.number), at: ago(seconds), late: true });
      await bay.settle();
    }
    await station.end(String(session.number), 1_600n, { at: ago(300), late: true });
    await bay.settle();
    const charges = bay.wallets.calls.filter(({ call, key }) => call === 'charge' && key.includes(session.id));
    expect(charges).toHaveLength(1);
    expect(await bay.session(session.id)).toMatchObject({ amount: 42_000n, paid: 42_000n, energyWh: 600n });
  });
});

test('a card is asked for its money, its owner and its time before it begins', async () => {
  const scene = await bay.scene();
  const { stationId } = scene;
  const { token } = await cardOf(scene, { groupToken: 'FAMILY' });
  const ask = async (idToken: string, at = stationId) => authorize(bay.deps, { stationId: at, idToken });
  expect(await ask(token.toLowerCase())).toEqual({ status: 'Accepted', groupToken: 'FAMILY', expiresAt: null });
  expect((await ask('NOBODYS')).status).toBe('Invalid');
  expect((await ask((await cardOf(scene, { blocked: true })).token)).status).toBe('Blocked');
  expect((await ask((await cardOf({ customerId: anId() })).token)).status).toBe('Blocked');
  bay.wallets.misbehave = () => 'away';
  expect((await ask(token)).status).toBe('Accepted');
  bay.wallets.misbehave = () => undefined;

  await stationOf(bay, scene).begin({ idToken: token });
  await bay.settle();
  expect((await ask(token)).status).toBe('Accepted');
  expect((await ask(token, (await bay.scene()).stationId)).status).toBe('ConcurrentTx');

  // Whoever is of the group may end it there, with nothing in a wallet of their own.
  const relative = await cardOf({ customerId: anId() }, { groupToken: 'FAMILY' });
  expect((await ask(relative.token)).status).toBe('Accepted');
  expect((await ask(relative.token, (await bay.scene()).stationId)).status).toBe('Blocked');
  expect((await ask((await cardOf({ customerId: anId() }, { groupToken: 'OTHERS' })).token)).status).toBe('Blocked');

  const other = await bay.scene();
  const wish = await startSession(bay.deps, other);
  expect((await ask(wish.idToken as string, other.stationId)).status).toBe('Accepted');
  await finishSession(bay.deps, other);
  await bay.settle();
  expect((await ask(wish.idToken as string, other.stationId)).status).toBe('Expired');
});

describe('a station whose line breaks while a car waits', () => {
  const line = async ({ stationId }: Scene, up: boolean) => {
    const now = bay.runtime.clock();
    await (up
      ? bay.runtime.database.$executeRaw`
          UPDATE station SET instance = 'test', connected_at = ${now} WHERE id = ${stationId}`
      : bay.runtime.database.$executeRaw`
          UPDATE station SET instance = NULL, disconnected_at = ${now} WHERE id = ${stationId}`);
  };
  const waiting = async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    const { number, sessionId } = await station.begin({ idToken: (await cardOf(scene)).token });
    await bay.settle();
    bay.pass(60);
    await station.meter(1_100n, { transactionId: String(number) });
    await station.say('SuspendedEV');
    bay.pass(6 * 60);
    await line(scene, false);
    bay.pass(3_600);
    await bay.settle();
    return { scene, station, id: sessionId as string, transactionId: String(number) };
  };
  const oneMinute = 7_000n + 10_000n;

  test('is paid for no minute of it, neither meanwhile nor when it is back', async () => {
    const { scene, station, id, transactionId } = await waiting();
    expect((await bay.session(id)).amount).toBe(oneMinute);
    await line(scene, true);
    await bay.settle();
    await station.meter(1_100n, { transactionId });
    await bay.settle();
    expect((await bay.session(id)).amount).toBe(oneMinute);
    bay.pass(30);
    await station.say('Available');
    await station.end(transactionId, 1_100n, { reason: 'EVDisconnected' });
    await bay.settle();
    expect(await bay.session(id)).toMatchObject({ state: 'finished', amount: 27_000n, waiting: { waitedSec: 390 } });
  });

  test('is paid for again from when it is back with the cable in', async () => {
    const { scene, station, id } = await waiting();
    await line(scene, true);
    await station.say('SuspendedEV');
    bay.pass(60);
    await bay.settle();
    expect(await bay.session(id)).toMatchObject({ amount: oneMinute + 10_000n });
  });
});
