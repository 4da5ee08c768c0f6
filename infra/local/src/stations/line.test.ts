import { createVerify } from 'node:crypto';
import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { startCsms } from '../../test/csms.ts';
import { forgive, type Meeting, meet } from '../../test/meeting.ts';
import { CallRefused, LineLost, startStation } from './index.ts';
import type { Payload, Version } from './official.ts';

const versions: Version[] = ['1.6', '2.0.1'];
const aCall = (id: string, action: string, payload: Payload = {}) => [2, id, action, payload];
const answersOf = ({ station }: Meeting) =>
  station.line.frames
    .filter(({ direction, text }) => direction === 'out' && !text.startsWith('[2'))
    .map(({ text }) => JSON.parse(text));

describe.each(versions)('over OCPP %s a station complains', (version) => {
  test.each([
    ['what is not JSON', '{"', /a frame is not JSON/],
    ['what is no message', '{}', /a frame is not an array/],
    ['a type that there is not', [7, 'a'], /no type of message/],
    ['an id that is no string', [2, 1, 'ClearCache', {}], /a message id is not a string/],
    [
      'an error that answers nothing',
      [4, 'nothing', 'GenericError', 'why', {}],
      /GenericError answers nothing that was asked: why/,
    ],
  ])('of %s, and goes on', async (_name, frame, complaint) => {
    const meeting = await meet(version);
    meeting.csms.send(frame);
    await until(() => meeting.station.complaints.length > 0);
    expect(forgive(meeting)[0]).toMatch(complaint);
    expect(answersOf(meeting)).toEqual([]);
    await meeting.station.call('Heartbeat', {});
  });

  test('of an answer to nothing not at all: it may have come too late', async () => {
    const meeting = await meet(version);
    meeting.csms.send([3, 'nothing', {}]);
    await meeting.station.call('Heartbeat', {});
    expect(answersOf(meeting)).toEqual([]);
  });

  test('of a call that no document has, and refuses it', async () => {
    const meeting = await meet(version);
    meeting.csms.send(aCall('a', 'Explode'));
    await until(() => answersOf(meeting).length === 1);
    expect(answersOf(meeting)).toEqual([[4, 'a', 'NotImplemented', '', {}]]);
    expect(forgive(meeting)).toEqual([`OCPP ${version} has no Explode`]);
  });

  test('of a call that is not as its schema has it, and refuses it', async () => {
    const meeting = await meet(version);
    meeting.csms.send(aCall('a', 'Reset', { type: 'Maybe', more: 1 }));
    await until(() => answersOf(meeting).length === 1);
    expect(answersOf(meeting)[0].slice(0, 3)).toEqual([
      4,
      'a',
      version === '1.6' ? 'FormationViolation' : 'FormatViolation',
    ]);
    expect(forgive(meeting).join()).toMatch(/more.*must be equal to one of the allowed values/s);
  });

  test('of an answer that is not as its schema has it', async () => {
    const meeting = await meet(version);
    meeting.csms.answer('Heartbeat', () => ({ currentTime: 'noon' }));
    await meeting.station.call('Heartbeat', {});
    expect(forgive(meeting)).toEqual(['HeartbeatResponse/currentTime must match format "date-time"']);
  });

  test('of a second call before the first is answered', async () => {
    const meeting = await meet(version, { switches: { answerAfterMs: 30 } });
    const both = [meeting.csms.call('ClearCache'), meeting.csms.call('ClearCache')];
    await Promise.all(both);
    expect(forgive(meeting)).toEqual(['ClearCache was called before the last call was answered']);
    await meeting.csms.call('ClearCache');
  });

  test('of a call after it has been rejected, and keeps silent', async () => {
    const meeting = await meet(version);
    meeting.csms.answer('BootNotification', () => ({
      status: 'Rejected',
      currentTime: '2026-01-01T00:00:00Z',
      interval: 86_400,
    }));
    meeting.station.losePower();
    await until(() => meeting.station.line.frames.at(-1)?.text.includes('Rejected'));
    meeting.csms.send(aCall('a', 'ClearCache'));
    await until(() => meeting.station.complaints.length === 1);
    expect(forgive(meeting)).toEqual(['ClearCache was called although this station has been rejected']);
    expect(answersOf(meeting)).toEqual([]);
    expect(meeting.csms.heard('StatusNotification').length).toBeLessThanOrEqual(2);
  });

  test('of a subprotocol that it does not speak', async () => {
    const csms = await startCsms(version);
    const station = startStation({
      url: csms.url,
      identity: 'x',
      version,
      protocols: ['ocpp9'],
      switches: { reconnectMs: 1 },
    });
    await until(
      () => station.line.refusals.length > 0 || station.complaints.length > 0 || station.line.ending !== null,
    );
    expect(station.line.connections).toBe(0);
    await station.close();
    await csms.close();
  });
});

test('a station that is turned away says with what, and comes again', async () => {
  const csms = await startCsms();
  csms.refuse(401);
  const station = startStation({ url: csms.url, identity: 'CP 7/ä', password: 'p', switches: { reconnectMs: 1 } });
  await until(() => station.line.refusals.length >= 2);
  await expect(station.ready(1)).rejects.toThrow(/turned away with 401, 401/);
  csms.refuse(undefined);
  await station.ready();
  await station.close();
  await csms.close();
});

test('a station is known by the end of its address, its password and what a proxy says of it', async () => {
  const { csms, station } = await meet('1.6', { headers: { 'x-client-certificate': 'CN=CP-7' } });
  expect(csms.headers[0]).toMatchObject({
    authorization: `Basic ${btoa('CP-7:a password of twenty')}`,
    'sec-websocket-protocol': 'ocpp1.6',
    'x-client-certificate': 'CN=CP-7',
  });
  expect(station.line.connections).toBe(1);
});

test('a password in hex may be shown as the bytes that it stands for', async () => {
  const hex = 'ab'.repeat(20);
  const { csms } = await meet('1.6', { password: hex, switches: { passwordInBytes: true } });
  const shown = Buffer.from(String(csms.headers[0]?.authorization).replace('Basic ', ''), 'base64');
  expect(shown).toEqual(Buffer.concat([Buffer.from('CP-7:'), Buffer.from(hex, 'hex')]));
});

test('message ids that are counted begin anew with the station', async () => {
  const { csms, station } = await meet('1.6', { switches: { countedIds: true } });
  station.losePower();
  await until(() => csms.heard('BootNotification').length === 2);
  await station.settled();
  const ids = csms.calls.map(({ messageId }) => messageId);
  expect(ids).toEqual(['1', '2', '3', '1', '2', '3']);
});

test('calls go out one after the other, and those that are refused or lost say so', async () => {
  const { csms, station } = await meet('1.6', { switches: { answerWithinMs: 300 } });
  csms.answer('Heartbeat', (_payload, times) =>
    times === 1 ? { refuse: 'InternalError' } : times === 2 ? 'silent' : undefined,
  );
  const calls = [station.call('Heartbeat', {}), station.call('Heartbeat', {}), station.call('Heartbeat', {})];
  const results = await Promise.allSettled(calls);
  expect(results.map((result) => (result.status === 'rejected' ? result.reason.constructor : result.status))).toEqual([
    CallRefused,
    LineLost,
    'fulfilled',
  ]);
  station.goOffline();
  await expect(station.call('Heartbeat', {})).rejects.toThrow(LineLost);
});

test('a line that breaks is made again, without an introduction unless the station is one of those', async () => {
  const { csms, station } = await meet('1.6');
  csms.hangUp();
  await until(() => station.line.connections === 2);
  await station.settled();
  expect(csms.heard('BootNotification')).toHaveLength(1);
  station.switches.bootsAlways = true;
  csms.hangUp();
  await until(() => csms.heard('BootNotification').length === 2);
});

test('a clock that is wrong shows in what the station says, and nowhere else', async () => {
  const { csms, station, clock, start, charge } = await meet('1.6', {
    switches: { clockAheadMs: -3_600_000, milliseconds: false },
  });
  await start();
  await until(() => csms.heard('StartTransaction').length === 1);
  await station.settled();
  expect(csms.heard('StartTransaction')[0]).toMatchObject({ timestamp: '2026-02-19T11:00:00Z' });
  expect(charge().beganAt).toEqual(clock());
});

test.each([true, false])('the sequence of events counts up unless it is stuck (%s)', async (seqNoStuck) => {
  const meeting = await meet('2.0.1', { switches: { seqNoStuck } });
  await meeting.start();
  await until(() => meeting.told().length === 2);
  meeting.station.outlet().unplug();
  await meeting.station.settled();
  expect(meeting.told().map(({ seqNo }) => seqNo)).toEqual(seqNoStuck ? [0, 0, 0] : [0, 1, 2]);
});

test.each(versions)(
  'over OCPP %s the meter data of the end can be verified with the key of the meter',
  async (version) => {
    const meeting = await meet(version, { switches: { signed: true, powerW: 60_000 } });
    await meeting.start();
    await until(() => meeting.told().length >= 1);
    meeting.clock.advance(60_000);
    meeting.station.outlet().unplug();
    await meeting.station.settled();
    const said = JSON.stringify(meeting.told().at(-1));
    const ocmf = version === '1.6' ? said.match(/OCMF.*?\}"\}|OCMF(\\.|[^"\\])*/)?.[0] : undefined;
    const signed = said.match(/"signedMeterData":"([^"]+)"/)?.[1];
    const text = ocmf ? JSON.parse(`"${ocmf}"`) : atob(signed ?? '');
    const [, payload, signature] = text.split('|');
    expect(JSON.parse(payload).RD.map(({ RV }: { RV: number }) => RV)).toEqual([1000.217, 1001.217]);
    if (version === '1.6') return;
    const key = said.match(/"publicKey":"([^"]+)"/)?.[1] ?? '';
    const verify = createVerify('sha256').update(payload);
    const isRight = verify.verify(
      { key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' },
      JSON.parse(signature).SD,
      'hex',
    );
    expect(isRight).toBe(true);
  },
);
