import { newObjectId } from '@forecourt/service-kit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { anId, aStation } from '../../../test/builders.ts';
import { pretendLines } from '../../../test/lines.ts';
import { openSite, type Site } from '../../../test/site.ts';
import { tellStory } from '../../station/story.ts';

const pretended = pretendLines();
let site: Site;
let operator: Record<string, string>;
let operatorId: string;
beforeAll(async () => {
  site = await openSite({ deps: { lines: pretended.lines } });
  operatorId = anId();
  operator = await site.asOperator(operatorId);
});
beforeEach(() => {
  pretended.asked.length = 0;
  pretended.answer('accepted');
});
afterAll(() => site.close());

const command = (stationId: string, body: unknown) =>
  site.post(`/admin/stations/${stationId}/commands`, body, operator);

test.each([
  { action: 'reset', kind: 'soft' },
  { action: 'unlock', connector: 2 },
  { action: 'changeAvailability', connector: 0, operative: false },
  { action: 'getConfiguration', keys: ['HeartbeatInterval'] },
  { action: 'setConfiguration', key: 'HeartbeatInterval', value: '300' },
  { action: 'trigger', message: 'StatusNotification', connector: 1 },
  { action: 'setPowerLimit', connector: 1, watts: 7_400 },
  { action: 'setPowerLimit', connector: 1, watts: null },
  { action: 'getDiagnostics', url: 'ftp://files.example.com/logs' },
])('an operator asks a station: $action', async (wish) => {
  const station = await aStation(site.deps.database);
  pretended.answer('accepted', { status: 'Accepted' });
  const { status, body } = await command(station.id, wish);
  expect([status, body.outcome, body.answer]).toEqual([200, 'accepted', { status: 'Accepted' }]);
  expect(pretended.asked).toEqual([{ stationId: station.id, wish }]);

  const { body: list } = await site.get(`/admin/stations/${station.id}/commands`, operator);
  const { action, ...payload } = wish;
  expect(list.items).toMatchObject([{ id: body.id, action, payload, outcome: 'accepted', operatorId }]);
  expect(list.items[0].endedAt).not.toBeNull();
});

test('a station that shows its password shows it to nobody here', async () => {
  const station = await aStation(site.deps.database);
  pretended.answer('accepted', {
    configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: 'the-secret' }],
  });
  const told = await command(station.id, { action: 'getConfiguration' });
  const listed = await site.get(`/admin/stations/${station.id}/commands`, operator);
  expect(told.text).toContain('AuthorizationKey');
  expect(told.text + listed.text).not.toContain('the-secret');
});

test('firmware is asked for at an instant, and all of the configuration by naming nothing', async () => {
  const station = await aStation(site.deps.database);
  const at = '2026-12-01T02:00:00+02:00';
  await command(station.id, { action: 'updateFirmware', url: 'https://files.example.com/fw.bin', at });
  await command(station.id, { action: 'getConfiguration' });
  expect(pretended.asked.map(({ wish }) => wish)).toEqual([
    { action: 'updateFirmware', url: 'https://files.example.com/fw.bin', at: new Date(at) },
    { action: 'getConfiguration', keys: [] },
  ]);
});

test.each(['rejected', 'not_supported', 'timeout', 'failed'] as const)(
  'a command that ends as %s says so',
  async (outcome) => {
    const station = await aStation(site.deps.database);
    pretended.answer(outcome);
    expect((await command(station.id, { action: 'reset', kind: 'hard' })).body.outcome).toBe(outcome);
  },
);

test('a station that is not there never heard of it', async () => {
  const station = await aStation(site.deps.database, { connected: false });
  expect((await command(station.id, { action: 'reset', kind: 'hard' })).body.outcome).toBe('offline');
  expect(pretended.asked).toEqual([]);
});

test.each([
  ['a start, which is a session', { action: 'remoteStart', connector: 1, idToken: 'X', remoteStartId: 1 }],
  ['the password of a station', { action: 'setConfiguration', key: 'authorizationKey', value: 'x'.repeat(20) }],
  [
    'the password of a station of 2.0.1',
    { action: 'setConfiguration', key: 'SecurityCtrlr.BasicAuthPassword', value: 'x' },
  ],
  ['firmware from a file', { action: 'updateFirmware', url: 'file:///etc/passwd', at: '2026-12-01T00:00:00Z' }],
  ['firmware at no time', { action: 'updateFirmware', url: 'https://a.example/fw' }],
  ['what nobody knows', { action: 'selfDestruct' }],
  ['a connector below all', { action: 'unlock', connector: 0 }],
  ['a field of another command', { action: 'reset', kind: 'soft', connector: 1 }],
])('nobody asks a station for %s', async (_what, body) => {
  const station = await aStation(site.deps.database);
  expect((await command(station.id, body)).status).toBe(400);
  expect(pretended.asked).toEqual([]);
});

test('the log of a station is read newest first, in pages that join up, by kind', async () => {
  const { id: stationId } = await aStation(site.deps.database);
  const start = new Date('2026-03-01T10:00:00Z').getTime();
  for (const turn of [1, 2, 3, 4, 5]) {
    const kind = turn % 2 === 0 ? 'line.connected' : 'boot';
    // Within one second: ids alone do not tell their order.
    await tellStory(site.deps.database, { stationId, at: new Date(start + turn), kind, detail: { turn } });
  }
  const read = async (query = '') => (await site.get(`/admin/stations/${stationId}/log${query}`, operator)).body;
  const turns = async (query = '') =>
    (await read(query)).items.map(({ detail }: { detail: { turn: number } }) => detail.turn);
  expect(await turns()).toEqual([5, 4, 3, 2, 1]);
  expect(await turns('?kind=line.connected')).toEqual([4, 2]);
  const { next } = await read('?limit=2');
  expect(await turns(`?limit=2&after=${next}`)).toEqual([3, 2]);
});

test('frames are read as they were, newest first, in pages that join up, also within a millisecond', async () => {
  const { id } = await aStation(site.deps.database);
  const other = await aStation(site.deps.database);
  const at = new Date('2026-03-01T10:00:00.500Z');
  for (const [turn, direction] of (['in', 'out', 'in', 'out'] as const).entries()) {
    await site.deps.database.$executeRaw`
      INSERT INTO frame (at, station_id, direction, text)
      VALUES (${turn < 3 ? at : new Date(at.getTime() + 1)}, ${id}, ${direction}, ${`[2,"${turn}","Heartbeat",{}]`})`;
  }
  await site.deps.database
    .$executeRaw`INSERT INTO frame (at, station_id, direction, text) VALUES (${at}, ${other.id}, 'in', 'another')`;
  const read = async (query = '') => (await site.get(`/admin/stations/${id}/frames${query}`, operator)).body;
  const turns = async (query = '') =>
    (await read(query)).items.map(({ text }: { text: string }) => Number(JSON.parse(text)[1]));
  expect(await turns()).toEqual([3, 2, 1, 0]);
  expect(await turns('?direction=in')).toEqual([2, 0]);
  expect(await turns('?from=2026-03-01T10:00:00.501Z')).toEqual([3]);
  expect(await turns('?to=2026-03-01T10:00:00.501Z')).toEqual([2, 1, 0]);
  const first = await read('?limit=2');
  const second = await read(`?limit=2&after=${first.next}`);
  expect(second.items.map(({ text }: { text: string }) => JSON.parse(text)[1])).toEqual(['1', '0']);
  expect(
    (await site.get(`/admin/stations/${id}/frames?after=99999999999999-99999999999999999999`, operator)).status,
  ).toBe(400);
});

test('calls that fit nothing are listed until somebody has looked; the first who did stays', async () => {
  const { id: stationId } = await aStation(site.deps.database);
  const at = site.deps.clock();
  const id = newObjectId(at);
  await site.deps.prisma.suspectCall.create({
    data: { id, stationId, at, action: 'StopTransaction', payload: { transactionId: 77 }, reason: 'no such session' },
  });
  const open = async () =>
    (await site.get(`/admin/suspect-calls?stationId=${stationId}&resolved=false`, operator)).body.items;
  expect(await open()).toMatchObject([
    { id, action: 'StopTransaction', payload: { transactionId: 77 }, resolvedBy: null },
  ]);
  expect((await site.post(`/admin/suspect-calls/${id}/resolve`, undefined, operator)).body.resolvedBy).toBe(operatorId);
  const again = await site.post(`/admin/suspect-calls/${id}/resolve`, {}, await site.asOperator(anId()));
  expect(again.body.resolvedBy).toBe(operatorId);
  expect(await open()).toEqual([]);
  expect((await site.get('/admin/suspect-calls?resolved=true', operator)).body.items).toMatchObject([{ id }]);
  expect((await site.post(`/admin/suspect-calls/${anId()}/resolve`, undefined, operator)).status).toBe(404);
});

test.each(['commands', 'log', 'frames'])('of a station that is not there no %s are read', async (what) => {
  expect((await site.get(`/admin/stations/${anId()}/${what}`, operator)).body.code).toBe('station_not_found');
});
