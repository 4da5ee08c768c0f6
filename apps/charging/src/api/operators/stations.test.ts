import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aDevice, anId, aStation } from '../../../test/builders.ts';
import { pretendLines } from '../../../test/lines.ts';
import { openSite, type Site } from '../../../test/site.ts';
import { hashOf, isPassword } from '../../station/password.ts';

const pretended = pretendLines();
let site: Site;
let operator: Record<string, string>;
beforeAll(async () => {
  site = await openSite({ deps: { lines: pretended.lines } });
  operator = await site.asOperator();
});
beforeEach(() => {
  pretended.asked.length = 0;
  pretended.sentAway.length = 0;
  pretended.answer('accepted');
});
afterAll(() => site.close());

const hashesOf = (id: string) =>
  site.deps.prisma.station.findUniqueOrThrow({
    where: { id },
    select: { passwordHash: true, nextPasswordHash: true },
  });
const fits = (id: string, password: string, hash: string | null) =>
  isPassword(site.deps.stationSettings.secret, id, Buffer.from(password), hash);
const kindsOf = async (stationId: string) =>
  (await site.deps.prisma.stationEvent.findMany({ where: { stationId } })).map(({ kind }) => kind);

test('a station is added with a password that is shown once, and kept as a hash alone', async () => {
  const identity = `CP-${anId()}`;
  const { status, body } = await site.post('/admin/stations', { identity, name: 'North gate' }, operator);
  expect([status, body.status, body.hasPassword, body.connected]).toEqual([201, 'accepted', true, false]);
  expect(body.password).toMatch(/^[0-9a-f]{40}$/);
  const { passwordHash } = await hashesOf(body.id);
  expect(fits(body.id, body.password, passwordHash)).toBe(true);
  expect(passwordHash).not.toContain(body.password);

  const read = await site.get(`/admin/stations/${body.id}`, operator);
  expect(read.body).toMatchObject({ identity, name: 'North gate', devices: [] });
  expect(read.text).not.toContain('password"');
  expect(JSON.stringify(await site.deps.prisma.stationEvent.findMany({ where: { stationId: body.id } }))).not.toContain(
    body.password,
  );
});

test('a station has the password that its operator typed, or none when it comes with a certificate', async () => {
  const typed = 'typed-by-a-person-42';
  const one = await site.post('/admin/stations', { identity: `CP-${anId()}`, password: typed }, operator);
  expect(one.body.password).toBe(typed);
  expect(fits(one.body.id, typed, (await hashesOf(one.body.id)).passwordHash)).toBe(true);
  const other = await site.post('/admin/stations', { identity: `CP-${anId()}`, password: null }, operator);
  expect(other.body).toMatchObject({ password: null, hasPassword: false });
});

test('an identity belongs to one station, whoever adds it at once', async () => {
  const identity = `CP-${anId()}`;
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => site.post('/admin/stations', { identity }, operator)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.code).toBe('station_identity_taken');
});

test.each([
  ['a slash in its identity', { identity: 'CP/1' }],
  ['an identity of 49 signs', { identity: 'C'.repeat(49) }],
  ['a password of 15 signs', { identity: 'CP-short', password: 'p'.repeat(15) }],
  ['a password of 41 signs', { identity: 'CP-long', password: 'p'.repeat(41) }],
  ['a password with a blank', { identity: 'CP-blank', password: 'sixteen letters and a blank' }],
  ['a status of its own choice', { identity: 'CP-status', status: 'accepted' }],
])('%s is refused', async (_what, body) => {
  expect((await site.post('/admin/stations', body, operator)).status).toBe(400);
});

test('a pending station is found, accepted and comes again; its devices are then as it says', async () => {
  const { database } = site.deps;
  const station = await aStation(database, { status: 'pending' });
  const { id: deviceId } = await aDevice(database, { stationId: station.id, state: 'Error' });
  const pending = await site.get('/admin/stations?status=pending', operator);
  expect(pending.body.items).toMatchObject([{ id: station.id, status: 'pending' }]);

  const accepted = await site.post(`/admin/stations/${station.id}/accept`, undefined, operator);
  expect([accepted.status, accepted.body.status]).toEqual([200, 'accepted']);
  expect(pretended.sentAway).toEqual([{ stationId: station.id, reason: 'accepted' }]);
  expect((await site.get(`/admin/devices/${deviceId}`, operator)).body.state).toBe('Idle');
  await site.post(`/admin/stations/${station.id}/accept`, {}, operator);
  expect(pretended.sentAway).toHaveLength(1);
  expect(await kindsOf(station.id)).toEqual(['station.accepted']);
});

test('a blocked station loses its line, and its devices are out of order', async () => {
  const { id, stationId } = await aDevice(site.deps.database);
  const { body } = await site.post(`/admin/stations/${stationId}/block`, undefined, operator);
  expect(body.status).toBe('blocked');
  expect(pretended.sentAway).toEqual([{ stationId, reason: 'blocked' }]);
  expect((await site.get(`/admin/devices/${id}`, operator)).body.state).toBe('Error');
});

test('a password is rotated over the line: both are good until the station has come with the new one', async () => {
  const station = await aStation(site.deps.database, { protocol: 'ocpp1.6' });
  const old = 'the-old-password-1';
  const { database, stationSettings } = site.deps;
  await database.$executeRaw`UPDATE station SET password_hash = ${hashOf(stationSettings.secret, station.id, old)} WHERE id = ${station.id}`;
  const { status, body } = await site.post(`/admin/stations/${station.id}/password`, { over: 'line' }, operator);
  expect([status, body.password, body.passwordPending]).toEqual([200, null, true]);
  expect(pretended.asked).toMatchObject([{ wish: { action: 'setConfiguration', key: 'AuthorizationKey' } }]);
  const { wish } = pretended.asked[0] as (typeof pretended.asked)[number];
  const told = wish.action === 'setConfiguration' ? wish.value : '';
  const hashes = await hashesOf(station.id);
  expect([fits(station.id, old, hashes.passwordHash), fits(station.id, told, hashes.nextPasswordHash)]).toEqual([
    true,
    true,
  ]);
  expect(pretended.sentAway).toEqual([{ stationId: station.id, reason: 'password rotated' }]);

  const kept = JSON.stringify([
    await site.deps.prisma.command.findMany({ where: { stationId: station.id } }),
    await site.deps.prisma.stationEvent.findMany({ where: { stationId: station.id } }),
  ]);
  expect(kept).not.toContain(told);
});

test('a station of 2.0.1 is told its password under the name that it has there', async () => {
  const station = await aStation(site.deps.database, { protocol: 'ocpp2.0.1' });
  await site.post(`/admin/stations/${station.id}/password`, { over: 'line' }, operator);
  expect(pretended.asked).toMatchObject([{ wish: { key: 'SecurityCtrlr.BasicAuthPassword' } }]);
});

test.each([
  ['rejected', 409, 'station_refused'],
  ['not_supported', 409, 'station_refused'],
  ['failed', 409, 'station_refused'],
  ['offline', 503, 'device_offline'],
] as const)(
  'a station whose answer is %s keeps what it had, also what it may have taken before',
  async (outcome, status, code) => {
    const station = await aStation(site.deps.database);
    pretended.answer('timeout');
    const doubt = await site.post(`/admin/stations/${station.id}/password`, { over: 'line' }, operator);
    expect([doubt.status, doubt.body.code]).toEqual([504, 'device_timeout']);
    const inDoubt = await hashesOf(station.id);
    expect(inDoubt.nextPasswordHash).not.toBeNull();

    pretended.answer(outcome);
    const answer = await site.post(`/admin/stations/${station.id}/password`, { over: 'line' }, operator);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await hashesOf(station.id)).toEqual(inDoubt);
    expect(pretended.sentAway).toEqual([]);
  },
);

test('a password by hand is shown once, and ends the one before at once', async () => {
  const station = await aStation(site.deps.database, { passwordHash: 'old' });
  const { body } = await site.post(`/admin/stations/${station.id}/password`, { over: 'hand' }, operator);
  const { passwordHash, nextPasswordHash } = await hashesOf(station.id);
  expect([fits(station.id, body.password, passwordHash), nextPasswordHash]).toEqual([true, null]);
  expect(pretended.asked).toEqual([]);
  expect(pretended.sentAway).toEqual([{ stationId: station.id, reason: 'password replaced' }]);
});

test('a station that comes with its new password while its answer is on the way is not asked to come with it again', async () => {
  const station = await aStation(site.deps.database, { passwordHash: 'old' });
  pretended.answer(async () => {
    await site.deps.database.$executeRaw`
      UPDATE station SET password_hash = next_password_hash, next_password_hash = NULL WHERE id = ${station.id}`;
    return { outcome: 'accepted', answer: null };
  });
  const { body } = await site.post(`/admin/stations/${station.id}/password`, { over: 'line' }, operator);
  expect(body.passwordPending).toBe(false);
});

test('lists are filtered, and their pages join up', async () => {
  const prefix = `L${anId().slice(-4)}`;
  for (const turn of [1, 2, 3]) {
    await aStation(site.deps.database, { identity: `${prefix}-${turn}`, connected: turn === 2 });
  }
  const list = async (query: string) => (await site.get(`/admin/stations?identity=${prefix}${query}`, operator)).body;
  const names = async (query: string) =>
    (await list(query)).items.map(({ identity }: { identity: string }) => identity);
  expect(await names('')).toEqual([`${prefix}-3`, `${prefix}-2`, `${prefix}-1`]);
  expect(await names('&connected=true')).toEqual([`${prefix}-2`]);
  expect(await names('&status=blocked')).toEqual([]);
  expect(await names(`&after=${(await list('&limit=2')).next}`)).toEqual([`${prefix}-1`]);
});

test.each(['', '/accept', '/block', '/password'])(
  'nothing happens to a station that is not there (%s)',
  async (path) => {
    const url = `/admin/stations/${anId()}${path}`;
    const answer =
      path === ''
        ? await site.patch(url, { name: 'x' }, operator)
        : await site.post(url, path === '/password' ? { over: 'hand' } : undefined, operator);
    expect([answer.status, answer.body.code]).toEqual([404, 'station_not_found']);
  },
);
