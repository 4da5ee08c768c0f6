import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

const scene = (wishes?: SceneWishes) => aScene16(plaza, wishes);
const only = ({ stationId }: Scene16) => onlySession(plaza, stationId);

describe('connector 0', () => {
  test('is the station: what is wrong with it is wrong with all, and its meter is nobody’s session', async () => {
    const at = await scene();
    for (const connectorId of [1, 2]) await at.say.status('Available', { connectorId });
    const { id } = await at.say.start({ idTag: at.card });
    for (const named of [undefined, id]) await at.say.meter(named, '2500', { connectorId: 0 });
    expect((await only(at)).energyWh).toBe(0n);
    await at.say.stop(id, 1_000, { reason: 'EVDisconnected' });
    await at.say.status('Faulted', { connectorId: 0, errorCode: 'GroundFailure' });
    expect(await plaza.states(at.stationId)).toEqual(['Error', 'Error']);
    await at.say.status('Available', { connectorId: 0 });
    expect(await plaza.states(at.stationId)).toEqual(['Idle', 'Idle']);
  });
});

describe('a connector', () => {
  test.each([
    ['Available', 'NoError', 'Idle'],
    ['Available', 'OtherError', 'Idle'],
    ['Preparing', 'NoError', 'Busy'],
    ['Charging', 'NoError', 'Busy'],
    ['SuspendedEV', 'NoError', 'Busy'],
    ['SuspendedEVSE', 'NoError', 'Busy'],
    ['Finishing', 'NoError', 'Busy'],
    ['Reserved', 'NoError', 'Busy'],
    ['Unavailable', 'NoError', 'Repair'],
    ['Faulted', 'GroundFailure', 'Error'],
  ])('that is %s, %s, is shown as %s', async (status, errorCode, state) => {
    const at = await scene();
    await at.say.status(status, { errorCode });
    expect((await plaza.states(at.stationId))[0]).toBe(state);
  });
});

describe('a line that comes back', () => {
  test('without a word is asked for the state of each connector', async () => {
    const at = await scene();
    await until(() => asked(at.line, 'TriggerMessage').length === 2);
    expect(asked(at.line, 'TriggerMessage')).toEqual(
      [1, 2].map((connectorId) => ({ requestedMessage: 'StatusNotification', connectorId })),
    );
  });
});

describe('a station that nobody has said yes to', () => {
  test('is told to wait, may say nothing else, and is asked nothing', async () => {
    const site = await plaza.site({ status: 'pending' });
    const line = await plaza.arrive(site);
    expect(await line.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })).toMatchObject({
      status: 'Pending',
    });
    expect((await callAs(line, 'x', 'StartTransaction', {})).slice(0, 3)).toEqual([4, 'x', 'SecurityError']);
    expect(line.heard.filter(([type]) => type === 2)).toEqual([]);
    expect(await plaza.sessionsOf(site.stationId)).toEqual([]);
  });
});

describe('a call that is refused', () => {
  test.each<[string, Answer, string]>([
    ['MakeCoffee', {}, 'NotImplemented'],
    ['RemoteStartTransaction', { idTag: 'X' }, 'NotSupported'],
    ['Authorize', {}, 'OccurenceConstraintViolation'],
    ['Authorize', { idTag: 7 }, 'TypeConstraintViolation'],
    ['DataTransfer', { vendorId: 'V'.repeat(300) }, 'PropertyConstraintViolation'],
    ['toString', {}, 'NotImplemented'],
  ])('%s %j is refused as %s', async (action, payload, code) => {
    const { line } = await scene();
    expect((await callAs(line, 'x', action, payload)).slice(0, 3)).toEqual([4, 'x', code]);
  });
});
