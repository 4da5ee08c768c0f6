import { until } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { type Meeting, meet } from '../../test/meeting.ts';

const running = async (meeting: Meeting) => {
  await meeting.start();
  await until(() => meeting.station.outlet().charge?.flow === 'charging');
  await meeting.station.settled();
};

test('over OCPP 2.0.1 a station knows whether a transaction goes on, and whether all of it has been told', async () => {
  const meeting = await meet('2.0.1');
  const ask = (transactionId?: string) =>
    meeting.csms.call('GetTransactionStatus', transactionId ? { transactionId } : {});
  expect(await ask()).toEqual({ messagesInQueue: false });
  await running(meeting);
  const { id } = meeting.charge();
  expect(await ask(id)).toEqual({ ongoingIndicator: true, messagesInQueue: false });
  expect(await ask('unknown')).toEqual({ ongoingIndicator: false, messagesInQueue: false });
  meeting.csms.answer('TransactionEvent', () => 'silent');
  meeting.station.outlet().unplug();
  expect(await ask(id)).toEqual({ ongoingIndicator: false, messagesInQueue: true });
});

test.each(['stopped', 'unplugged'] as const)('over OCPP 2.0.1 a transaction ends when it is %s', async (endsAt) => {
  const meeting = await meet('2.0.1', { switches: { endsAt } });
  await running(meeting);
  await meeting.stop();
  await meeting.station.settled();
  expect(meeting.told().at(-1)).toMatchObject(
    endsAt === 'stopped'
      ? { eventType: 'Ended', triggerReason: 'RemoteStop', transactionInfo: { stoppedReason: 'Remote' } }
      : { eventType: 'Updated', triggerReason: 'RemoteStop', transactionInfo: { chargingState: 'EVConnected' } },
  );
  meeting.station.outlet().unplug();
  await meeting.station.settled();
  expect(meeting.csms.heard('TransactionEvent').filter(({ eventType }) => eventType === 'Ended')).toHaveLength(1);
});

test('over OCPP 2.0.1 a transaction may begin without a cable, and end without one', async () => {
  const meeting = await meet('2.0.1', {
    switches: { beginsAt: 'authorized', plugInAfterMs: null, connectionTimeOutMs: 30 },
  });
  await meeting.start();
  await until(() => meeting.told().length === 1);
  expect(meeting.told()[0]).toMatchObject({ eventType: 'Started', transactionInfo: { chargingState: 'Idle' } });
  await until(() => meeting.told().length === 2);
  expect(meeting.told()[1]).toMatchObject({ eventType: 'Ended', transactionInfo: { stoppedReason: 'Timeout' } });
  meeting.station.switches.connectionTimeOutMs = 60_000;
  await meeting.start();
  meeting.station.outlet().plugIn();
  await meeting.station.settled();
  expect(
    meeting
      .told()
      .slice(3)
      .map(({ triggerReason }) => triggerReason),
  ).toEqual(['CablePluggedIn', 'ChargingStateChanged']);
});
