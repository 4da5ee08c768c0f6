import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@forecourt/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { type Meeting, meet } from '../../test/meeting.ts';
import type { Payload, Version } from './official.ts';

const minute = 60_000;
const versions: Version[] = ['1.6', '2.0.1'];
const accepted = { status: 'Accepted' };
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed));
});

/** Where firmware is fetched and logs are put; gives what was put there. */
async function openFiles(status = 200): Promise<{ url: string; put: () => string }> {
  let kept = '';
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text) => (kept += text));
    request.on('end', () => response.writeHead(status, { connection: 'close' }).end('firmware'));
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`, put: () => kept };
}

const statusesOf = ({ csms }: Meeting, action: string) => csms.heard(action).map(({ status }) => status);
const running = async (meeting: Meeting) => {
  await meeting.start();
  await until(() => meeting.station.outlet().charge?.flow === 'charging');
  await meeting.station.settled();
};

describe.each(versions)('over OCPP %s a station', (version) => {
  const is16 = version === '1.6';
  const evse = (id: number): Payload => (is16 ? { connectorId: id } : { evse: { id } });

  test('says where it stands when it is asked, also before it was accepted, and not after it was rejected', async () => {
    const meeting = await meet(version, { connectors: 2 });
    meeting.csms.answer('BootNotification', (_payload, times) => ({
      status: times === 2 ? 'Pending' : 'Accepted',
      currentTime: new Date().toISOString(),
      interval: times === 2 ? 86_400 : 300,
    }));
    meeting.station.losePower();
    await until(() => meeting.csms.heard('BootNotification').length === 2);
    const before = meeting.csms.heard('StatusNotification').length;
    expect(await meeting.csms.call('TriggerMessage', { requestedMessage: 'StatusNotification', ...evse(2) })).toEqual(
      accepted,
    );
    await until(() => meeting.csms.heard('StatusNotification').length === before + 1);
    await meeting.csms.call('TriggerMessage', { requestedMessage: 'Heartbeat' });
    await until(() => meeting.csms.heard('Heartbeat').length === 1);
    expect(await meeting.csms.call('TriggerMessage', { requestedMessage: 'StatusNotification', ...evse(9) })).toEqual({
      status: 'Rejected',
    });
    expect(await meeting.csms.call('TriggerMessage', { requestedMessage: 'BootNotification' })).toEqual(accepted);
    await meeting.station.ready();
  });

  test('reads a running meter when it is asked', async () => {
    const meeting = await meet(version);
    await running(meeting);
    meeting.clock.advance(minute);
    await meeting.csms.call('TriggerMessage', { requestedMessage: 'MeterValues', ...evse(1) });
    await until(() => JSON.stringify(meeting.told().at(-1)).includes('"context":"Trigger"'));
    expect(JSON.stringify(meeting.told().at(-1))).toContain(String(meeting.charge().meterStartWh + 1000));
  });

  test.each(is16 ? ['Soft', 'Hard'] : ['Immediate', 'OnIdle'])(
    'comes back from a %s reset, and introduces itself',
    async (type) => {
      const meeting = await meet(version);
      await running(meeting);
      const isIdleFirst = type === 'OnIdle';
      expect(await meeting.csms.call('Reset', { type })).toEqual({ status: isIdleFirst ? 'Scheduled' : 'Accepted' });
      if (isIdleFirst) {
        expect(meeting.csms.heard('BootNotification')).toHaveLength(1);
        await meeting.stop();
        meeting.station.outlet().unplug();
      }
      await until(() => meeting.csms.heard('BootNotification').length === 2);
      await meeting.station.settled();
      expect(meeting.charge().endedAt).not.toBe(null);
      if (!is16) expect(meeting.csms.heard('BootNotification')[1]).toMatchObject({ reason: 'RemoteReset' });
      expect(meeting.csms.transactions.size).toBe(1);
    },
  );

  test('is taken out of service at once, or when what runs there is over', async () => {
    const meeting = await meet(version, { connectors: 2 });
    await running(meeting);
    const change = (id: number, isOn: boolean) => {
      const word = isOn ? 'Operative' : 'Inoperative';
      return meeting.csms.call('ChangeAvailability', {
        ...evse(id),
        ...(is16 ? { type: word } : { operationalStatus: word }),
      });
    };
    expect(await change(1, false)).toEqual({ status: 'Scheduled' });
    expect(await change(2, false)).toEqual(accepted);
    expect(meeting.charge().flow).toBe('charging');
    meeting.station.outlet().unplug();
    await meeting.station.settled();
    expect(meeting.station.outlets.map(({ operative }) => operative)).toEqual([false, false]);
    expect(JSON.stringify(meeting.csms.heard('StatusNotification').at(-1))).toContain('Unavailable');
    expect(await meeting.start()).toEqual({ status: 'Rejected' });
    expect(await change(0, true)).toEqual(accepted);
    expect(await meeting.start()).toEqual(accepted);
  });

  test('keeps an outlet for whom it is reserved, until then or until it is called off', async () => {
    const meeting = await meet(version, { switches: { plugInAfterMs: null } });
    const soon = () => new Date(meeting.clock().getTime() + 10 * minute).toISOString();
    const reserve = (number: number) =>
      meeting.csms.call(
        'ReserveNow',
        is16
          ? { connectorId: 1, expiryDate: soon(), idTag: 'mine', reservationId: number }
          : { id: number, evseId: 1, expiryDateTime: soon(), idToken: { idToken: 'mine', type: 'Central' } },
      );
    expect(await reserve(5)).toEqual(accepted);
    expect(await reserve(6)).toEqual({ status: 'Occupied' });
    expect(await meeting.start('other')).toEqual({ status: 'Rejected' });
    expect(await meeting.csms.call('CancelReservation', { reservationId: 6 })).toEqual({ status: 'Rejected' });
    expect(await meeting.csms.call('CancelReservation', { reservationId: 5 })).toEqual(accepted);
    expect(await reserve(7)).toEqual(accepted);
    meeting.clock.advance(10 * minute);
    expect(await reserve(8)).toEqual(accepted);
    expect(await meeting.start('MINE')).toEqual(accepted);
    meeting.station.outlet().plugIn();
    await until(() => meeting.told().length > 0);
    expect(meeting.told()[0]).toMatchObject({ reservationId: 8 });
  });

  test('gives no more power than a profile allows', async () => {
    const meeting = await meet(version, { switches: { powerW: 60_000 } });
    const schedule = { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6000 }] };
    const profile = { stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative' };
    await running(meeting);
    await meeting.csms.call(
      'SetChargingProfile',
      is16
        ? { connectorId: 1, csChargingProfiles: { chargingProfileId: 1, ...profile, chargingSchedule: schedule } }
        : { evseId: 1, chargingProfile: { id: 1, ...profile, chargingSchedule: [{ id: 1, ...schedule }] } },
    );
    meeting.clock.advance(10 * minute);
    meeting.station.outlet().sample();
    expect(meeting.charge().energyWh).toBe(1000);
    await meeting.csms.call(
      'ClearChargingProfile',
      is16 ? { connectorId: 1 } : { chargingProfileCriteria: { evseId: 1 } },
    );
    meeting.clock.advance(minute);
    meeting.station.outlet().sample();
    expect(meeting.charge().energyWh).toBe(2000);
  });

  test('shows and changes its settings, and knows which it does not have', async () => {
    const meeting = await meet(version);
    const { csms, station } = meeting;
    if (is16) {
      expect(await csms.call('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '7' })).toEqual(accepted);
      expect(await csms.call('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: 'x' })).toEqual({
        status: 'Rejected',
      });
      expect(await csms.call('ChangeConfiguration', { key: 'NumberOfConnectors', value: '7' })).toEqual({
        status: 'Rejected',
      });
      expect(await csms.call('ChangeConfiguration', { key: 'Wings', value: '2' })).toEqual({ status: 'NotSupported' });
      expect(
        await csms.call('GetConfiguration', { key: ['MeterValueSampleInterval', 'Wings', 'AuthorizationKey'] }),
      ).toEqual({
        configurationKey: [{ key: 'MeterValueSampleInterval', readonly: false, value: '7' }],
        unknownKey: ['Wings', 'AuthorizationKey'],
      });
      expect((await csms.call('GetConfiguration')).configurationKey).toHaveLength(9);
    } else {
      const of = (component: string, variable: string) => ({
        component: { name: component },
        variable: { name: variable },
      });
      const set = { ...of('SampledDataCtrlr', 'TxUpdatedInterval'), attributeValue: '7' };
      const result = await csms.call('SetVariables', {
        setVariableData: [set, { ...of('Wings', 'Number'), attributeValue: '2' }],
      });
      expect(result.setVariableResult).toMatchObject([
        { attributeStatus: 'Accepted' },
        { attributeStatus: 'UnknownComponent' },
      ]);
      const asked = [
        of('SampledDataCtrlr', 'TxUpdatedInterval'),
        of('SampledDataCtrlr', 'Wings'),
        of('SecurityCtrlr', 'BasicAuthPassword'),
      ];
      const got = await csms.call('GetVariables', { getVariableData: asked });
      expect(got.getVariableResult).toMatchObject([
        { attributeStatus: 'Accepted', attributeValue: '7' },
        { attributeStatus: 'UnknownVariable' },
        { attributeStatus: 'Rejected' },
      ]);
    }
    expect(station.switches.meterEveryMs).toBe(7000);
  });

  test('comes back with a new password once it has been given one, and with no bad one', async () => {
    const meeting = await meet(version);
    const give = (password: string) =>
      is16
        ? meeting.csms.call('ChangeConfiguration', { key: 'AuthorizationKey', value: password })
        : meeting.csms.call('SetVariables', {
            setVariableData: [
              {
                component: { name: 'SecurityCtrlr' },
                variable: { name: 'BasicAuthPassword' },
                attributeValue: password,
              },
            ],
          });
    expect(JSON.stringify(await give('short'))).toContain('Rejected');
    expect(JSON.stringify(await give('another password of many'))).toContain('Accepted');
    await until(() => meeting.csms.headers.length === 2);
    const shown = meeting.csms.headers.map(({ authorization }) => atob(String(authorization).replace('Basic ', '')));
    expect(shown).toEqual(['CP-7:a password of twenty', 'CP-7:another password of many']);
    await meeting.station.ready();
    // It has not been away, as far as it knows: there is nothing to introduce.
    expect(meeting.csms.heard('BootNotification')).toHaveLength(1);
  });

  test('fetches its firmware, and comes back with it', async () => {
    const { url } = await openFiles();
    const meeting = await meet(version);
    const ask = (location: string) =>
      meeting.csms.call(
        'UpdateFirmware',
        is16
          ? { location, retrieveDate: '2026-02-19T12:00:00Z' }
          : { requestId: 1, firmware: { location, retrieveDateTime: '2026-02-19T12:00:00Z' } },
      );
    await ask(url);
    await until(() => statusesOf(meeting, 'FirmwareStatusNotification').includes('Installed'));
    expect(statusesOf(meeting, 'FirmwareStatusNotification')).toEqual(['Downloading', 'Downloaded', 'Installed']);
    expect(JSON.stringify(meeting.csms.heard('BootNotification').at(-1))).toContain('1.0.2');
    await ask((await openFiles(500)).url);
    await until(() => statusesOf(meeting, 'FirmwareStatusNotification').includes('DownloadFailed'));
    expect(meeting.csms.heard('BootNotification')).toHaveLength(2);
  });

  test('puts its log where it is told to', async () => {
    const files = await openFiles();
    const meeting = await meet(version);
    const ask = (url: string) =>
      is16
        ? meeting.csms.call('GetDiagnostics', { location: url })
        : meeting.csms.call('GetLog', { log: { remoteLocation: url }, logType: 'DiagnosticsLog', requestId: 1 });
    const action = is16 ? 'DiagnosticsStatusNotification' : 'LogStatusNotification';
    await ask(files.url);
    await until(() => statusesOf(meeting, action).includes('Uploaded'));
    expect(files.put()).toContain('BootNotification');
    await ask('ftp://127.0.0.1/log');
    await until(() => statusesOf(meeting, action).includes(is16 ? 'UploadFailed' : 'UploadFailure'));
  });

  test('lets go of a cable', async () => {
    const meeting = await meet(version);
    const unlock = (id: number) =>
      meeting.csms.call('UnlockConnector', is16 ? { connectorId: id } : { evseId: id, connectorId: 1 });
    expect(await unlock(1)).toEqual({ status: 'Unlocked' });
    expect(await unlock(2)).toEqual({ status: is16 ? 'NotSupported' : 'UnknownConnector' });
    await running(meeting);
    if (is16) {
      expect(await unlock(1)).toEqual({ status: 'Unlocked' });
      expect(meeting.charge().reason).toBe('Unlock');
    } else {
      expect(await unlock(1)).toEqual({ status: 'OngoingAuthorizedTransaction' });
      expect(meeting.charge().reason).toBe(null);
    }
  });

  test('ends nothing but the transaction that it is told to end', async () => {
    const meeting = await meet(version);
    await running(meeting);
    const other = { ...meeting.charge(), id: 'another', number: 4711 };
    expect(await meeting.stop(other)).toEqual({ status: 'Rejected' });
    meeting.station.switches.remoteStop = 'refuse';
    expect(await meeting.stop()).toEqual({ status: 'Rejected' });
    expect(meeting.charge().flow).toBe('charging');
  });

  test('does not do what it cannot', async () => {
    const meeting = await meet(version);
    const [action, payload] = is16
      ? (['GetLocalListVersion', {}] as const)
      : (['GetBaseReport', { requestId: 1, reportBase: 'FullInventory' }] as const);
    await expect(meeting.csms.call(action, payload)).rejects.toThrow('NotSupported');
    expect(await meeting.csms.call('DataTransfer', { vendorId: 'x' })).toEqual({ status: 'UnknownVendorId' });
    expect(await meeting.csms.call('ClearCache')).toEqual(accepted);
  });
});
