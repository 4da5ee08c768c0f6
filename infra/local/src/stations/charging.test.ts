import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { type Meeting, meet } from '../../test/meeting.ts';
import type { Version } from './official.ts';

const versions: Version[] = ['1.6', '2.0.1'];
const minute = 60_000;

const transactionOf = ({ csms, charge }: Meeting) => {
  const { id, number } = charge();
  return csms.transactions.get(number === null ? id : String(number));
};
const running = (meeting: Meeting) => until(() => meeting.station.outlet().charge?.flow === 'charging');

describe.each(versions)('a charge over OCPP %s', (version) => {
  test('is as long and as much as the clock and the power say, and its messages agree with the book', async () => {
    const meeting = await meet(version, { switches: { powerW: 60_000 } });
    const { station, clock, start, stop, charge } = meeting;
    expect(await start()).toEqual({ status: 'Accepted' });
    await running(meeting);
    clock.advance(6 * minute);
    station.outlet().sample();
    clock.advance(6 * minute);
    await station.settled();
    expect(await stop()).toEqual({ status: 'Accepted' });
    clock.advance(3 * minute);
    station.outlet().unplug();
    await station.settled();
    expect(charge()).toMatchObject({ energyWh: 12_000, reason: 'Remote', idToken: 'A1' });
    expect(charge().leftAt?.getTime()).toBe((charge().endedAt?.getTime() ?? 0) + 3 * minute);
    const { startWh, stopWh } = transactionOf(meeting) ?? {};
    expect((stopWh ?? 0) - (startWh ?? 0)).toBe(12_000);
  });

  test('begins when the cable is in', async () => {
    const meeting = await meet(version, { switches: { plugInAfterMs: null } });
    await meeting.start();
    await meeting.station.settled();
    expect(meeting.told()).toEqual([]);
    meeting.station.outlet().plugIn();
    await running(meeting);
  });

  test('does not begin when nobody plugs in, and somebody else may try', async () => {
    const meeting = await meet(version, { switches: { plugInAfterMs: null, connectionTimeOutMs: 1 } });
    await meeting.start();
    await until(() => !meeting.station.outlet().permitted);
    await meeting.station.settled();
    expect(meeting.told()).toEqual([]);
    expect(lastStatus(meeting)).toBe('Available');
    expect(await meeting.start('B2')).toEqual({ status: 'Accepted' });
  });

  test.each(['refuse', 'silent'] as const)('is not begun by a station that would %s', async (remoteStart) => {
    const meeting = await meet(version, { switches: { remoteStart } });
    const answer = meeting.start();
    if (remoteStart === 'refuse') expect(await answer).toEqual({ status: 'Rejected' });
    await meeting.station.call('Heartbeat', {});
    expect(meeting.station.charges).toEqual([]);
  });

  test('is not begun where one runs, where something is broken, or where nobody may', async () => {
    const meeting = await meet(version, { connectors: 3 });
    await meeting.start();
    await running(meeting);
    expect(await meeting.start('B2')).toEqual({ status: 'Rejected' });
    meeting.station.outlet(2).fault();
    expect(await meeting.start('B2', 2)).toEqual({ status: 'Rejected' });
    meeting.station.outlet(3).setOperative(false);
    expect(await meeting.start('B2', 3)).toEqual({ status: 'Rejected' });
    expect(await meeting.start('B2', 4)).toEqual({ status: 'Rejected' });
  });

  test('may begin before the wish is answered', async () => {
    const meeting = await meet(version, { switches: { beginsBeforeAnswer: true } });
    meeting.station.outlet().plugIn();
    await meeting.station.settled();
    await meeting.start();
    const out = meeting.station.line.frames.filter(({ direction }) => direction === 'out').map(({ text }) => text);
    const begun = out.findIndex((text) => /"StartTransaction"|"Started"/.test(text));
    expect(begun).toBeGreaterThan(-1);
    expect(begun).toBeLessThan(out.findIndex((text) => text.includes('"status":"Accepted"')));
  });

  test('is begun and ended by a card that is accepted, or one of its group, and by no other', async () => {
    const meeting = await meet(version);
    const accepted = (group: string) => ({ status: 'Accepted', ...groupOf(group) });
    const groupOf = (group: string) =>
      version === '1.6' ? { parentIdTag: group } : { groupIdToken: { idToken: group, type: 'Central' } };
    const groups: Record<string, string> = { A: 'family', B: 'family', C: 'others' };
    meeting.csms.answer('Authorize', (payload) => {
      const token =
        typeof payload.idTag === 'string' ? payload.idTag : (payload.idToken as { idToken: string }).idToken;
      const info = groups[token] ? accepted(groups[token]) : { status: 'Invalid' };
      return version === '1.6' ? { idTagInfo: info } : { idTokenInfo: info };
    });
    expect(await meeting.station.presentCard('Z')).toBe(false);
    expect(await meeting.station.presentCard('A')).toBe(true);
    await running(meeting);
    expect(await meeting.station.presentCard('C')).toBe(false);
    expect(meeting.charge().reason).toBe(null);
    expect(await meeting.station.presentCard('B')).toBe(true);
    expect(meeting.charge()).toMatchObject({ idToken: 'A', stopToken: 'B', reason: 'Local' });
  });

  test('that the central system does not want is ended by the station', async () => {
    const meeting = await meet(version);
    const info = { status: 'Invalid' };
    meeting.csms.answer('StartTransaction', () => ({ transactionId: 77, idTagInfo: info }));
    meeting.csms.answer('TransactionEvent', ({ eventType }) => (eventType === 'Started' ? { idTokenInfo: info } : {}));
    await meeting.start();
    await until(() => meeting.charge().reason === 'DeAuthorized');
    meeting.station.outlet().unplug();
    await meeting.station.settled();
    expect(meeting.told().length).toBeGreaterThan(1);
  });

  test('is suspended by the car when that has enough, and takes no more', async () => {
    const meeting = await meet(version, { switches: { batteryWh: 500 } });
    await meeting.start();
    await running(meeting);
    meeting.clock.advance(minute);
    meeting.station.outlet().sample();
    const { energyWh } = meeting.charge();
    meeting.clock.advance(60 * minute);
    meeting.station.outlet().sample();
    await meeting.station.settled();
    expect(meeting.charge()).toMatchObject({ flow: 'suspendedEV', energyWh });
    expect(JSON.stringify(meeting.csms.calls)).toContain('SuspendedEV');
  });

  test('ends with a fault, and its outlet says so until that is over', async () => {
    const meeting = await meet(version);
    await meeting.start();
    await running(meeting);
    meeting.station.outlet().fault();
    await meeting.station.settled();
    expect(lastStatus(meeting)).toBe('Faulted');
    expect(meeting.charge().reason).toBe('Fault');
    meeting.station.outlet().unplug();
    meeting.station.outlet().recover();
    await meeting.station.settled();
    expect(lastStatus(meeting)).toBe('Available');
  });

  test('ends when the power is lost, which is told after the station has introduced itself again', async () => {
    const meeting = await meet(version);
    await meeting.start();
    await running(meeting);
    await meeting.station.settled();
    meeting.station.losePower();
    await until(() => meeting.csms.heard('BootNotification').length === 2);
    await meeting.station.settled();
    const actions = meeting.csms.calls.map(({ action }) => action);
    const ending = version === '1.6' ? 'StopTransaction' : 'TransactionEvent';
    expect(actions.lastIndexOf(ending)).toBeGreaterThan(actions.lastIndexOf('BootNotification'));
    expect(JSON.stringify(meeting.told().at(-1))).toContain('PowerLoss');
  });

  test('is begun by whoever plugs in where charging is free', async () => {
    const meeting = await meet(version, { switches: { freeVend: 'FREE' } });
    meeting.station.outlet().plugIn();
    await running(meeting);
    expect(meeting.charge()).toMatchObject({ idToken: 'FREE', by: 'cable' });
  });

  test('is said twice by a station that never trusts an answer', async () => {
    const meeting = await meet(version, { switches: { repeats: true, repeatedIds: 'same' } });
    await meeting.start();
    await running(meeting);
    meeting.station.outlet().unplug();
    await meeting.station.settled();
    const calls = meeting.csms.calls.filter(({ action }) => /Transaction/.test(action));
    for (let index = 0; index < calls.length; index += 2) expect(calls[index + 1]).toEqual(calls[index]);
    expect(calls.length).toBeGreaterThan(3);
    expect(meeting.csms.transactions.size).toBe(1);
  });
});

const lastStatus = ({ csms }: Meeting) => {
  const last = csms.heard('StatusNotification').at(-1);
  return last?.status ?? last?.connectorStatus;
};
