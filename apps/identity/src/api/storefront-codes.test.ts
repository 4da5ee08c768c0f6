import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, logIn } from '../../test/builders.ts';
import { toldOf } from '../../test/clients.ts';
import { anotherCode, aPhone, codeTo } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aCodeLogin } from '../../test/phone-login.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const post = (path: string, body: unknown) => identity.call('POST', path, { body });
const me = async (token: string) => (await identity.call('GET', '/me', { token })).body;

/** Asks for a code, and reads it. */
async function asked(phone = aPhone()) {
  const clientId = randomUUID();
  const { body } = await post('/auth/request-code', { phone, clientId });
  return { phone, clientId, requestId: body.requestId as string, code: await codeTo(identity, phone) };
}

describe('POST /auth/request-code', () => {
  test('answers the same for a phone that somebody has and for one that nobody has', async () => {
    const { phone } = await aCustomer(identity);
    const [known, unknown] = [
      await post('/auth/request-code', { phone, clientId: 'c' }),
      await post('/auth/request-code', { phone: aPhone(), clientId: 'c', reason: 'login' }),
    ];
    for (const answer of [known, unknown]) {
      expect(answer.status).toBe(201);
      expect({ ...answer.body, requestId: null }).toEqual({ ...known.body, requestId: null });
    }
    expect(known.body).toEqual({
      requestId: expect.any(String),
      resendDelaySec: expect.any(Number),
      expiresInSec: 300,
    });
    expect(known.headers['cache-control']).toBe('no-store');
  });

  test('a number written at home is the same phone, and no other is sent anything', async () => {
    const { requestId, code, clientId } = await asked('+380671119988');
    const answer = await post('/auth/verify-code', { phone: '0671119988', requestId, code, clientId });
    expect(answer.body.customer.phone).toBe('+380671119988');
  });

  test.each([
    [{ phone: '12345', clientId: 'c' }, 400],
    [{ phone: aPhone() }, 400],
    [{ phone: aPhone(), clientId: 'c', code: '1' }, 400],
    [{ phone: '+15005550006', clientId: 'c' }, 400],
  ])('%j is a %i', async (body, status) => {
    expect((await post('/auth/request-code', body)).status).toBe(status);
  });

  test('before its time is a 429 that says when', async () => {
    const { phone } = await asked();
    const answer = await post('/auth/request-code', { phone, clientId: 'c' });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
  });
});

describe('POST /auth/verify-code', () => {
  test('makes an account with a proved phone, signs in, tells it, and claims the guest orders of this browser', async () => {
    const { phone, clientId, requestId, code } = await asked();
    const answer = await post('/auth/verify-code', { phone, clientId, requestId, code, name: ' Олена ' });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        customer: { phone, email: null, name: 'Олена', isPhoneVerified: true, lastLoginAt: expect.any(String) },
        tokens: { tokenType: 'bearer', accessTokenExpiresInSec: 900, refreshTokenExpiresInSec: 2_592_000 },
      },
    });
    const { customer, tokens } = answer.body;
    expect(await me(tokens.accessToken)).toEqual(customer);
    expect(await toldOf(identity, 'identity.customer.registered.v1', customer.id)).toMatchObject([
      { version: 1, phone, clientId },
    ]);
    expect(await toldOf(identity, 'identity.customer.phone-verified.v1', customer.id)).toMatchObject([{ version: 2 }]);
    expect(identity.claims.at(-1)).toEqual({ customerId: customer.id, phone, clientId });
    expect((await post('/auth/refresh', { refreshToken: tokens.refreshToken })).status).toBe(201);
  });

  test('signs in to the account that the phone has, whatever name is said; and once', async () => {
    const first = await aCodeLogin(identity, { name: 'Олена' });
    identity.runtime.clock.advance(1000);
    const { requestId, code, phone, clientId } = await asked(first.phone);
    const again = { phone, clientId, requestId, code, name: 'Інша' };
    expect((await post('/auth/verify-code', again)).body.customer).toMatchObject({ id: first.id, name: 'Олена' });
    expect(identity.claims.at(-1)).toEqual({ customerId: first.id, phone, clientId });
    expect((await post('/auth/verify-code', again)).status).toBe(404);
  });

  test('stands also while orders is away', async () => {
    identity.ordersAway = true;
    expect((await aCodeLogin(identity)).accessToken).toBeTruthy();
    identity.ordersAway = false;
  });

  test('takes an account from whoever lay in wait with it: their sessions and password are worth nothing', async () => {
    const squatter = await aCustomer(identity);
    const owner = await aCodeLogin(identity, { phone: squatter.phone });
    expect(owner.id).toBe(squatter.id);
    expect((await post('/auth/refresh', { refreshToken: squatter.refreshToken })).status).toBe(401);
    await expect(logIn(identity, squatter)).rejects.toThrow('401');
    expect((await me(owner.accessToken)).isPhoneVerified).toBe(true);
  });

  test('of somebody who is blocked is a 403, only told to who reads the code, and opens nothing', async () => {
    const { id, phone } = await aCodeLogin(identity);
    await identity.deps.db.customer.update({ where: { id }, data: { blockedAt: new Date() } });
    const before = await identity.deps.db.session.count({ where: { customerId: id } });
    identity.runtime.clock.advance(1000);
    const request = await asked(phone);
    expect((await post('/auth/verify-code', request)).status).toBe(403);
    expect(await identity.deps.db.session.count({ where: { customerId: id } })).toBe(before);
  });

  test.each([
    ['another phone', { phone: '+380671119977' }],
    ['another browser', { clientId: 'another' }],
    ['another request', { requestId: '00000000-0000-7000-8000-000000000000' }],
  ])('with %s is a 404, and the right one still opens it', async (_, wrong) => {
    const right = await asked();
    expect((await post('/auth/verify-code', { ...right, ...wrong })).status).toBe(404);
    expect((await post('/auth/verify-code', right)).status).toBe(201);
  });

  test('has five tries', async () => {
    const right = await asked();
    const wrong = { ...right, code: anotherCode(right.code) };
    for (const _ of [1, 2, 3, 4, 5]) expect((await post('/auth/verify-code', wrong)).status).toBe(400);
    expect((await post('/auth/verify-code', right)).status).toBe(400);
  });

  test('of one code by five browsers of one person at once signs in one', async () => {
    const request = await asked();
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('/auth/verify-code', request)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await identity.deps.db.customer.count({ where: { phone: request.phone } })).toBe(1);
  });
});
