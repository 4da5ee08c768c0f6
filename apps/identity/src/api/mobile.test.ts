import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer } from '../../test/builders.ts';
import { anotherCode, aPhone, codeTo } from '../../test/codes.ts';
import { anAppProfile } from '../../test/devices.ts';
import type { TestIdentity } from '../../test/identity.ts';
import { appOf, aSignUp, aSubmission, demo, mobile, startWithDemoApp, tokenOf } from '../../test/mobile.ts';

let identity: TestIdentity;
let app: ReturnType<typeof appOf>;
beforeAll(async () => {
  identity = await startWithDemoApp();
  app = appOf(identity);
});
afterAll(() => identity.close());

const coolDown = () => identity.runtime.clock.advance(61_000);
const customerOf = (number: number) => identity.deps.db.customer.findUniqueOrThrow({ where: { number } });
const unknownId = { status: 400, body: { code: -10007, message: 'Этот запрос кода неизвестен или уже завершён' } };
const wrongCode = { status: 400, body: { code: -10008, message: 'Неверный или просроченный код' } };

describe('registration/submit', () => {
  test('gives ids of 31 bits that do not count up', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 12; n += 1) ids.push((await app.submit({ phone: aPhone() })).body.id);
    expect(ids.every((id) => Number.isInteger(id) && id > 0 && id < 2 ** 31)).toBe(true);
    expect(Math.max(...ids) - Math.min(...ids)).toBeGreaterThan(2 ** 16);
    expect([...ids].sort((a, b) => a - b)).not.toEqual(ids);
  });

  test('answers the same for a phone that has a customer and for one that has none, and is not to be kept', async () => {
    const { phone } = await aCustomer(identity);
    for (const answer of [await app.submit({ phone }), await app.submit({ phone: aPhone() })]) {
      expect(answer).toMatchObject({ status: 200, body: { id: expect.any(Number) } });
      expect(Object.keys(answer.body)).toEqual(['id']);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  test('takes a number as it is written at home: where the app is from', async () => {
    expect((await app.submit({ phone: '8 (909) 247-11-22' })).status).toBe(200);
    expect(await identity.mailTo('+79092471122')).toHaveLength(1);
    const id = await anAppProfile(identity);
    await identity.deps.db.appProfile.update({ where: { id }, data: { region: 'UA' } });
    identity.runtime.clock.advance(3000);
    expect((await appOf(identity, { 'hive-profile': id }).submit({ phone: '0971112233' })).status).toBe(200);
    expect(await identity.mailTo('+380971112233')).toHaveLength(1);
  });

  test('calls whoever wants to be called, in the language of the request', async () => {
    const phone = aPhone();
    await app.post('/registration/submit', { phone, confirmationType: 'voice' }, { 'accept-language': 'en' });
    expect(await identity.mailTo(phone)).toMatchObject([{ channel: 'voice', text: expect.stringContaining('code') }]);
  });

  test('asked for again too soon is a 400 that says when', async () => {
    const phone = aPhone();
    await app.submit({ phone });
    const again = await app.submit({ phone });
    expect(again).toMatchObject({ status: 400, body: { code: -10011 }, headers: { 'retry-after': '1' } });
  });
});

describe('registration/resubmit', () => {
  test('sends another code, and the one before is worth nothing', async () => {
    const { id, code, phone } = await aSubmission(identity);
    coolDown();
    expect(await app.resubmit(id, '&confirmationType=voice')).toMatchObject({ status: 200, body: {} });
    const [message] = await identity.mailTo(phone);
    expect(message?.channel).toBe('voice');
    const next = await codeTo(identity, phone);
    if (next !== code) expect(await app.confirm(id, code)).toMatchObject(wrongCode);
    expect((await app.confirm(id, next)).status).toBe(200);
  });

  test('knows no id that is finished, or that nobody was given', async () => {
    const { id, code } = await aSubmission(identity);
    await app.confirm(id, code);
    for (const gone of [id, 0, 2147483647, 2147483648, '9999999999999999999']) {
      expect(await app.resubmit(gone)).toMatchObject(unknownId);
      expect(await app.confirm(gone, code)).toMatchObject(unknownId);
    }
  });
});

describe('registration/confirm', () => {
  test('gives the number of a new customer, and a key that opens everything', async () => {
    const { phone, id, code } = await aSubmission(identity, {
      info: {
        lastName: 'Петров',
        firstName: 'Пётр',
        middleName: '',
        gender: 0,
        birthDate: '1990-05-17T00:00:00+06:00',
      },
      referralCode: 'FRIEND-7',
    });
    const answer = await app.confirm(id, code);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect(Object.keys(answer.body).sort()).toEqual(['id', 'key']);
    expect(answer.body.key).toMatch(/^[A-Za-z0-9+/]{43}=$/);

    const customer = await customerOf(answer.body.id);
    expect(customer).toMatchObject({
      phone,
      lastName: 'Петров',
      firstName: 'Пётр',
      middleName: null,
      sex: 'male',
      birthday: new Date('1990-05-17'),
      referralCode: 'FRIEND-7',
      language: 'ru',
    });
    const me = await identity.call('GET', '/me', { token: await tokenOf(identity, answer.body) });
    expect(me.body).toMatchObject({ id: customer.id, phone, isPhoneVerified: true, name: 'Пётр Петров' });
  });

  test('gives the customer that the phone has; what they say fills only what was not said', async () => {
    const first = await aSignUp(identity, { info: { firstName: 'Анна', gender: 1 } });
    coolDown();
    const info = { firstName: 'Мария', lastName: 'Иванова', gender: null, birthDate: '2000-02-29T23:59+03:00' };
    const second = await aSignUp(identity, { phone: first.phone, info, referralCode: 'LATE' });
    expect(second.id).toBe(first.id);
    expect(second.key).not.toBe(first.key);
    const { firstName, lastName, sex, birthday, referralCode } = await customerOf(first.id);
    expect({ firstName, lastName, sex, birthday, referralCode }).toEqual({
      firstName: 'Анна',
      lastName: 'Иванова',
      sex: 'female',
      birthday: new Date('2000-02-29'),
      referralCode: null,
    });
    await Promise.all([tokenOf(identity, first), tokenOf(identity, second)]);
  });

  test('takes the code once, also when it comes five times at once', async () => {
    const { id, code, phone } = await aSubmission(identity);
    const answers = await Promise.all(Array.from({ length: 5 }, () => app.confirm(id, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const loser of answers.filter(({ status }) => status !== 200)) expect(loser).toMatchObject(unknownId);
    expect(await identity.deps.db.session.count({ where: { customer: { phone } } })).toBe(1);
  });

  test('lets nobody guess: after five tries the right code is wrong', async () => {
    const { id, code } = await aSubmission(identity);
    for (const wrong of [anotherCode(code), '1', '123456789012', '000000', anotherCode(code)]) {
      expect(await app.confirm(id, wrong)).toMatchObject(wrongCode);
    }
    expect(await app.confirm(id, code)).toMatchObject(wrongCode);
  });

  test('takes no code after its five minutes', async () => {
    const { id, code } = await aSubmission(identity);
    identity.runtime.clock.advance(300_000);
    expect(await app.confirm(id, code)).toMatchObject(wrongCode);
  });

  test('is not done by HEAD, nor is anything sent by it', async () => {
    const { id, code, phone } = await aSubmission(identity);
    coolDown();
    for (const path of [`resubmit?id=${id}`, `confirm?id=${id}&code=${code}`]) {
      const url = `${mobile}/registration/${path}`;
      const answer = await identity.app.inject({ method: 'HEAD', url, headers: demo });
      expect([answer.statusCode, answer.body]).toEqual([404, '']);
    }
    expect(await identity.mailTo(phone)).toHaveLength(1);
    expect((await app.confirm(id, code)).status).toBe(200);
  });

  test('is for the app that asked alone', async () => {
    const { id, code } = await aSubmission(identity);
    const other = appOf(identity, { 'hive-profile': await anAppProfile(identity) });
    identity.runtime.clock.advance(3000);
    expect(await other.confirm(id, code)).toMatchObject(unknownId);
    expect((await app.confirm(id, code)).status).toBe(200);
  });

  test('gives a blocked customer nothing', async () => {
    const { phone, id: number } = await aSignUp(identity);
    await identity.deps.db.customer.update({ where: { number }, data: { blockedAt: identity.deps.clock() } });
    coolDown();
    const { id, code } = await aSubmission(identity, { phone });
    const answer = await app.confirm(id, code);
    expect(answer).toMatchObject({ status: 400, body: { code: -10007, message: 'Учётная запись заблокирована' } });
    expect(await identity.deps.db.session.count({ where: { customer: { phone } } })).toBe(1);
  });

  test('asks for as many digits as the app has, and a short code has three tries', async () => {
    const profile = await anAppProfile(identity);
    await identity.deps.db.appProfile.update({ where: { id: profile }, data: { codeDigits: 4 } });
    identity.runtime.clock.advance(3000);
    const short = appOf(identity, { 'hive-profile': profile });
    const phone = aPhone();
    const { id } = (await short.submit({ phone })).body;
    const code = await codeTo(identity, phone);
    expect(code).toMatch(/^[1-9]\d{3}$/);
    for (let n = 0; n < 3; n += 1) expect(await short.confirm(id, anotherCode(code))).toMatchObject(wrongCode);
    expect(await short.confirm(id, code)).toMatchObject(wrongCode);
  });
});

describe('what a device asks', () => {
  test('account says what is in the wallet, by the number of the currency', async () => {
    const authorization = `Bearer ${await tokenOf(identity, await aSignUp(identity))}`;
    const answer = await app.get('/account', { authorization });
    expect(answer).toMatchObject({ status: 200, body: { balance: 0, currency: 980 } });
    const { accessToken } = await aCustomer(identity);
    expect((await app.get('/account', { authorization: `Bearer ${accessToken}` })).status).toBe(200);
  });

  test('fcm keeps the push token of this device; a login is no device', async () => {
    const signedUp = await aSignUp(identity);
    const authorization = `Bearer ${await tokenOf(identity, signedUp)}`;
    const answer = await app.post('/registration/fcm', { token: 'fcm:token-1' }, { authorization });
    expect(answer).toMatchObject({ status: 200, body: {} });
    const kept = await identity.deps.db.deviceKey.findFirstOrThrow({
      where: { session: { customer: { phone: signedUp.phone } } },
    });
    expect(kept.pushToken).toBe('fcm:token-1');

    const { accessToken } = await aCustomer(identity);
    const login = { authorization: `Bearer ${accessToken}` };
    expect(await app.post('/registration/fcm', { token: 'x' }, login)).toMatchObject({
      status: 400,
      body: { code: -10007 },
    });
  });

  test.each(['/account', '/registration/fcm'])(
    '%s without a signature is a 400, with a bad token a 401',
    async (path) => {
      const ask = (more: Record<string, string>) =>
        path === '/account' ? app.get(path, more) : app.post(path, {}, more);
      expect(await ask({})).toMatchObject({
        status: 400,
        body: { code: -10001, message: expect.stringContaining('Authentication') },
      });
      for (const authorization of ['', 'Bearer x', 'Basic x']) {
        expect(await ask({ authorization })).toMatchObject({ status: 401, body: { code: -10007 } });
      }
    },
  );

  test('of a device that was ended, a token is a 401', async () => {
    const signedUp = await aSignUp(identity);
    const token = await tokenOf(identity, signedUp);
    const [device] = (await identity.call('GET', '/me/devices', { token })).body.items;
    expect((await identity.call('DELETE', `/me/devices/${device.id}`, { token })).status).toBe(204);
    await expect(tokenOf(identity, signedUp)).rejects.toMatchObject({ code: 'signature_wrong' });
  });
});
