import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { anotherCode } from '../codes.ts';
import { operate } from '../operator.ts';
import { system } from '../running-system.ts';
import { gateway } from '../storefront-client.ts';
import { aSignedInSubscriber, aSubscriber, askFor, done, type Envelope, refused, validate } from './site.ts';

const nobody = 2 ** 40;
const cookiesOf = (headers: Headers) => headers.getSetCookie();
const other = (code: number) => Number(anotherCode(String(code)));

describe.each(['/register', '/resend', '/restore'] as const)('POST %s', (way) => {
  test('answers as the document prints it, and names the code in a cookie and a header', async () => {
    const subscriber = await aSubscriber();
    const { answer, verification } = await askFor(way, subscriber);
    expect(answer.text).toBe('{"data":{},"success":true,"errorCode":0}');
    expect(verification).toMatch(/^[0-9a-f-]{36}$/);
    expect(cookiesOf(answer.headers)).toEqual([
      `verification=${verification}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax`,
    ]);
  });

  test.each([
    ['cookie', (id: string) => ({ headers: { cookie: `verification=${id}` } })],
    ['header', (id: string) => ({ headers: { 'x-verification': id } })],
    ['code alone', () => ({})],
  ] as const)('opens a session with the %s, whose token works wherever a bearer does', async (_, callOf) => {
    const subscriber = await aSubscriber();
    const { code, verification } = await askFor(way, subscriber);
    const entered = await validate(code, callOf(verification));
    expect([entered.status, entered.body]).toEqual([200, done]);
    const bearer = String(entered.headers.get('authorization')).replace('Bearer ', '');
    expect(cookiesOf(entered.headers)[0]).toBe(`session=${bearer}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax`);
    const cookie = { headers: { cookie: `session=${bearer}` } };
    for (const call of [{ bearer }, cookie]) {
      const me = await gateway.get<{ id: string }>('/me', call);
      expect([me.status, me.body.id]).toEqual([200, subscriber.person.customer.id]);
      expect((await gateway.get('/me/wallet', call)).status).toBe(200);
      expect((await gateway.get('/me/orders', call)).status).toBe(200);
    }
    expect((await gateway.post('/auth/logout', undefined, cookie)).status).toBe(204);
    await until(async () => (await gateway.get('/me', { bearer })).status === 401);
  });

  test('says that there is no such client', async () => {
    const { status, body } = await gateway.post(way, { clientId: nobody });
    expect([status, body]).toEqual([404, refused(2)]);
  });

  test.each([
    ['malformed JSON', '{"clientId":', ['body']],
    ['nothing', '', ['body']],
    ['a list', '[1]', ['body']],
    ['a text', '{"clientId":"1"}', ['clientId']],
    ['another field', '{"clientId":1,"phone":"5"}', ['phone']],
    ['none', '{}', ['clientId']],
  ])('says which input is bad: %s', async (_, text, fields) => {
    const { status, body, headers } = await gateway.post(way, text);
    expect([status, body]).toEqual([400, refused(1, fields)]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('says of too many requests when to come back', async () => {
    const subscriber = await aSubscriber();
    await askFor(way, subscriber);
    const again = () => gateway.post<Envelope>(way, { clientId: subscriber.clientId });
    const refusal = await until(async () => {
      const answer = await again();
      return answer.status === 200 ? undefined : answer;
    });
    expect([refusal.status, refusal.body]).toEqual([429, refused(6)]);
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('POST /validate', () => {
  test('says what is wrong with a code: wrong, too often wrong, used, and that there is nothing to confirm', async () => {
    const subscriber = await aSubscriber();
    const first = await askFor('/register', subscriber);
    const named = { headers: { 'x-verification': first.verification } };
    for (let n = 0; n < 5; n += 1) {
      const { status, body } = await validate(other(first.code), named);
      expect([status, body]).toEqual([400, refused(3)]);
    }
    const spent = await validate(first.code, named);
    expect([spent.status, spent.body]).toEqual([429, refused(5)]);
    expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(0);

    const second = await askFor('/resend', subscriber, { count: 2 });
    const again = { headers: { cookie: `verification=${second.verification}` } };
    expect((await validate(second.code, again)).body).toEqual(done);
    const used = await validate(second.code, again);
    expect([used.status, used.body]).toEqual([410, refused(4)]);

    const nothing = await validate(123_456, { headers: { 'x-verification': randomUUID() } });
    expect([nothing.status, nothing.body]).toEqual([409, refused(8)]);
  });

  test.each([
    ['a text', '{"code":"123456"}', ['code']],
    ['none', '{}', ['code']],
    ['more than a code', '{"code":123456,"clientId":1}', ['clientId']],
    ['malformed JSON', '{"code"', ['body']],
  ])('says which input is bad: %s', async (_, text, fields) => {
    const { status, body } = await gateway.post('/validate', text);
    expect([status, body]).toEqual([400, refused(1, fields)]);
  });

  test('signs nobody in who is blocked', async () => {
    const { token, person, ...subscriber } = await aSignedInSubscriber();
    const { code, verification } = await askFor('/restore', subscriber, { count: 2 });
    await operate('post', `/admin/customers/${person.customer.id}/block`, undefined);
    const entered = await validate(code, { headers: { 'x-verification': verification } });
    expect([entered.status, entered.body]).toEqual([403, refused(10)]);
    await until(async () => (await gateway.get('/me', { bearer: token })).status === 401);
  });
});

describe('what nobody has thought of is refused in the same envelope', () => {
  test.each([
    ['POST', '/register/x', 404, []],
    ['POST', '/order/x', 404, []],
    ['GET', '/client', 404, []],
    ['GET', '/client/1/x', 404, []],
    ['GET', '/register', 405, []],
    ['DELETE', '/validate', 405, []],
    ['POST', '/register//', 404, []],
  ] as const)('%s %s', async (method, path, status, fields) => {
    const response = await fetch(`${system.gatewayUrl.replace(/\/$/, '')}${path}`, { method });
    expect([response.status, await response.json()]).toEqual([status, refused(1, [...fields])]);
  });

  test('a body that is too large, and one that is no JSON', async () => {
    const large = await gateway.post('/register', `{"clientId":1,"x":"${'x'.repeat(70_000)}"}`);
    expect([large.status, large.body]).toEqual([400, refused(1, ['body'])]);
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    const foreign = await gateway.post('/register', 'clientId=1', form);
    expect([foreign.status, foreign.body]).toEqual([400, refused(1, ['body'])]);
  });

  test('a page of another origin, by the cookie', async () => {
    const { token } = await aSignedInSubscriber();
    const foreign: Record<string, string>[] = [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }];
    for (const headers of foreign) {
      const call = { headers: { cookie: `session=${token}`, ...headers } };
      const { status, body } = await gateway.post('/register', { clientId: nobody }, call);
      expect([status, body]).toEqual([403, refused(10)]);
    }
  });
});

test('a cookie of nobody counts as none, and is taken back', async () => {
  const call = { headers: { cookie: `session=sub_${'a'.repeat(43)}` } };
  const { status, headers } = await gateway.post('/register', { clientId: nobody }, call);
  expect([status, cookiesOf(headers)]).toEqual([404, ['session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax']]);
  expect((await gateway.get('/me', call)).status).toBe(401);
});

test('a key of a service account is good beside the next one; revoked, both are worth nothing from then on', async () => {
  const { account, key } = await operate<{ account: { id: string }; key: string }>('post', '/admin/service-accounts', {
    name: randomUUID(),
    roles: ['partner'],
  });
  expect(key).toMatch(/^key_[\w-]{43}$/);
  const rotate = `/admin/service-accounts/${account.id}/rotate`;
  const { key: next } = await operate<{ key: string }>('post', rotate, { graceSeconds: 3600 });
  const follow = async () =>
    Promise.all([key, next].map(async (bearer) => (await gateway.get('/products/sync?limit=1', { bearer })).status));
  expect(await follow()).toEqual([200, 200]);
  expect((await gateway.post(rotate, {}, { bearer: next })).status).toBe(401);

  await operate('post', `/admin/service-accounts/${account.id}/revoke`, undefined);
  await until(async () => (await follow()).every((status) => status === 401));
});
