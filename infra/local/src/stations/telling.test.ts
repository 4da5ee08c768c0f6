import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { forgive, type Meeting, meet } from '../../test/meeting.ts';
import type { Version } from './official.ts';

const versions: Version[] = ['1.6', '2.0.1'];
const minute = 60_000;

const transactionOf = ({ csms, charge }: Meeting) => {
  const { id, number } = charge();
  return csms.transactions.get(number === null ? id : String(number));
};
const running = (meeting: Meeting) => until(() => meeting.station.outlet().charge?.flow === 'charging');

describe.each(versions)('over OCPP %s a charge', (version) => {
  test('whose beginning was not answered is told again, unchanged, and is one', async () => {
    const meeting = await meet(version);
    const action = version === '1.6' ? 'StartTransaction' : 'TransactionEvent';
    meeting.station.line.cutAfter(action);
    await meeting.start();
    await until(() => meeting.csms.heard(action).length >= 2);
    await meeting.station.settled();
    const [first, second] = meeting.csms.heard(action);
    expect(second).toEqual(version === '1.6' ? first : { ...first, offline: true });
    expect(meeting.csms.transactions.size).toBe(1);
    const ids = meeting.csms.calls.filter((call) => call.action === action).map(({ messageId }) => messageId);
    expect(ids[0]).not.toBe(ids[1]);
    await meeting.stop();
    meeting.station.outlet().unplug();
    await meeting.station.settled();
    expect(transactionOf(meeting)?.stopWh).toBe(meeting.charge().meterStopWh);
  });

  test('goes on without a line, and is told afterwards, in order and with its own times', async () => {
    const meeting = await meet(version);
    const { station, clock, csms, told } = meeting;
    await meeting.start();
    await running(meeting);
    await station.settled();
    const before = told().length;
    station.goOffline();
    for (const _ of [1, 2, 3]) {
      clock.advance(minute);
      station.outlet().sample();
    }
    station.outlet().unplug();
    const statusesBefore = csms.heard('StatusNotification').length;
    expect(told()).toHaveLength(before);
    clock.advance(60 * minute);
    station.goOnline();
    await station.settled();
    const replayed = told().slice(before);
    const times = replayed.map((payload) => JSON.stringify(payload).match(/"timestamp":"([^"]+)"/)?.[1] ?? '');
    expect(times).toEqual([...times].sort());
    expect(new Date(times.at(-1) ?? '').getTime()).toBe(clock().getTime() - 60 * minute);
    expect(replayed).toHaveLength(4);
    if (version === '2.0.1') expect(replayed.every(({ offline }) => offline === true)).toBe(true);
    expect(transactionOf(meeting)?.stopWh).toBe(meeting.charge().meterStopWh);
    // What a connector is now is said; what it was meanwhile is not.
    await until(() => lastStatus(meeting) === 'Available');
    expect(csms.heard('StatusNotification')).toHaveLength(statusesBefore + 1);
  });

  test('may be told the newest first', async () => {
    const meeting = await meet(version, { switches: { newestFirst: true } });
    await meeting.start();
    await running(meeting);
    await meeting.station.settled();
    const before = meeting.told().length;
    meeting.station.goOffline();
    meeting.clock.advance(minute);
    meeting.station.outlet().sample();
    meeting.clock.advance(minute);
    meeting.station.outlet().unplug();
    meeting.station.goOnline();
    await meeting.station.settled();
    const times = meeting
      .told()
      .slice(before)
      .map((payload) => JSON.stringify(payload).match(/"timestamp":"([^"]+)"/)?.[1]);
    expect(times).toEqual([...times].sort().reverse());
    expect(times).toHaveLength(2);
  });

  test('is told the newest first, but for a start that is not answered yet: without it nothing has a name', async () => {
    const meeting = await meet(version, { switches: { newestFirst: true } });
    const { station } = meeting;
    station.goOffline();
    station.outlet().plugIn();
    station.outlet().permit({ idToken: 'A1B2C3', by: 'card' });
    meeting.clock.advance(minute);
    station.outlet().unplug();
    station.goOnline();
    await station.settled();
    expect(transactionOf(meeting)?.stopWh).toBe(meeting.charge().meterStopWh);
  });

  test('may end without anybody having heard how it began', async () => {
    const meeting = await meet(version, { switches: { losesStart: true } });
    await meeting.start();
    await running(meeting);
    meeting.clock.advance(minute);
    meeting.station.outlet().unplug();
    await meeting.station.settled();
    expect(JSON.stringify(meeting.told())).not.toMatch(/meterStart|"Started"/);
    expect(meeting.told().at(-1)).toMatchObject(version === '1.6' ? { transactionId: -1 } : { eventType: 'Ended' });
  });

  test('that began and ended without a line, by a card, is told from its beginning', async () => {
    const meeting = await meet(version);
    meeting.station.goOffline();
    expect(await meeting.station.presentCard('CARD')).toBe(true);
    await running(meeting);
    meeting.clock.advance(minute);
    meeting.station.outlet().sample();
    await meeting.station.presentCard('CARD');
    meeting.station.outlet().unplug();
    meeting.station.goOnline();
    await meeting.station.settled();
    expect(meeting.charge()).toMatchObject({ energyWh: 1000, reason: 'Local', stopToken: 'CARD' });
    expect(transactionOf(meeting)?.stopWh).toBe(meeting.charge().meterStopWh);
  });

  test('whose messages are refused is told three times, and given up with a complaint', async () => {
    const meeting = await meet(version);
    const action = version === '1.6' ? 'MeterValues' : 'TransactionEvent';
    await meeting.start();
    await running(meeting);
    await meeting.station.settled();
    const before = meeting.csms.heard(action).length;
    meeting.csms.answer(action, () => ({ refuse: 'InternalError' }));
    meeting.station.outlet().sample();
    await meeting.station.settled();
    expect(meeting.csms.heard(action)).toHaveLength(before + 3);
    expect(forgive(meeting)).toEqual([`${action} was given up: ${action} was refused with InternalError: `]);
  });

  test('whose messages are refused once is not told as if it had been offline', async () => {
    const meeting = await meet(version);
    const action = version === '1.6' ? 'StartTransaction' : 'TransactionEvent';
    meeting.csms.answer(action, (_payload, times) => (times === 1 ? { refuse: 'InternalError' } : undefined));
    await meeting.start();
    await until(() => meeting.csms.heard(action).length >= 2);
    await meeting.station.settled();
    expect(meeting.csms.heard(action)[1]).toEqual(meeting.csms.heard(action)[0]);
  });
});

test('over OCPP 1.6 a charge whose beginning nobody ever answered ends under a number that nobody has', async () => {
  const meeting = await meet('1.6');
  meeting.csms.answer('StartTransaction', () => ({ refuse: 'InternalError' }));
  await meeting.start();
  await until(() => meeting.station.complaints.length === 1);
  meeting.station.outlet().unplug();
  await meeting.station.settled();
  expect(meeting.csms.heard('StopTransaction')).toMatchObject([{ transactionId: -1 }]);
  expect(forgive(meeting)).toHaveLength(1);
});

const lastStatus = ({ csms }: Meeting) => {
  const last = csms.heard('StatusNotification').at(-1);
  return last?.status ?? last?.connectorStatus;
};
