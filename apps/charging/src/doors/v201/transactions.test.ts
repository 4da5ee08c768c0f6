import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCard } from '../../../test/builders.ts';
import { openPlaza, type Plaza, type PlazaSite } from '../../../test/plaza.ts';
import type { Dialled } from '../../../test/stand.ts';
import { type Answer, asked, callAs, onlySession, saying201 } from '../../../test/talk.ts';
import { startSession } from '../../session/driving.ts';
import { listReadings } from '../../session/readings.ts';

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

interface Scene extends PlazaSite {
  readonly line: Dialled;
  readonly card: string;
  readonly byCard: Answer;
  /** Of one transaction, with this station's first connector. */
  readonly say: ReturnType<typeof saying201>;
  readonly transactionId: string;
}

let made = 0;
async function scene(): Promise<Scene> {
  const site = await plaza.site();
  const { token: card } = await aCard(plaza.runtime.database, { customerId: site.customerId });
  const line = await plaza.arrive(site, 'ocpp2.0.1');
  made += 1;
  const transactionId = `transaction-${made}`;
  const byCard = { idToken: { idToken: card, type: 'ISO14443' } };
  return { ...site, line, card, byCard, transactionId, say: saying201(line, plaza.runtime.clock, transactionId) };
}
const only = ({ stationId }: Scene) => onlySession(plaza, stationId);
const ago = (seconds: number) => new Date(plaza.runtime.clock().getTime() - seconds * 1_000).toISOString();
const charging = { transactionInfo: { chargingState: 'Charging' } };
const asking = (message: string, { line }: Scene) => asked(line, message);

describe('a transaction', () => {
  test('has the station’s name for it, which another station may use too', async () => {
    const [one, other] = [await scene(), await scene()];
    const elsewhere = saying201(other.line, plaza.runtime.clock, one.transactionId);
    await one.say.started(1_000, one.byCard);
    await elsewhere.started(7_000, other.byCard);
    plaza.pass(60);
    await one.say.updated(1_500, charging);
    await elsewhere.ended(7_100);
    expect(await only(one)).toMatchObject({ state: 'charging', energyWh: 500n });
    expect(await only(other)).toMatchObject({ state: 'finished', energyWh: 100n });
  });

  test('that is told twice is one session, one hold, and one purchase', async () => {
    const at = await scene();
    const timestamp = ago(0);
    for (const _ of [1, 2]) await at.say.event('Started', 'Authorized', 1_000, { ...at.byCard, seqNo: 0, timestamp });
    await plaza.settle();
    plaza.pass(60);
    const later = ago(0);
    const end = { seqNo: 1, timestamp: later, transactionInfo: { stoppedReason: 'EVDisconnected' } };
    for (const _ of [1, 2]) await at.say.event('Ended', 'EVDeparted', 1_500, end);
    await plaza.settle();
    expect(await only(at)).toMatchObject({ state: 'finished', energyWh: 500n, amount: 35_000n, paid: 35_000n });
    expect(plaza.wallets.balance(at.customerId)).toBe(100_000n - 35_000n);
  });

  test('of which the events come in the wrong order is the same as in the right one', async () => {
    const at = await scene();
    const times = [180, 120, 60, 0].map(ago);
    const stop = { seqNo: 3, timestamp: times[3], transactionInfo: { stoppedReason: 'EVDisconnected' } };
    await at.say.event('Ended', 'EVDeparted', 1_900, stop);
    await at.say.event('Updated', 'MeterValuePeriodic', 1_600, { seqNo: 2, timestamp: times[2] });
    await at.say.event('Started', 'Authorized', 1_000, { ...at.byCard, seqNo: 0, timestamp: times[0] });
    await at.say.event('Updated', 'MeterValuePeriodic', 1_300, { seqNo: 1, timestamp: times[1] });
    plaza.pass(120);
    await plaza.settle();
    expect(await only(at)).toMatchObject({
      state: 'finished',
      energyWh: 900n,
      customerId: at.customerId,
      paid: 63_000n,
    });
  });

  test('is metered to the end though its numbers stay 0', async () => {
    const at = await scene();
    await at.say.started(1_000, { ...at.byCard, seqNo: 0 });
    const timestamp = ago(0);
    for (const wh of [1_100, 1_200, 1_300]) {
      await at.say.event('Updated', 'MeterValuePeriodic', wh, { ...charging, seqNo: 0, timestamp });
    }
    const session = await only(at);
    expect(session.energyWh).toBe(300n);
    expect(await listReadings(plaza.runtime.database, session.id)).toHaveLength(4);
  });

  test('of which the start was lost is the one that the driver wished for', async () => {
    const at = await scene();
    const { id } = await startSession(plaza.deps, { customerId: at.customerId, deviceId: at.deviceIds[0] });
    await at.say.updated(1_000, charging);
    plaza.pass(60);
    await at.say.updated(1_400, charging);
    expect(await only(at)).toMatchObject({ id, state: 'charging', energyWh: 400n, customerId: at.customerId });
  });

  test('of which only the end was heard is billed by what that tells', async () => {
    const at = await scene();
    const sampled = (timestamp: string, value: number, context: string) => ({
      timestamp,
      sampledValue: [{ value, context }],
    });
    await at.say.event('Ended', 'EVDeparted', null, {
      ...at.byCard,
      transactionInfo: { stoppedReason: 'EVDisconnected' },
      meterValue: [sampled(ago(100), 1_000, 'Transaction.Begin'), sampled(ago(0), 1_250, 'Transaction.End')],
    });
    expect(await only(at)).toMatchObject({ state: 'finished', energyWh: 250n });
  });

  test('that has ended is over: later events attach to it', async () => {
    const at = await scene();
    await at.say.started(1_000, at.byCard);
    plaza.pass(60);
    await at.say.ended(1_100);
    plaza.pass(60);
    await at.say.updated(1_900, charging);
    expect(await only(at)).toMatchObject({ state: 'finished', energyWh: 100n });
  });

  test('at an EVSE that is no device is answered, and kept for a person', async () => {
    const at = await scene();
    expect(await at.say.started(1_000, { ...at.byCard, evse: { id: 9 } })).toEqual({
      idTokenInfo: { status: 'Invalid' },
    });
    expect(await plaza.sessionsOf(at.stationId)).toEqual([]);
    expect(await plaza.suspects(at.stationId)).toMatchObject([{ reason: 'unknown_device' }]);
  });

  test('without a name is answered, and kept for a person', async () => {
    const at = await scene();
    expect(await at.line.call('TransactionEvent', { eventType: 'Ended', transactionInfo: {} })).toEqual({});
    expect((await plaza.suspects(at.stationId)).map(({ reason }) => reason)).toContain('unknown_transaction');
  });
});

describe('a cable that went in before anybody may charge', () => {
  const plugged = { evse: { id: 1 }, transactionInfo: { chargingState: 'EVConnected' } };

  test('begins nothing, and who starts it from afar is billed from the register of that moment', async () => {
    const at = await scene();
    await at.say.event('Started', 'CablePluggedIn', 1_000, plugged);
    await plaza.settle();
    expect(await plaza.sessionsOf(at.stationId)).toEqual([]);
    expect(asking('RequestStopTransaction', at)).toEqual([]);

    plaza.pass(30);
    const { id } = await startSession(plaza.deps, { customerId: at.customerId, deviceId: at.deviceIds[0] });
    const [{ remoteStartId, idToken }] = asking('RequestStartTransaction', at) as [Answer];
    await at.say.event('Updated', 'RemoteStart', null, { idToken, transactionInfo: { remoteStartId } });
    plaza.pass(60);
    await at.say.updated(1_200, charging);
    expect(await only(at)).toMatchObject({ id, state: 'charging', energyWh: 200n });
  });

  test('and that was said to a process that is gone is nobody’s session to another one, until somebody pays', async () => {
    const at = await scene();
    await at.say.event('Updated', 'MeterValueClock', 1_000, plugged);
    expect(await plaza.sessionsOf(at.stationId)).toEqual([]);
    expect(await at.say.event('Updated', 'Authorized', 1_000, { ...at.byCard, ...plugged })).toMatchObject({
      idTokenInfo: { status: 'Accepted' },
    });
    plaza.pass(60);
    await at.say.updated(1_200, charging);
    expect(await only(at)).toMatchObject({ customerId: at.customerId, energyWh: 200n });
  });

  test('and comes out again was nobody’s session', async () => {
    const at = await scene();
    await at.say.event('Started', 'CablePluggedIn', 1_000, plugged);
    plaza.pass(30);
    await at.say.ended(1_000, { transactionInfo: { chargingState: 'Idle' } });
    expect(await plaza.sessionsOf(at.stationId)).toEqual([]);
    expect(await plaza.suspects(at.stationId)).toEqual([]);
  });

  test('nobody has heard of it when it ends: the device is nobody’s afterwards', async () => {
    const at = await scene();
    const status = { evseId: 1, connectorId: 1, connectorStatus: 'Available', timestamp: ago(0) };
    await at.line.call('StatusNotification', status);
    await at.say.event('Ended', 'StopAuthorized', null, { transactionInfo: { stoppedReason: 'Local' } });
    expect((await plaza.states(at.stationId))[0]).toBe('Idle');
  });

  test('and gives energy all the same is recorded, and asked to stop', async () => {
    const at = await scene();
    await at.say.event('Started', 'CablePluggedIn', 1_000, plugged);
    await at.say.updated(1_000, charging);
    await plaza.settle();
    expect(await only(at)).toMatchObject({ flag: 'unknown_payer' });
    expect(asking('RequestStopTransaction', at)).toEqual([{ transactionId: at.transactionId }]);
  });
});

describe('what was told late', () => {
  test.each([
    ['by its time alone', { timestamp: () => ago(7_200) }],
    ['by its own word', { offline: true }],
  ])('%s is booked, and nothing is asked because of it', async (_, { timestamp, ...more }: Answer) => {
    const at = await scene();
    const when = typeof timestamp === 'function' ? { timestamp: timestamp() } : {};
    const stranger = { idToken: { idToken: 'STRANGER', type: 'ISO14443' } };
    expect(await at.say.started(1_000, { ...stranger, ...more, ...when })).toEqual({
      idTokenInfo: { status: 'Invalid' },
    });
    await plaza.settle();
    expect((await only(at)).flag).toBe('unknown_payer');
    expect(asking('RequestStopTransaction', at)).toEqual([]);
  });
});

describe('what the meter says', () => {
  test.each<[string, Answer]>([
    ['kWh', { value: 1.5, unitOfMeasure: { unit: 'kWh' } }],
    ['Wh with a multiplier', { value: 1.5, unitOfMeasure: { unit: 'Wh', multiplier: 3 } }],
    ['Wh by default', { value: 1_500 }],
    ['a number in quotes', { value: '1500' }],
    ['signed besides', { value: 1_500, signedMeterValue: { signedMeterData: 'T0NNRg==', encodingMethod: 'OCMF' } }],
  ])('is read as %s, and kept as it came', async (_, sampled) => {
    const at = await scene();
    await at.say.started(1_000, at.byCard);
    plaza.pass(60);
    await at.say.updated(null, { meterValue: [{ timestamp: ago(0), sampledValue: [sampled] }] });
    const session = await only(at);
    expect(session.energyWh).toBe(500n);
    expect((await listReadings(plaza.runtime.database, session.id)).at(-1)?.raw).toEqual([sampled]);
  });

  test('by the clock is the running session’s, and of EVSE 0 nobody’s', async () => {
    const at = await scene();
    await at.say.started(1_000, at.byCard);
    plaza.pass(60);
    const meter = (evseId: number, value: number) =>
      at.line.call('MeterValues', { evseId, meterValue: [{ timestamp: ago(0), sampledValue: [{ value }] }] });
    await meter(0, 900_000);
    await meter(1, 1_400);
    expect((await only(at)).energyWh).toBe(400n);
  });
});

describe('waiting', () => {
  test.each([
    ['SuspendedEV', 60],
    ['EVConnected', 60],
    ['SuspendedEVSE', 0],
  ])('in %s, after it has charged, is %i seconds of the driver’s', async (chargingState, waitedSec) => {
    const at = await scene();
    await at.say.started(1_000, { ...at.byCard, ...charging });
    plaza.pass(60);
    await at.say.updated(1_500, charging);
    await at.say.updated(1_500, { transactionInfo: { chargingState } });
    plaza.pass(60);
    await at.say.updated(1_500, charging);
    expect((await only(at)).waiting).toEqual({ waitedSec, since: null });
  });
});

describe('a line that comes back', () => {
  const status = (ongoingIndicator: boolean, messagesInQueue: boolean) => async (at: Scene) => {
    const line = await plaza.arrive(at, 'ocpp2.0.1');
    line.answer = (action) =>
      action === 'GetTransactionStatus' ? { ongoingIndicator, messagesInQueue } : { status: 'Accepted' };
    await until(() => asked(line, 'GetTransactionStatus').length > 0, { timeoutMs: 10_000 });
    await line.call('Heartbeat');
    return line;
  };

  test('without a word is asked for the state of each EVSE, and for what runs', async () => {
    const at = await scene();
    await at.say.started(1_000, at.byCard);
    const line = await status(true, false)(at);
    expect(asked(line, 'TriggerMessage')).toEqual(
      [1, 2].map((id) => ({ requestedMessage: 'StatusNotification', evse: { id, connectorId: 1 } })),
    );
    expect(asked(line, 'GetTransactionStatus')).toEqual([{ transactionId: at.transactionId }]);
    expect((await only(at)).state).toBe('charging');
  });

  test('and does not know a transaction, but has messages to send, has not ended it', async () => {
    const at = await scene();
    await at.say.started(1_000, at.byCard);
    const line = await status(false, true)(at);
    await saying201(line, plaza.runtime.clock, at.transactionId).updated(1_100, charging);
    expect(await only(at)).toMatchObject({ state: 'charging', stoppedAt: null });
  });

  test('and neither knows it nor has anything to send has ended it when it was last heard of', async () => {
    const at = await scene();
    await at.say.started(1_000, at.byCard);
    const heardAt = plaza.runtime.clock();
    plaza.pass(600);
    await status(false, false)(at);
    await until(async () => (await only(at)).stoppedAt !== null);
    expect(await only(at)).toMatchObject({ stoppedAt: heardAt, reason: 'Reboot' });
  });
});

describe('a call that is refused', () => {
  test.each<[string, Answer, string]>([
    ['MakeCoffee', {}, 'NotImplemented'],
    ['RequestStartTransaction', {}, 'NotSupported'],
    ['Authorize', {}, 'OccurrenceConstraintViolation'],
    ['Authorize', { idToken: 7 }, 'TypeConstraintViolation'],
    ['LogStatusNotification', { status: 'Lost' }, 'PropertyConstraintViolation'],
  ])('%s %j is refused as %s', async (action, payload, code) => {
    const { line } = await scene();
    expect((await callAs(line, 'x', action, payload)).slice(0, 3)).toEqual([4, 'x', code]);
  });
});
