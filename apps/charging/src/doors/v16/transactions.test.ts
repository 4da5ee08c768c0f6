import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCard } from '../../../test/builders.ts';
import { openPlaza, type Plaza } from '../../../test/plaza.ts';
import {
  type Answer,
  aScene16,
  asked,
  callAs,
  onlySession,
  type Scene16,
  type SceneWishes,
} from '../../../test/talk.ts';
import { finishSession, startSession } from '../../session/driving.ts';
import { listReadings } from '../../session/readings.ts';

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

const ago = (seconds: number) => new Date(plaza.runtime.clock().getTime() - seconds * 1_000).toISOString();
const scene = (wishes?: SceneWishes) => aScene16(plaza, wishes);
const only = ({ stationId }: Scene16) => onlySession(plaza, stationId);
const holdsOf = ({ customerId }: Scene16) =>
  [...plaza.wallets.holds.values()].filter((hold) => hold.customerId === customerId).length;

describe('a start', () => {
  test('is answered with a number of its own, also when nobody may charge', async () => {
    const { say } = await scene();
    const [one, two] = [await say.start({ idTag: 'STRANGER' }), await say.start({ connectorId: 2, idTag: 'OTHER' })];
    for (const { id, status } of [one, two]) {
      expect(Number.isInteger(id) && id > 0 && id < 2 ** 31).toBe(true);
      expect(status).toBe('Invalid');
    }
    expect(one.id).not.toBe(two.id);
  });

  test('that is told again, under another id, is the same transaction, and money is held once', async () => {
    const at = await scene();
    const timestamp = plaza.runtime.clock().toISOString();
    const first = await at.say.start({ idTag: at.card, timestamp });
    await plaza.settle();
    plaza.pass(30);
    const again = await at.say.start({ idTag: at.card.toLowerCase(), timestamp });
    await plaza.settle();
    expect(again).toEqual(first);
    expect(first.status).toBe('Accepted');
    await only(at);
    expect(holdsOf(at)).toBe(1);
  });

  test('of long ago, with a card that is blocked by now, is refused and billed', async () => {
    const at = await scene({ blocked: true });
    const { id, status } = await at.say.start({ idTag: at.card, timestamp: ago(7_200) });
    expect(status).toBe('Blocked');
    await at.say.stop(id, 3_000, { timestamp: ago(3_600), reason: 'EVDisconnected' });
    plaza.pass(120);
    await plaza.settle();
    expect(await only(at)).toMatchObject({ state: 'finished', energyWh: 2_000n, amount: 140_000n });
    expect(asked(at.line, 'RemoteStopTransaction')).toEqual([]);
  });

  test('at a connector that is no device is answered, and kept for a person', async () => {
    const at = await scene();
    const { id, status } = await at.say.start({ connectorId: 9, idTag: at.card });
    expect([id > 0, status]).toEqual([true, 'Invalid']);
    expect(await plaza.sessionsOf(at.stationId)).toEqual([]);
    expect(await plaza.suspects(at.stationId)).toMatchObject([
      { action: 'StartTransaction', reason: 'unknown_device' },
    ]);
  });

  test('is not refused for how it is written', async () => {
    const at = await scene();
    const { status } = await at.say.start({
      idTag: at.card,
      meterStart: '1000.4',
      timestamp: ago(1).slice(0, 19),
      vendor: { anything: true },
    });
    expect(status).toBe('Accepted');
    expect((await only(at)).register.startWh).toBe(1_000n);
    expect((await plaza.suspects(at.stationId)).map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^malformed: /),
    ]);
  });
});

describe('an end', () => {
  test.each([-1, 0, 2_000_000_000])('of transaction %i, which nobody has, is answered and ends nothing', async (id) => {
    const at = await scene();
    const { id: running } = await at.say.start({ idTag: at.card });
    expect(await at.say.stop(id, 5_000)).toEqual({});
    expect(await only(at)).toMatchObject({ state: 'charging', number: running });
    expect(await plaza.suspects(at.stationId)).toMatchObject([
      { action: 'StopTransaction', reason: 'unknown_transaction', payload: { transactionId: id } },
    ]);
  });

  test('of another station’s transaction ends nothing', async () => {
    const [one, other] = [await scene(), await scene()];
    const { id } = await one.say.start({ idTag: one.card });
    expect(await other.say.stop(id, 5_000)).toEqual({});
    expect((await only(one)).state).toBe('charging');
    expect(await plaza.suspects(other.stationId)).toHaveLength(1);
  });

  test('is final: told again, and after more of the meter, it is the same purchase, paid once', async () => {
    const at = await scene();
    const { id } = await at.say.start({ idTag: at.card });
    plaza.pass(60);
    await at.say.meter(id, '1100');
    await at.say.stop(id, 1_200, { reason: 'EVDisconnected' });
    await plaza.settle();
    const before = await only(at);
    expect(before).toMatchObject({ state: 'finished', energyWh: 200n, amount: 14_000n, paid: 14_000n });
    plaza.pass(30);
    await at.say.stop(id, 1_900, { reason: 'Local' });
    await at.say.meter(id, '1800');
    await plaza.settle();
    expect(await only(at)).toMatchObject({ state: 'finished', energyWh: 200n, amount: 14_000n, paid: 14_000n });
    expect(await listReadings(plaza.runtime.database, before.id)).toHaveLength(2);
    expect(plaza.wallets.balance(at.customerId)).toBe(100_000n - 14_000n);
  });

  test.each([[{}], [{ idTag: 'UNDEFINED' }], [{ idTag: 'ANOTHER' }]])('by %j is an end', async (more) => {
    const at = await scene();
    const { id } = await at.say.start({ idTag: at.card });
    const answer = await at.say.stop(id, 1_000, { ...more, reason: 'EVDisconnected' });
    expect('idTagInfo' in answer).toBe('idTag' in more);
    expect((await only(at)).state).toBe('finished');
  });

  test('may be asked for by another card of the group: both are told its name', async () => {
    const at = await scene({ groupToken: 'FAMILY' });
    const { token } = await aCard(plaza.runtime.database, { customerId: at.customerId, groupToken: 'FAMILY' });
    for (const idTag of [at.card, token]) {
      expect(await at.line.call('Authorize', { idTag })).toMatchObject({
        idTagInfo: { status: 'Accepted', parentIdTag: 'FAMILY' },
      });
    }
  });

  test('below the start is billed by the last register that made sense', async () => {
    const at = await scene();
    const { id } = await at.say.start({ idTag: at.card, meterStart: 50_000 });
    plaza.pass(60);
    await at.say.meter(id, '50400');
    await at.say.stop(id, 12, { reason: 'EVDisconnected' });
    expect(await only(at)).toMatchObject({ energyWh: 400n, flag: 'meter_fell' });
  });
});

describe('what was told late', () => {
  test('is booked, and nothing is asked of the station because of it', async () => {
    const at = await scene();
    await at.say.start({ idTag: 'STRANGER', timestamp: ago(7_200) });
    await plaza.settle();
    expect(asked(at.line, 'RemoteStopTransaction')).toEqual([]);
    const live = await scene();
    await live.say.start({ idTag: 'STRANGER' });
    await plaza.settle();
    expect(asked(live.line, 'RemoteStopTransaction')).toHaveLength(1);
  });
});

describe('message ids', () => {
  test('with the same payload get the answer that they got; with another they are new', async () => {
    const at = await scene();
    const start = { connectorId: 1, idTag: at.card, meterStart: 1_000, timestamp: ago(0) };
    const first = await callAs(at.line, '1', 'StartTransaction', start);
    const { transactionId } = first[2] as Answer;
    await plaza.runtime.database.$executeRaw`UPDATE card SET blocked = true WHERE customer_id = ${at.customerId}`;
    const second = await plaza.arrive(at);
    expect(await callAs(second, '1', 'StartTransaction', start)).toEqual(first);
    plaza.pass(10);
    const [, , answer] = await callAs(second, '1', 'StartTransaction', { ...start, timestamp: ago(0), connectorId: 2 });
    expect(answer).toMatchObject({ idTagInfo: { status: 'Blocked' } });
    expect((answer as Answer).transactionId).not.toBe(transactionId);
  });
});

describe('a start that a driver wishes for', () => {
  const wished = async (at: Scene16) =>
    startSession(plaza.deps, { customerId: at.customerId, deviceId: at.deviceIds[0] });

  test('and nobody plugs in gives the money back after a while', async () => {
    const at = await scene();
    const { id } = await wished(at);
    expect(plaza.wallets.held(at.customerId)).toBe(50_000n);
    plaza.pass(121);
    await plaza.settle();
    expect(await plaza.session(id)).toMatchObject({ state: 'failed' });
    expect(plaza.wallets.held(at.customerId)).toBe(0n);
  });

  test('and the station refuses gives it back at once', async () => {
    const at = await scene();
    at.line.answer = () => ({ status: 'Rejected' });
    await expect(wished(at)).rejects.toMatchObject({ code: 'device_busy' });
    await plaza.settle();
    expect(plaza.wallets.held(at.customerId)).toBe(0n);
  });

  test('may begin before the station answers, and is one session however often it is wished', async () => {
    const at = await scene();
    let begun: Promise<unknown> | undefined;
    at.line.answer = (action, { idTag }) => {
      if (action !== 'RemoteStartTransaction') return { status: 'Accepted' };
      begun = at.say.start({ idTag: String(idTag).toLowerCase() });
      return undefined;
    };
    const answering = wished(at);
    await until(() => begun);
    await begun;
    const [, id16, , asking] = at.line.heard.find(([, , action]) => action === 'RemoteStartTransaction') ?? [];
    at.line.socket.send(JSON.stringify([3, id16, { status: 'Accepted' }]));
    const { id } = await answering;
    await expect(wished(at)).rejects.toMatchObject({ code: 'device_busy' });
    expect(await only(at)).toMatchObject({ id, state: 'charging', customerId: at.customerId });
    expect(String((asking as Answer).idTag).length).toBeLessThanOrEqual(20);
    await finishSession(plaza.deps, { customerId: at.customerId, deviceId: at.deviceIds[0] });
  });
});
