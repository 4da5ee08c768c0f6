import { expect, test } from 'vitest';
import {
  type ConnectorStatus,
  connectorStatuses,
  type DeviceFacts,
  isNews,
  isReachable,
  stateOf,
  whyNotStarted,
} from './device.ts';

const free: DeviceFacts = {
  inRepair: false,
  status: 'Available',
  ownStatus: null,
  reachable: true,
  inUse: false,
  reservedFor: null,
};

test.each<[ConnectorStatus, string]>([
  ['Available', 'Idle'],
  ['Preparing', 'Busy'],
  ['Charging', 'Busy'],
  ['SuspendedEV', 'Busy'],
  ['SuspendedEVSE', 'Busy'],
  ['Finishing', 'Busy'],
  ['Reserved', 'Busy'],
  ['Occupied', 'Busy'],
  ['Unavailable', 'Repair'],
  ['Faulted', 'Error'],
])('a connector that is %s shows as %s', (status, state) => {
  expect(stateOf({ ...free, status })).toBe(state);
});

test.each<[string, Partial<DeviceFacts>, string]>([
  ['that has said nothing yet', { status: null }, 'Error'],
  ['whose station is not connected', { reachable: false }, 'Error'],
  ['whose station is not connected while a car charges', { reachable: false, inUse: true }, 'Error'],
  ['in repair and not connected', { inRepair: true, reachable: false }, 'Repair'],
  ['in repair, whatever it says', { inRepair: true, status: 'Faulted' }, 'Repair'],
  ['with a session, before the station knows of it', { inUse: true }, 'Busy'],
  ['that is kept for somebody', { reservedFor: 'someone' }, 'Busy'],
  ['of a station that is faulted as a whole', { ownStatus: 'Faulted' }, 'Error'],
  ['of a station that is out of service as a whole', { ownStatus: 'Unavailable' }, 'Repair'],
  ['that is faulted in a station that is out of service', { status: 'Faulted', ownStatus: 'Unavailable' }, 'Error'],
  ['that is faulted in a station that is well', { status: 'Faulted', ownStatus: 'Available' }, 'Error'],
])('a device %s', (_what, facts, state) => {
  expect(stateOf({ ...free, ...facts })).toBe(state);
});

test.each(connectorStatuses)('an operator who took out a device that is %s has the last word', (status) => {
  expect(stateOf({ ...free, status, inRepair: true })).toBe('Repair');
  expect(whyNotStarted({ ...free, status, inRepair: true }, 'me')).toBe('device_offline');
});

test.each<[string, Partial<DeviceFacts>, string | null]>([
  ['is free', {}, null],
  ['has the cable in already', { status: 'Preparing' }, null],
  ['is occupied without a session, as 2.0.1 says of a cable that is in', { status: 'Occupied' }, null],
  ['has the last cable still in', { status: 'Finishing' }, null],
  ['has a session', { inUse: true }, 'device_busy'],
  ['charges a car that we know nothing of', { status: 'Charging' }, 'device_busy'],
  ['is kept for me', { status: 'Reserved', reservedFor: 'me' }, null],
  ['is kept for me and in use', { inUse: true, reservedFor: 'me' }, 'device_busy'],
  ['is kept for somebody else', { status: 'Reserved', reservedFor: 'another' }, 'device_busy'],
  ['is kept for somebody else, before the station says so', { reservedFor: 'another' }, 'device_busy'],
  ['is kept by somebody that we do not know of', { status: 'Reserved' }, 'device_busy'],
  ['is faulted', { status: 'Faulted' }, 'device_offline'],
  ['is not connected', { reachable: false }, 'device_offline'],
  ['is not connected though kept for me', { reachable: false, reservedFor: 'me' }, 'device_offline'],
  ['reports itself unavailable', { status: 'Unavailable' }, 'device_offline'],
])('I start a device that %s', (_what, facts, refusal) => {
  expect(whyNotStarted({ ...free, ...facts }, 'me')).toBe(refusal);
});

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second));

test.each<[string, Parameters<typeof isReachable>[0], boolean]>([
  ['holds its line', { accepted: true, connected: true, disconnectedAt: at(0) }, true],
  ['lost it as long ago as is tolerated', { accepted: true, connected: false, disconnectedAt: at(20) }, true],
  ['lost it longer ago', { accepted: true, connected: false, disconnectedAt: at(19) }, false],
  ['was never here', { accepted: true, connected: false, disconnectedAt: null }, false],
  ['waits for an operator to accept it', { accepted: false, connected: true, disconnectedAt: null }, false],
])('a station that %s', (_what, line, reachable) => {
  expect(isReachable(line, { now: at(50), patienceMs: 30_000 })).toBe(reachable);
});

test.each([
  ['live, by a clock that is behind', { at: at(1), late: false }, at(9), true],
  ['out of its queue, older than what is known', { at: at(1), late: true }, at(9), false],
  ['out of its queue, newer than what is known', { at: at(10), late: true }, at(9), true],
  ['out of its queue, as the first word', { at: at(1), late: true }, null, true],
] as const)('what a station says %s', (_what, said, known, news) => {
  expect(isNews(said, known)).toBe(news);
});
