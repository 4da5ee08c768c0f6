import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, anOperator, logIn } from '../../test/builders.ts';
import { anotherCode, codeTo } from '../../test/codes.ts';
import {
  accessOf,
  aDriver,
  aDriversCode,
  aDriversPhone,
  e164,
  meAgain,
  otpCheck,
  otpRequest,
} from '../../test/drivers.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { appOf, aSubmission } from '../../test/mobile.ts';
import { aCodeLogin } from '../../test/phone-login.ts';
import { makeDemoProfile } from '../app-profile/service.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
  await makeDemoProfile(identity.deps);
});
afterAll(() => identity.close());
beforeEach(() => {
  identity.runningSessionOf = () => ({ device: null });
});

/** Past the wait between two codes to one phone. */
const coolDown = () => identity.runtime.clock.advance(61_000);
const codeIsWrong = { status: 401, body: { error: { code: 'code_wrong', message: expect.any(String) } } };

describe('POST /api/user/otp-request', () => {
  test('answers the same for a phone that somebody has and for one that nobody has, and keeps nothing', async () => {
    const { phone } = await aDriver(identity);
    coolDown();
    for (const asked of [phone, aDriversPhone()]) {
      const { status, body, headers } = await otpRequest(identity, asked);
      expect([status, body, headers['cache-control'], headers['content-language']]).toEqual([
        200,
        {},
        'no-store',
        'mn',
      ]);
    }
  });

  test.each(['12345', '', 'phone', '+976 8666', '+15005550006', '+97611320000'])(
    '%j, to which no code can go, is a 400',
    async (phone) => {
      const { status, body } = await otpRequest(identity, phone);
      expect([status, Object.keys(body)]).toEqual([400, ['error']]);
    },
  );

  test.each([
    {},
    { phone: 86661488 },
    { phone: null },
    { phone: ['+976 8666 1488'] },
    { phone: aDriversPhone(), code: '1' },
  ])('%j is a 400', async (body) => {
    expect((await identity.call('POST', '/api/user/otp-request', { body })).status).toBe(400);
  });

  test('too soon is a 429 that says when, however the phone is spelt', async () => {
    const { phone } = await aDriversCode(identity);
    for (const spelling of [phone, e164(phone), e164(phone).slice(4)]) {
      const answer = await otpRequest(identity, spelling);
      expect(answer).toMatchObject({
        status: 429,
        headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
        body: { error: { code: 'too_many_requests' } },
      });
    }
  });
});

describe('POST /api/user/otp-check', () => {
  test('makes a customer with a proved phone, and answers as the document prints it', async () => {
    const { phone, code } = await aDriversCode(identity);
    const { status, body } = await otpCheck(identity, e164(phone), code);
    expect(status).toBe(200);
    expect(body).toEqual({
      token: expect.stringMatching(/^drv_[\w-]{43}$/),
      profile: { name: '', email: '', phone, balance: 0 },
      nats: {
        servers: identity.config.PUSH_SERVERS,
        topic: expect.any(String),
        user: expect.any(String),
        pass: expect.any(String),
      },
    });
    const customer = await identity.deps.db.customer.findUnique({ where: { phone: e164(phone) } });
    expect(customer).toMatchObject({
      phoneVerifiedAt: expect.any(Date),
      language: 'mn',
      lastLoginAt: expect.any(Date),
    });
  });

  test('opens the account that the phone has in the shop, with what is known there', async () => {
    const { phone } = await aDriver(identity);
    coolDown();
    const shop = await aCodeLogin(identity, { phone: e164(phone), name: 'Бат' });
    coolDown();
    identity.walletOf = (id) => (id === shop.id ? 1_006_900n : 0n);
    const { id, token } = await aDriver(identity, { phone });
    expect(id).toBe(shop.id);
    expect((await meAgain(identity, { token })).body.profile).toEqual({
      name: 'Бат',
      email: '',
      phone,
      balance: 10_069,
    });
    identity.walletOf = () => 0n;
  });

  test('takes an account over from whoever only said that the phone is theirs', async () => {
    const phone = aDriversPhone();
    const squatter = await aCustomer(identity, { phone: e164(phone) });
    expect((await aDriver(identity, { phone })).id).toBe(squatter.id);
    await expect(logIn(identity, squatter)).rejects.toThrow('401');
  });

  test('a code is worth nothing once it was used, and so is one before the last', async () => {
    const first = await aDriversCode(identity);
    coolDown();
    const second = await aDriversCode(identity, first.phone);
    if (first.code !== second.code)
      expect(await otpCheck(identity, first.phone, first.code)).toMatchObject(codeIsWrong);
    expect((await otpCheck(identity, second.phone, second.code)).status).toBe(200);
    expect(await otpCheck(identity, second.phone, second.code)).toMatchObject(codeIsWrong);
  });

  test('a code is dead after five wrong ones, and the next one is a new one', async () => {
    const { phone, code } = await aDriversCode(identity);
    for (let n = 0; n < 5; n += 1)
      expect(await otpCheck(identity, phone, anotherCode(code))).toMatchObject(codeIsWrong);
    expect(await otpCheck(identity, phone, code)).toMatchObject(codeIsWrong);
    coolDown();
    const next = await aDriversCode(identity, phone);
    expect((await otpCheck(identity, phone, next.code)).status).toBe(200);
  });

  test('a code that has run out is a 401, and nobody hears whether one was ever sent', async () => {
    const { phone, code } = await aDriversCode(identity);
    identity.runtime.clock.advance(5 * 60_000);
    const late = await otpCheck(identity, phone, code);
    expect(late).toMatchObject(codeIsWrong);
    const never = await otpCheck(identity, aDriversPhone(), '123456');
    expect([never.status, never.body]).toEqual([late.status, late.body]);
  });

  test('codes of other doors do not open this one, and a code of this one opens no other', async () => {
    const phone = aDriversPhone();
    const shop = { phone: e164(phone), clientId: 'c' };
    const asked = await identity.call('POST', '/auth/request-code', { body: shop });
    const shopCode = await codeTo(identity, e164(phone));
    expect(await otpCheck(identity, phone, shopCode)).toMatchObject(codeIsWrong);
    coolDown();
    const app = await aSubmission(identity, { phone: e164(phone) });
    expect(await otpCheck(identity, phone, app.code)).toMatchObject(codeIsWrong);
    coolDown();
    const own = await aDriversCode(identity, phone);
    if (own.code !== shopCode) {
      const body = { ...shop, requestId: asked.body.requestId, code: own.code };
      expect((await identity.call('POST', '/auth/verify-code', { body })).status).toBe(400);
    }
    const body = { ...shop, requestId: asked.body.requestId, code: shopCode };
    expect((await identity.call('POST', '/auth/verify-code', { body })).status).toBe(201);
    expect((await appOf(identity).confirm(app.id, app.code)).status).toBe(200);
    expect((await otpCheck(identity, phone, own.code)).status).toBe(200);
  });

  test('a request of this door is not one of the others, whatever they are told', async () => {
    const { phone, code } = await aDriversCode(identity);
    const { id: requestId } = await identity.deps.db.codeRequest.findFirstOrThrow({
      where: { recipient: e164(phone) },
    });
    const body = { phone: e164(phone), clientId: 'c', requestId, code };
    expect((await identity.call('POST', '/auth/verify-code', { body })).status).toBe(404);
  });

  test('of five equal checks at once one signs in, and one customer is made', async () => {
    const { phone, code } = await aDriversCode(identity);
    const answers = await Promise.all(Array.from({ length: 5 }, () => otpCheck(identity, phone, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    expect(await identity.deps.db.customer.count({ where: { phone: e164(phone) } })).toBe(1);
  });

  test('whoever is blocked does not sign in, and the code is not spent by it', async () => {
    const { phone, id } = await aDriver(identity);
    coolDown();
    await identity.deps.db.customer.update({ where: { id }, data: { blockedAt: identity.deps.clock() } });
    const { code } = await aDriversCode(identity, phone);
    expect(await otpCheck(identity, phone, code)).toMatchObject({
      status: 403,
      body: { error: { code: 'account_blocked' } },
    });
    await identity.deps.db.customer.update({ where: { id }, data: { blockedAt: null } });
    expect((await otpCheck(identity, phone, code)).status).toBe(200);
  });

  test.each([
    { phone: '+976 8666 1488' },
    { code: '6969' },
    { phone: '+976 8666 1488', code: 6969 },
    { phone: 'x', code: '6969' },
  ])('%j is a 400', async (body) => {
    expect((await identity.call('POST', '/api/user/otp-check', { body })).status).toBe(400);
  });
});

describe('POST /api/user/me', () => {
  test('answers as otp-check does, with a token and credentials that are new and the topic that is not', async () => {
    const driver = await aDriver(identity);
    const { status, body } = await meAgain(identity, driver);
    expect([status, Object.keys(body)]).toEqual([200, ['token', 'profile', 'nats']]);
    expect(body.token).not.toBe(driver.token);
    expect(body.nats.topic).toBe(driver.nats.topic);
    expect([body.nats.user === driver.nats.user, body.nats.pass === driver.nats.pass]).toEqual([false, false]);
    expect((await meAgain(identity, body)).status).toBe(200);
  });

  test('says where the driver charges now, at the prices that it began with, and nothing when it is nowhere', async () => {
    const driver = await aDriver(identity);
    const device = {
      deviceId: '65f1a2b3c4d5e6f7a8b9c0d2',
      number: 'UB-0017',
      location: [106.9176, 47.9185],
      currency: 'MNT',
      price: 70_000n,
      waitingPrice: 10_050n,
    } satisfies NonNullable<ReturnType<TestIdentity['runningSessionOf']>>['device'];
    identity.runningSessionOf = (id) => ({ device: id === driver.id ? device : null });
    expect((await meAgain(identity, driver)).body.device).toEqual({
      _id: '65f1a2b3c4d5e6f7a8b9c0d2',
      deviceNumber: 'UB-0017',
      location: [106.9176, 47.9185],
      price: 700,
      waitingPrice: 100.5,
    });
    expect((await meAgain(identity, await aDriver(identity))).body).not.toHaveProperty('device');
  });

  test('lets a driver in who charges while charging does not answer, without the device', async () => {
    identity.runningSessionOf = () => null;
    const { status, body } = await meAgain(identity, await aDriver(identity));
    expect([status, Object.keys(body)]).toEqual([200, ['token', 'profile', 'nats']]);
  });

  test('gives nobody weeks who holds minutes: a login of the shop is a 403', async () => {
    const { accessToken } = await aCustomer(identity);
    expect(await identity.call('POST', '/api/user/me', { token: accessToken })).toMatchObject({
      status: 403,
      body: { error: { code: 'proof_needed' } },
    });
    expect((await identity.call('POST', '/api/user/me')).status).toBe(401);
  });

  test('is no new sign-in: what needs a fresh one is refused for the rest of the weeks', async () => {
    const driver = await aDriver(identity);
    identity.runtime.clock.advance(16 * 60_000);
    const { body } = await meAgain(identity, driver);
    const token = await accessOf(identity, body.token);
    expect(
      await identity.call('POST', '/me/password', { token, body: { newPassword: 'four white storks' } }),
    ).toMatchObject({ status: 403 });
  });
});

describe('POST /api/customer/update-info', () => {
  const update = async (token: string, body: unknown) =>
    identity.call('POST', '/api/customer/update-info', { token: await accessOf(identity, token), body });

  test('changes what is sent, and an address is unproved until somebody proves it', async () => {
    const { id, token, phone } = await aDriver(identity);
    const email = `${id}@example.com`;
    const { status, body } = await update(token, { name: ' Бат ', email: email.toUpperCase() });
    expect([status, body]).toEqual([200, { profile: { name: 'Бат', email, phone, balance: 0 } }]);
    expect(await identity.deps.db.customer.findUnique({ where: { id } })).toMatchObject({
      email,
      emailVerifiedAt: null,
    });
    expect((await update(token, { name: '', email: '' })).body.profile).toMatchObject({ name: '', email });
    expect((await update(token, {})).body.profile).toMatchObject({ name: '', email });
  });

  test("takes nobody's address from them, proved or not", async () => {
    const other = await aCustomer(identity);
    const { id, token } = await aDriver(identity);
    const taken = { status: 409, body: { error: { code: 'email_taken' } } };
    expect(await update(token, { email: other.email })).toMatchObject(taken);
    await identity.deps.db.customer.update({
      where: { id: other.id },
      data: { emailVerifiedAt: identity.deps.clock() },
    });
    expect(await update(token, { name: 'Бат', email: other.email })).toMatchObject(taken);
    expect(await identity.deps.db.customer.findUnique({ where: { id } })).toMatchObject({ email: null, name: null });
  });

  test('an address may be replaced five times an hour, and the old one is told', async () => {
    const { id, token } = await aDriver(identity);
    for (let n = 1; n <= 5; n += 1) expect((await update(token, { email: `${id}-${n}@example.com` })).status).toBe(200);
    expect((await update(token, { email: `${id}-6@example.com` })).status).toBe(429);
    expect(await identity.mailTo(`${id}-1@example.com`)).toHaveLength(1);
  });

  test.each([
    { name: 7 },
    { email: 'x' },
    { email: null },
    { name: 'a'.repeat(121) },
    { phone: '+976 8666 1488' },
    { balance: 1 },
  ])('%j is a 400', async (body) => {
    const { token } = await aDriver(identity);
    expect((await update(token, body)).status).toBe(400);
  });
});

test('no code, token or password of the broker is in the log, and no event names them', async () => {
  const { phone, code } = await aDriversCode(identity);
  const { body } = await otpCheck(identity, phone, code);
  const again = (await meAgain(identity, body)).body;
  const said = JSON.stringify(identity.runtime.logged) + JSON.stringify(await identity.told());
  for (const secret of [body.token, body.nats.pass, again.token, again.nats.pass]) expect(said).not.toContain(secret);
});

test('an operator’s app is no operator', async () => {
  const operator = await anOperator(identity);
  await identity.deps.db.customer.update({
    where: { id: operator.id },
    data: { phoneVerifiedAt: identity.deps.clock() },
  });
  const { id, token } = await aDriver(identity, { phone: operator.phone });
  expect(id).toBe(operator.id);
  const access = await accessOf(identity, token);
  expect((await identity.deps.tokens.verify(access)).roles).toEqual([]);
  expect((await identity.call('GET', '/admin/customers', { token: access })).status).toBe(403);
});
