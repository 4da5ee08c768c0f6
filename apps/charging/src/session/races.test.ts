import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bay, openBay, type Scene, stationOf } from '../../test/bay.ts';
import { aCard } from '../../test/builders.ts';
import type { Mishap } from '../../test/wallets.ts';
import type { Deps } from '../deps.ts';
import type { Outcome } from '../station/wish.ts';
import { finishSession, startSession } from './driving.ts';
import { advance } from './errands.ts';
import { workOff } from './worker.ts';

let bay: Bay;
let processes: readonly [Deps, Deps];
beforeAll(async () => {
  bay = await openBay();
  processes = [bay.deps, bay.secondProcess()];
});
afterAll(() => bay.close());
beforeEach(async () => {
  bay.answer = () => 'accepted';
  bay.wallets.misbehave = () => undefined;
  // What another test left behind is nobody's work here.
  await bay.runtime.database.$executeRaw`UPDATE session SET due_at = NULL`;
});

const codes = (outcomes: PromiseSettledResult<unknown>[]) =>
  outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'started' : (outcome.reason as { code?: string }).code));
const turn = (index: number) => processes[index % 2] as Deps;

test('whoever taps twice, or ten times at once in two processes, starts one session', async () => {
  const scene = await bay.scene();
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => startSession(turn(index), scene)));
  expect(codes(outcomes).toSorted()).toEqual([...Array(9).fill('device_busy'), 'started']);
  expect(await bay.sessionsOf(scene.deviceId)).toHaveLength(1);
  expect(bay.wallets.held(scene.customerId)).toBe(50_000n);
});

test('of ten who want one device at the same time one gets it, and nobody else’s money is held', async () => {
  const { deviceId } = await bay.scene();
  const drivers = await Promise.all(Array.from({ length: 10 }, () => bay.scene()));
  const outcomes = await Promise.allSettled(
    drivers.map(({ customerId }, index) => startSession(turn(index), { customerId, deviceId })),
  );
  expect(codes(outcomes).filter((code) => code === 'started')).toHaveLength(1);
  expect(drivers.map(({ customerId }) => bay.wallets.held(customerId)).filter((held) => held > 0n)).toEqual([50_000n]);
});

test('a wallet that has enough for one of five devices starts one', async () => {
  const { customerId } = await bay.scene({ funds: 6_000n });
  const devices = await Promise.all(Array.from({ length: 5 }, () => bay.scene()));
  const outcomes = await Promise.allSettled(
    devices.map(({ deviceId }, index) => startSession(turn(index), { customerId, deviceId })),
  );
  expect(codes(outcomes).toSorted()).toEqual([...Array(4).fill('insufficient_balance'), 'started']);
  expect(bay.wallets.held(customerId)).toBe(6_000n);
});

test('the transaction begins before the station has answered: it is the wish’s, and the answer changes nothing', async () => {
  const scene = await bay.scene();
  const begun = Promise.withResolvers<void>();
  bay.answer = async ({ action }, stationId): Promise<Outcome> => {
    if (action === 'remoteStart' && stationId === scene.stationId) await begun.promise;
    return 'accepted';
  };
  const starting = startSession(bay.deps, scene);
  const idToken = await wished(scene);
  const { sessionId } = await stationOf(bay, scene, processes[1]).begin({ idToken });
  begun.resolve();
  expect(await starting).toMatchObject({ id: sessionId, state: 'charging' });
});

const wished = async (scene: Scene): Promise<string> => {
  for (;;) {
    const found = bay.asked.find(({ stationId }) => stationId === scene.stationId)?.wish;
    if (found?.action === 'remoteStart') return found.idToken;
    await new Promise(setImmediate);
  }
};

test.each([
  ['rejected', 'device_busy'],
  ['not_supported', 'device_busy'],
  ['offline', 'device_offline'],
  ['failed', 'device_offline'],
  ['timeout', 'device_timeout'],
] as const)('a start that ends %s is refused %s, and the money is free', async (outcome, code) => {
  const scene = await bay.scene();
  bay.answer = () => outcome;
  await expect(startSession(bay.deps, scene)).rejects.toMatchObject({ code });
  await bay.settle();
  expect(bay.wallets.held(scene.customerId)).toBe(0n);
  bay.answer = () => 'accepted';
  await expect(startSession(bay.deps, scene)).resolves.toMatchObject({ state: 'starting' });
});

test('who has too little is told how much is needed, and nothing is asked of the station', async () => {
  const scene = await bay.scene({ funds: 4_999n });
  await expect(startSession(bay.deps, scene)).rejects.toMatchObject({
    code: 'insufficient_balance',
    params: { needed: '50 UAH' },
  });
  expect(bay.asked.some(({ stationId }) => stationId === scene.stationId)).toBe(false);
  await expect(startSession(bay.deps, { ...scene, deviceId: '0'.repeat(24) })).rejects.toMatchObject({
    code: 'device_not_found',
  });
});

test.each<Mishap>(['away', 'lost'])(
  'a start while payments is %s is refused, and what came of it is given back',
  async (mishap) => {
    const scene = await bay.scene();
    bay.wallets.misbehave = (call, key) =>
      call === 'place' && bay.wallets.holds.get(key) === undefined ? mishap : undefined;
    await expect(startSession(bay.deps, scene)).rejects.toMatchObject({
      code: mishap === 'away' ? 'service_unavailable' : 'upstream_timeout',
    });
    bay.wallets.misbehave = () => undefined;
    await bay.settle();
    expect(bay.wallets.held(scene.customerId)).toBe(0n);
    expect(await bay.sessionsOf(scene.deviceId)).toMatchObject([{ state: 'failed', reason: 'payments_away' }]);
  },
);

test('two finishes, the end and the worker at once come to one end and one purchase', async () => {
  for (let round = 0; round < 5; round += 1) {
    const scene = await bay.scene();
    const { idToken } = await startSession(bay.deps, scene);
    const [one, two] = processes.map((deps) => stationOf(bay, scene, deps)) as [Station, Station];
    const { number, sessionId } = await one.begin({ idToken });
    bay.pass(60);
    const end = { key: 'end', reason: 'EVDisconnected' };
    await Promise.all([
      finishSession(processes[0], scene),
      finishSession(processes[1], scene),
      one.meter(1_050n, { transactionId: String(number) }),
      one.end(String(number), 1_100n, end),
      two.end(String(number), 1_100n, end),
      two.say('Available'),
      ...processes.map((deps) => workOff(deps)),
    ]);
    await Promise.all(processes.map((deps) => bay.settle(deps)));
    expect(await bay.session(sessionId as string)).toMatchObject({ state: 'finished', amount: 7_000n, paid: 7_000n });
    expect(bay.wallets.balance(scene.customerId)).toBe(93_000n);
    expect(bay.wallets.held(scene.customerId)).toBe(0n);
  }
});
type Station = ReturnType<typeof stationOf>;

test('two processes that both think that a session is theirs charge what is left of it once', async () => {
  const scene = await bay.scene({ funds: 1_000n });
  const { token } = await aCard(bay.runtime.database, { customerId: scene.customerId });
  const station = stationOf(bay, scene);
  const { number, sessionId } = await station.begin({ idToken: token });
  await bay.settle();
  await station.end(String(number), 1_100n, { reason: 'EVDisconnected' });
  const arrived = Promise.withResolvers<void>();
  let waiting = 0;
  bay.wallets.misbehave = async (call) => {
    if (call !== 'available') return undefined;
    waiting += 1;
    if (waiting === 2) {
      bay.wallets.fund(scene.customerId, 19_000n);
      arrived.resolve();
    }
    await arrived.promise;
    return undefined;
  };
  const named = { id: sessionId as string, deviceId: scene.deviceId };
  await Promise.all(processes.map((deps) => advance(deps, named)));
  expect(await bay.session(named.id)).toMatchObject({ amount: 7_000n, paid: 7_000n, flag: null });
  expect(bay.wallets.balance(scene.customerId)).toBe(13_000n);
});

describe('payments that answers to nothing, or is not heard', () => {
  test.each<Mishap>(['away', 'lost'])(
    'at any of its calls (%s) changes nothing in the end',
    { timeout: 60_000 },
    async (mishap) => {
      for (let fails = 1; ; fails += 1) {
        const scene = await bay.scene({ funds: 60_000n });
        const { token } = await aCard(bay.runtime.database, { customerId: scene.customerId });
        const station = stationOf(bay, scene);
        let calls = 0;
        bay.wallets.misbehave = () => {
          calls += 1;
          return calls === fails ? mishap : undefined;
        };
        const { number, sessionId } = await station.begin({ idToken: token });
        for (const wh of [1_300n, 1_650n, 1_900n]) {
          await bay.settle();
          bay.pass(20);
          await station.meter(wh, { transactionId: String(number) });
        }
        await station.end(String(number), 2_000n, { reason: 'EVDisconnected' });
        for (let step = 0; step < 6; step += 1) {
          await bay.settle();
          bay.pass(30);
        }
        // 1 kWh costs 700.00, and the wallet has 600.00.
        expect(await bay.session(sessionId as string)).toMatchObject({
          amount: 70_000n,
          paid: 60_000n,
          flag: 'unpaid',
        });
        expect([bay.wallets.balance(scene.customerId), bay.wallets.held(scene.customerId)]).toEqual([0n, 0n]);
        if (fails > calls) break;
      }
    },
  );

  test('a hold that is gone when it is to be captured is charged to the wallet, and looked at', async () => {
    const scene = await bay.scene();
    const { token } = await aCard(bay.runtime.database, { customerId: scene.customerId });
    const station = stationOf(bay, scene);
    const { number, sessionId } = await station.begin({ idToken: token });
    await bay.settle();
    await bay.wallets.release(`session:${sessionId}:1`);
    bay.pass(60);
    await station.end(String(number), 1_100n, { reason: 'EVDisconnected' });
    await bay.settle();
    expect(await bay.session(sessionId as string)).toMatchObject({ amount: 7_000n, paid: 7_000n, flag: 'hold_lost' });
  });
});

/** What a station of 2.0.1 told, in the order in which it happened. */
const messages = ['started', 'at-100', 'at-200', 'at-300', 'ended'] as const;

test('whatever comes twice, late or in another order, at once and to two processes, is one purchase by the station’s own numbers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...messages, ...messages], { minLength: 10, maxLength: 10 }),
      fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
      fc.boolean(),
      async (order, late, atOnce) => {
        const scene = await bay.scene();
        const { token } = await aCard(bay.runtime.database, { customerId: scene.customerId });
        const begin = bay.runtime.clock();
        bay.pass(3_600);
        const at = (message: string) => new Date(begin.getTime() + messages.indexOf(message as never) * 600_000);
        const tell = async (message: string, index: number) => {
          const station = stationOf(bay, scene, turn(index));
          const told = {
            transactionId: 'tx',
            at: at(message),
            late: late[index] === true,
            key: message,
            protocol: 'ocpp2.0.1',
          };
          // Only the start says who it is.
          const start = { ...told, meterStartWh: null };
          if (message === 'started') return await station.begin({ ...told, idToken: token, meterStartWh: 1_000n });
          const say = () =>
            message === 'ended'
              ? station.end('tx', 1_400n, { ...told, reason: 'EVDisconnected' })
              : station.meter(1_000n + BigInt(message.slice(3)), told);
          if ((await say()).sessionId !== null) return null;
          await station.begin({ ...start, found: true });
          return await say();
        };
        // As stations do: what was not answered is said again.
        const insist = (message: string, index: number) => tell(message, index).catch(() => tell(message, index));
        if (atOnce) await Promise.all(order.map(insist));
        else for (const [index, message] of order.entries()) await insist(message, index);
        bay.pass(120);
        await bay.settle();

        const sessions = await bay.sessionsOf(scene.deviceId);
        expect(sessions).toMatchObject([{ state: 'finished', energyWh: 400n, amount: 28_000n, paid: 28_000n }]);
        expect([bay.wallets.balance(scene.customerId), bay.wallets.held(scene.customerId)]).toEqual([72_000n, 0n]);
      },
    ),
    { numRuns: 15 },
  );
}, 120_000);
