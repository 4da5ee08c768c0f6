import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCard } from '../../test/builders.ts';
import { openPlaza, type Plaza } from '../../test/plaza.ts';
import type { Dialled } from '../../test/stand.ts';
import { asked, onlySession, saying16, saying201 } from '../../test/talk.ts';
import { finishSession } from '../session/driving.ts';

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

const clockOf = (behindSec: number) => () => new Date(plaza.runtime.clock().getTime() - behindSec * 1_000);
const stopping = { 'ocpp1.6': 'RemoteStopTransaction', 'ocpp2.0.1': 'RequestStopTransaction' } as const;

/** A station whose clock is so far behind, and a driver's card. */
async function aScene(protocol: keyof typeof stopping, behindSec: number) {
  const site = await plaza.site();
  const { token } = await aCard(plaza.runtime.database, { customerId: site.customerId });
  const line = await plaza.arrive(site, protocol);
  const clock = clockOf(behindSec);
  let number: number | undefined;
  const transactionId = `T-${site.stationId}`;
  const charging = { transactionInfo: { chargingState: 'Charging' } };
  const say = {
    status: (on: Dialled) =>
      protocol === 'ocpp1.6'
        ? saying16(on, clock).status('Available')
        : on.call('StatusNotification', {
            evseId: 1,
            connectorId: 1,
            connectorStatus: 'Available',
            timestamp: clock().toISOString(),
          }),
    start: async () => {
      if (protocol === 'ocpp2.0.1') {
        const byCard = { idToken: { idToken: token, type: 'ISO14443' }, ...charging };
        return void (await saying201(line, clock, transactionId).started(1_000, byCard));
      }
      number = (await saying16(line, clock).start({ idTag: token })).id;
    },
    meter: (wh: number) =>
      protocol === 'ocpp1.6'
        ? saying16(line, clock).meter(number, String(wh))
        : saying201(line, clock, transactionId).updated(wh, charging),
  };
  const finish = () => finishSession(plaza.deps, { customerId: site.customerId, deviceId: site.deviceIds[0] });
  const stops = (on = line) => asked(on, stopping[protocol]).length;
  return { ...site, line, say, finish, stops, held: () => plaza.wallets.held(site.customerId) };
}

describe.each(['ocpp1.6', 'ocpp2.0.1'] as const)('over %s', (protocol) => {
  test('a driver who ends what was told late is not kept waiting, whatever else is told late', async () => {
    const at = await aScene(protocol, 7_200);
    await at.say.start();
    await at.say.meter(1_100);
    await plaza.settle();
    expect([at.stops(), at.held()]).toEqual([0, 0n]);
    await at.finish();
    await at.say.meter(1_200);
    await plaza.settle();
    expect(at.stops()).toBe(1);
  });

  test('what is told as it happens ends the quiet after what was told late', async () => {
    const [past, present] = [await aScene(protocol, 600), await aScene(protocol, 0)];
    await past.say.start();
    await past.say.meter(1_100);
    await plaza.settle();
    expect(past.held()).toBe(0n);
    await present.say.start();
    await plaza.settle();
    expect(present.held()).toBe(50_000n);

    const { number } = await onlySession(plaza, past.stationId);
    if (protocol === 'ocpp1.6') await saying16(past.line, plaza.runtime.clock).meter(number, '1200');
    else await saying201(past.line, plaza.runtime.clock, `T-${past.stationId}`).updated(1_200);
    await plaza.settle();
    expect(past.held()).toBe(50_000n);
  });

  test('a station whose clock is of another age is not late with what it says, once its clock is seen to go', async () => {
    const at = await aScene(protocol, 56 * 365 * 86_400);
    await at.say.status(at.line);
    plaza.pass(5);
    const now = plaza.runtime.clock();
    await at.say.start();
    await plaza.settle();
    expect(at.held()).toBe(50_000n);
    const { startedAt } = await onlySession(plaza, at.stationId);
    expect(startedAt).toEqual(now);
  });

  test('what a station could not be asked while it was away it is asked as soon as it is back', async () => {
    const at = await aScene(protocol, 0);
    await at.say.start();
    await plaza.settle();
    at.line.socket.terminate();
    await until(() => plaza.deps.lines.find(at.stationId) === undefined);
    await at.finish();
    await plaza.settle();
    expect(await onlySession(plaza, at.stationId)).toMatchObject({ stationAttempts: 1, stoppedAt: null });

    const back = await plaza.arrive(at, protocol);
    await until(async () => (await onlySession(plaza, at.stationId)).stationAttempts === 0, { timeoutMs: 10_000 });
    await plaza.settle();
    expect(at.stops(back)).toBe(1);
  });
});
