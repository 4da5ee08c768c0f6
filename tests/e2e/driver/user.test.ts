import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { anotherCode, askForCode, codeTo, enterCode } from '../codes.ts';
import { aDevice, signed } from '../mobile/app.ts';
import { operate, operatorReads } from '../operator.ts';
import { aCustomer, anEmail } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import {
  aDriver,
  aDriversCode,
  aDriversPhone,
  type DriverRefusal,
  e164,
  otpCheck,
  type SignedInDriver,
} from './app.ts';

const me = (token: string) =>
  gateway.post<SignedInDriver & DriverRefusal>('/api/user/me', undefined, { bearer: token });
const wrongCode = { error: { code: 'code_wrong', message: 'Код буруу эсвэл хугацаа нь дууссан' } };

describe('POST /api/user/otp-request', () => {
  test('answers the same whether or not the phone is known, with spaces and without', async () => {
    const { profile } = await aDriver();
    await aDriversCode(profile.phone, { count: 2 });
    await aDriversCode(aDriversPhone());
    await aDriversCode(e164(aDriversPhone()));
  });

  test('what is no phone is a 400, in Mongolian unless somebody asks for another language', async () => {
    const { status, headers, body } = await gateway.post<DriverRefusal>('/api/user/otp-request', { phone: '12345' });
    expect([status, headers.get('content-language'), Object.keys(body.error)]).toEqual([
      400,
      'mn',
      ['code', 'message'],
    ]);
    expect(body.error).toMatchObject({ code: 'phone_invalid', message: expect.stringMatching(/[а-яөү]/i) });
    const english = await gateway.post<DriverRefusal>(
      '/api/user/otp-request',
      { phone: '12345' },
      { headers: { 'accept-language': 'en' } },
    );
    expect(english.body.error).toMatchObject({
      code: 'phone_invalid',
      message: expect.stringMatching(/^[\x20-\x7e]+$/),
    });
  });

  test('too many are a 429 with Retry-After', async () => {
    const phone = aDriversPhone();
    const refused = await until(async () => {
      const answer = await gateway.post<DriverRefusal>('/api/user/otp-request', { phone });
      return answer.status === 429 ? answer : undefined;
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.body.error.code).toBe('too_many_requests');
  });
});

describe('POST /api/user/otp-check', () => {
  test('answers as printed: a new phone is a new customer', async () => {
    const { phone, code } = await aDriversCode();
    const { status, headers, body } = await otpCheck(phone, code);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      token: expect.any(String),
      profile: { name: '', email: '', phone, balance: 0 },
      nats: {
        servers: expect.any(String),
        topic: expect.stringMatching(/^[^\s*>]{20,}$/),
        user: expect.stringMatching(/^\S{16,}$/),
        pass: expect.stringMatching(/^\S{43}$/),
      },
    });
    expect(body.nats.topic + body.nats.user).not.toContain(e164(phone).slice(4));
  });

  test('a wrong, a spent and a replaced code are one 401, and after five wrong ones a code is dead', async () => {
    const used = await aDriversCode();
    expect((await otpCheck(used.phone, used.code)).status).toBe(200);
    expect(await otpCheck(used.phone, used.code)).toMatchObject({ status: 401, body: wrongCode });
    const next = await aDriversCode(used.phone, { count: 2 });
    if (next.code !== used.code) expect((await otpCheck(used.phone, used.code)).status).toBe(401);
    expect((await otpCheck(used.phone, next.code)).status).toBe(200);

    const guessed = await aDriversCode();
    for (let n = 1; n <= 5; n += 1) {
      expect(await otpCheck(guessed.phone, anotherCode(guessed.code, n))).toMatchObject({
        status: 401,
        body: wrongCode,
      });
    }
    expect(await otpCheck(guessed.phone, guessed.code)).toMatchObject({ status: 401, body: wrongCode });
    expect(await otpCheck(aDriversPhone(), '6969')).toMatchObject({ status: 401, body: wrongCode });
  });

  test('one person: the shop and the drivers’ app know the same customer by one phone', async () => {
    const { phone, code } = await aDriversCode();
    const driver = (await otpCheck(phone, code)).body;
    const asked = await askForCode(gateway, e164(phone));
    const { body: shop } = await enterCode(asked, await codeTo(e164(phone), gateway, 2));
    expect((await gateway.patch('/me', { name: 'Бат' }, { bearer: shop.tokens.accessToken })).status).toBe(200);
    expect((await me(driver.token)).body.profile).toMatchObject({ name: 'Бат', phone });
  });
});

describe('POST /api/user/me', () => {
  test('answers as otp-check, with a fresh token and fresh nats; the token before goes on for a while', async () => {
    const driver = await aDriver();
    const { status, body } = await me(driver.token);
    expect([status, Object.keys(body)]).toEqual([200, Object.keys(driver)]);
    expect(body.profile).toEqual(driver.profile);
    expect(body.token).not.toBe(driver.token);
    expect(body.nats).toMatchObject({ servers: driver.nats.servers, topic: driver.nats.topic });
    expect(body.nats.pass).not.toBe(driver.nats.pass);
    for (const token of [body.token, driver.token]) expect((await me(token)).status).toBe(200);
  });

  test('a token that nobody was given is a 401, in the manners of the document', async () => {
    for (const token of [`drv_${'a'.repeat(43)}`, 'drv_x', 'a.b.c']) {
      expect(await me(token)).toMatchObject({ status: 401, body: { error: { code: 'unauthenticated' } } });
    }
    expect((await gateway.post('/api/user/me')).status).toBe(401);
  });

  test('minutes do not become weeks: whoever signed in at the shop, or signs with a key, is told to sign in here', async () => {
    const { auth } = await aCustomer();
    const headers = signed(await aDevice(), 'POST', '/api/user/me', { dateHeader: 'x-hive-date' });
    for (const call of [auth, { headers }]) {
      expect(await gateway.post('/api/user/me', undefined, call)).toMatchObject({
        status: 403,
        body: { error: { code: 'proof_needed' } },
      });
    }
  });
});

describe('POST /api/customer/update-info', () => {
  test('changes name and e-mail address, and never takes one from somebody', async () => {
    const { token, profile } = await aDriver();
    const email = anEmail('bat');
    const update = (body: unknown) =>
      gateway.post<{ profile: unknown } & DriverRefusal>('/api/customer/update-info', body, { bearer: token });
    expect(await update({ name: 'Бат', email })).toMatchObject({
      status: 200,
      body: { profile: { ...profile, name: 'Бат', email } },
    });
    const other = await aCustomer();
    expect(await update({ email: other.registration.email })).toMatchObject({
      status: 409,
      body: { error: { code: 'email_taken' } },
    });
    expect((await me(token)).body.profile).toEqual({ ...profile, name: 'Бат', email });
  });
});

test('every path of the drivers also answers with a version', async () => {
  const phone = aDriversPhone();
  expect((await gateway.post('/api/v1/user/otp-request', { phone })).status).toBe(200);
  const code = await codeTo(e164(phone), gateway);
  const signedIn = await gateway.post<SignedInDriver>('/api/v1/user/otp-check', { phone, code });
  expect(signedIn.status, signedIn.text).toBe(200);
  const auth = { bearer: signedIn.body.token };
  expect((await gateway.post('/api/v1/user/me', undefined, auth)).status).toBe(200);
  expect((await gateway.post('/api/v1/customer/update-info', { name: 'Бат' }, auth)).status).toBe(200);
  expect(await gateway.get<DriverRefusal>('/api/v1/user/nothing')).toMatchObject({
    status: 404,
    body: { error: { code: 'route_not_found' } },
  });
  expect((await gateway.get('/api/v1/user/me')).status).toBe(405);
});

describe('the token', () => {
  test('opens what is the drivers’ and nothing else', async () => {
    const { bearer } = { bearer: (await aDriver()).token };
    for (const path of ['/me', '/me/sessions', '/me/orders', '/api/v1/clients', '/admin/customers']) {
      expect([path, (await gateway.get(path, { bearer })).status]).toEqual([path, 401]);
    }
    expect((await gateway.post('/me/password', { newPassword: 'four white storks' }, { bearer })).status).toBe(401);
    expect((await gateway.delete('/me', { bearer }, {})).status).toBe(401);
  });

  test('ends with a logout', async () => {
    const { token } = await aDriver();
    expect((await gateway.post('/auth/logout', undefined, { bearer: token })).status).toBe(204);
    await until(async () => (await me(token)).status === 401);
  });

  test('is in the list of sessions that the customer sees at the shop, who ends it there', async () => {
    const { phone, code } = await aDriversCode();
    const { token } = (await otpCheck(phone, code)).body;
    const asked = await askForCode(gateway, e164(phone));
    const { body } = await enterCode(asked, await codeTo(e164(phone), gateway, 2));
    const auth = { bearer: body.tokens.accessToken };
    const { items } = (await gateway.get<{ items: { id: string; kind: string }[] }>('/me/sessions', auth)).body;
    const app = items.filter(({ kind }) => kind === 'app');
    expect(app).toHaveLength(1);
    expect((await gateway.delete(`/me/sessions/${app[0]?.id}`, auth)).status).toBe(204);
    await until(async () => (await me(token)).status === 401);
  });

  test('ends when its customer is blocked', async () => {
    const { token, profile } = await aDriver();
    const search = encodeURIComponent(e164(profile.phone));
    const { items } = await operatorReads<{ items: { id: string }[] }>(`/admin/customers?search=${search}`);
    await operate('post', `/admin/customers/${items[0]?.id}/block`, undefined);
    await until(async () => (await me(token)).status === 401);
    const { code } = await aDriversCode(profile.phone, { count: 2 });
    expect(await otpCheck(profile.phone, code)).toMatchObject({
      status: 403,
      body: { error: { code: 'account_blocked' } },
    });
  });
});
