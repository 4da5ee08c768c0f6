import { beforeAll, expect, test } from 'vitest';
import { gateway } from '../storefront-client.ts';
import { aDevice, ask, askSigned, base, type Device, demo, digestOf, type Signing, signed } from './app.ts';

let device: Device & { phone: string };
beforeAll(async () => {
  device = await aDevice({ info: { firstName: 'Пётр' } });
});

test("the client of these tests signs as the document's test vector does", () => {
  const key = 'Jwtm8U6yV9JM3T/GfyUucUD7mRlZJbmLN0FaCrV7BIE=';
  const date = 'Tue, 24 Jan 2017 16:24:27 +0600';
  expect(digestOf(key, 'GET', `${base}/history`, date, '737137758')).toBe(
    'J8DWmoscR3Z4+YbHvZ0D2Up/8Weh0IjXa26QVb0ihqA=',
  );
});

const shifted = (hours: number, zone: string) =>
  new Date(Date.now() + hours * 3_600_000).toUTCString().replace('GMT', zone);
const secondsAway = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();

const variations: [string, () => Signing][] = [
  ['GMT', () => ({})],
  ['+0000', () => ({ date: shifted(0, '+0000') })],
  ['+0600', () => ({ date: shifted(6, '+0600') })],
  ['a one-digit day', () => ({ date: shifted(0, 'GMT').replace(', 0', ', ') })],
  ['a nonce in seconds', () => ({ nonce: String(Math.floor(Date.now() / 1000)) })],
  ['a nonce in milliseconds', () => ({ nonce: String(Date.now()) })],
  ['a signed date one second before', () => ({ date: secondsAway(0), signedDate: secondsAway(-1) })],
  ['a signed date one second after', () => ({ date: secondsAway(0), signedDate: secondsAway(1) })],
  ['X-Hive-Date, as browsers send it', () => ({ dateHeader: 'x-hive-date' })],
  ['a clock nine minutes behind', () => ({ date: secondsAway(-540) })],
  ['a clock nine minutes ahead', () => ({ date: secondsAway(540) })],
];

test.each(variations)('a request is signed well with %s, and taken once', async (_, wishes) => {
  const headers = signed(device, 'GET', `${base}/account`, wishes());
  expect(await ask('GET', '/account', { headers })).toMatchObject({ status: 200, body: { balance: 0, currency: 980 } });
  expect(await ask('GET', '/account', { headers })).toMatchObject({ status: 400, body: { code: -10002 } });
});

test('a query is not signed', async () => {
  expect((await askSigned(device, 'GET', '/account?x=1')).status).toBe(200);
});

test.each<[string, Signing, number, number]>([
  ['eleven minutes old', { date: secondsAway(-660) }, 400, -10002],
  ['eleven minutes to come', { date: secondsAway(660) }, 400, -10002],
  ['no date at all', { date: 'yesterday' }, 400, -10002],
  ['a nonce that is none', { nonce: 'x' }, 400, -10002],
  ['another date than was signed', { signedDate: secondsAway(-5) }, 401, -10007],
])('%s is refused', async (_, wishes, status, code) => {
  expect(await askSigned(device, 'GET', '/account', wishes)).toMatchObject({ status, body: { code } });
});

test('a 401 is for who signs, and for nothing else', async () => {
  const path = `${base}/account`;
  const statusOf = async (headers: Record<string, string>) => {
    const { status, body } = await ask('GET', '/account', { headers });
    return [status, body.code];
  };
  const key = Buffer.alloc(32, 7).toString('base64');
  expect(await statusOf(signed({ ...device, key }, 'GET', path))).toEqual([401, -10007]);
  expect(await statusOf(signed({ ...device, id: 9007199254740991 }, 'GET', path))).toEqual([401, -10007]);
  expect(await statusOf(signed(device, 'GET', `${base}/time`))).toEqual([401, -10007]);
  expect(await statusOf({ ...demo, authorization: 'Bearer nonsense' })).toEqual([401, -10007]);
  expect(await statusOf(demo)).toEqual([400, -10001]);
  expect(await statusOf({ ...demo, authentication: 'hmac' })).toEqual([400, -10002]);
  const { date: _, ...undated } = signed(device, 'GET', path) as Record<string, string>;
  expect((await statusOf(undated))[0]).toBe(400);
  expect(await statusOf({ ...signed(device, 'GET', path), authorization: 'Bearer nonsense' })).toEqual([400, -10002]);
});

test('fcm keeps the push token of the device that signs, and says {}', async () => {
  const answer = await askSigned(device, 'POST', '/registration/fcm', { body: { token: 'fcm:e2e' } });
  expect([answer.status, answer.body]).toEqual([200, {}]);
  const headers = signed(device, 'GET', '/me/devices') as Record<string, string>;
  expect((await gateway.get<{ items: unknown[] }>('/me/devices', { headers })).body.items).toHaveLength(1);
  expect(await askSigned(device, 'POST', '/registration/fcm', { body: {} })).toMatchObject({
    status: 400,
    body: { code: -10003 },
  });
});

test('who signed up in an app is the same customer in the shop and to partners, by a signature', async () => {
  const me = await gateway.get<{ id: string }>('/me', { headers: signed(device, 'GET', '/me') as never });
  expect(me).toMatchObject({ status: 200, body: { phone: device.phone, name: 'Пётр', isPhoneVerified: true } });
  const headers = signed(device, 'GET', '/api/v1/clients') as never;
  expect(await gateway.get('/api/v1/clients', { headers })).toMatchObject({
    status: 200,
    body: { first_name: 'Пётр', phone: device.phone },
  });
});

test('a device that its owner ends forgets its login at the next request', async () => {
  const lost = await aDevice();
  const path = '/me/devices';
  const listed = await gateway.get<{ items: { id: string }[] }>(path, { headers: signed(lost, 'GET', path) as never });
  const gone = `${path}/${listed.body.items[0]?.id}`;
  expect((await gateway.delete(gone, { headers: signed(lost, 'DELETE', gone) as never })).status).toBe(204);
  expect(await askSigned(lost, 'GET', '/account')).toMatchObject({ status: 401, body: { code: -10007 } });
});
