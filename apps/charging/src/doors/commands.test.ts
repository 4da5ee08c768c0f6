import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../ocpp/calls.ts';
import type { Protocol } from '../ocpp/frame.ts';
import type { Outcome, Wish } from '../station/wish.ts';
import { type Asking, carriedBy } from './outcome.ts';
import { faultIn } from './schema.ts';
import { asking16 } from './v16/commands.ts';
import { asking201, isForgotten } from './v201/commands.ts';

const at = new Date('2026-02-19T12:00:00.123Z');
const wishes: readonly Wish[] = [
  { action: 'remoteStart', connector: 1, idToken: 'FC01', remoteStartId: 7 },
  { action: 'remoteStart', connector: 1, idToken: 'FC01', remoteStartId: 7, limitW: 11_000 },
  { action: 'remoteStop', transactionId: '7' },
  { action: 'reset', kind: 'soft' },
  { action: 'reset', kind: 'hard' },
  { action: 'unlock', connector: 2 },
  { action: 'changeAvailability', connector: 0, operative: false },
  { action: 'changeAvailability', connector: 1, operative: true },
  { action: 'getConfiguration', keys: [] },
  { action: 'getConfiguration', keys: ['OCPPCommCtrlr.HeartbeatInterval'] },
  { action: 'setConfiguration', key: 'HeartbeatInterval', value: '300' },
  { action: 'trigger', message: 'StatusNotification', connector: 1 },
  { action: 'trigger', message: 'MeterValues', connector: 1 },
  { action: 'trigger', message: 'DiagnosticsStatusNotification' },
  { action: 'trigger', message: 'BootNotification' },
  { action: 'setPowerLimit', connector: 0, watts: 50_000 },
  { action: 'setPowerLimit', connector: 1, watts: 0 },
  { action: 'setPowerLimit', connector: 0, watts: null },
  { action: 'setPowerLimit', connector: 1, watts: null },
  { action: 'updateFirmware', url: 'https://firmware.example/1.bin', at },
  { action: 'getDiagnostics', url: 'https://logs.example/' },
  { action: 'reserve', connector: 1, number: 3, idToken: 'FC02', expiresAt: at },
  { action: 'cancelReservation', number: 3 },
];
const inWords: Record<Protocol, (wish: Wish) => Asking | null> = {
  'ocpp1.6': asking16,
  'ocpp2.0.1': (wish) => asking201(wish, 1),
};

describe.each(['ocpp1.6', 'ocpp2.0.1'] as const)('a wish in the words of %s', (protocol) => {
  test.each(wishes.map((wish) => [wish] as const))('is as its documents have it: %j', (wish) => {
    const asking = inWords[protocol](wish);
    expect(asking && faultIn(protocol, asking.action, asking.payload)).toBeNull();
    expect(asking).not.toBeNull();
    expect(JSON.stringify(asking?.payload)).not.toMatch(/\.123Z/);
  });

  test.each<[CallOutcome, Outcome]>([
    [{ kind: 'result', payload: { status: 'Accepted' } }, 'accepted'],
    [{ kind: 'result', payload: { status: 'Rejected' } }, 'rejected'],
    [{ kind: 'result', payload: { status: 'SomethingNew' } }, 'rejected'],
    [{ kind: 'result', payload: {} }, 'failed'],
    [{ kind: 'result', payload: null }, 'failed'],
    [{ kind: 'error', code: 'NotImplemented', description: '', details: {} }, 'not_supported'],
    [{ kind: 'error', code: 'NotSupported', description: '', details: {} }, 'not_supported'],
    [{ kind: 'error', code: 'InternalError', description: '', details: {} }, 'failed'],
    [{ kind: 'timeout' }, 'timeout'],
    [{ kind: 'unsent' }, 'failed'],
    [{ kind: 'closed', sent: true }, 'timeout'],
    [{ kind: 'closed', sent: false }, 'offline'],
  ])('to which it says %j has the outcome %s', (said, outcome) => {
    const asking = inWords[protocol]({ action: 'remoteStart', connector: 1, idToken: 'A', remoteStartId: 1 });
    expect(carriedBy(said, (asking as Asking).judge).outcome).toBe(outcome);
  });
});

test.each<[Protocol, Wish, Record<string, unknown>, Outcome]>([
  ['ocpp1.6', { action: 'unlock', connector: 1 }, { status: 'Unlocked' }, 'accepted'],
  ['ocpp1.6', { action: 'unlock', connector: 1 }, { status: 'UnlockFailed' }, 'rejected'],
  ['ocpp1.6', { action: 'unlock', connector: 1 }, { status: 'NotSupported' }, 'not_supported'],
  ['ocpp1.6', { action: 'changeAvailability', connector: 1, operative: false }, { status: 'Scheduled' }, 'accepted'],
  ['ocpp1.6', { action: 'setConfiguration', key: 'K', value: 'v' }, { status: 'RebootRequired' }, 'accepted'],
  ['ocpp1.6', { action: 'setConfiguration', key: 'K', value: 'v' }, { status: 'NotSupported' }, 'not_supported'],
  ['ocpp1.6', { action: 'setPowerLimit', connector: 1, watts: null }, { status: 'Unknown' }, 'accepted'],
  ['ocpp1.6', { action: 'trigger', message: 'Heartbeat' }, { status: 'NotImplemented' }, 'not_supported'],
  [
    'ocpp1.6',
    { action: 'reserve', connector: 1, number: 1, idToken: 'A', expiresAt: at },
    { status: 'Occupied' },
    'rejected',
  ],
  ['ocpp2.0.1', { action: 'reset', kind: 'soft' }, { status: 'Scheduled' }, 'accepted'],
  ['ocpp2.0.1', { action: 'unlock', connector: 1 }, { status: 'OngoingAuthorizedTransaction' }, 'rejected'],
  [
    'ocpp2.0.1',
    { action: 'setConfiguration', key: 'C.V', value: 'v' },
    { setVariableResult: [{ attributeStatus: 'UnknownVariable' }] },
    'not_supported',
  ],
  [
    'ocpp2.0.1',
    { action: 'setConfiguration', key: 'C.V', value: 'v' },
    { setVariableResult: [{ attributeStatus: 'Accepted' }] },
    'accepted',
  ],
  ['ocpp2.0.1', { action: 'setConfiguration', key: 'C.V', value: 'v' }, { setVariableResult: [] }, 'failed'],
  ['ocpp2.0.1', { action: 'getTransactionStatus', transactionId: 't' }, { messagesInQueue: true }, 'accepted'],
])('%s: %j and %j is %s', (protocol, wish, answer, outcome) => {
  expect(inWords[protocol](wish)?.judge(answer)).toBe(outcome);
});

test('what a version has no words for is not asked in it', () => {
  expect(asking16({ action: 'getTransactionStatus', transactionId: '7' })).toBeNull();
  expect(asking16({ action: 'remoteStop', transactionId: 'a-name-of-2.0.1' })).toBeNull();
});

test.each([
  [{ ongoingIndicator: false, messagesInQueue: false }, true],
  [{ ongoingIndicator: false, messagesInQueue: true }, false],
  [{ ongoingIndicator: true, messagesInQueue: false }, false],
  [{ messagesInQueue: false }, false],
  [null, false],
])('a transaction of which the station says %j is forgotten: %s', (answer, forgotten) => {
  expect(isForgotten(answer)).toBe(forgotten);
});
