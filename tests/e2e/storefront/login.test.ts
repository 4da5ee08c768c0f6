import { describe, expect, test } from 'vitest';
import { aCustomer, anEmail, aPassword, aPhone, signIn } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { type Refusal, refusal, SignedIn } from '../storefront-shapes.ts';

const login = (body: unknown) => gateway.post<Refusal<string[]>>('/auth/login', body);

describe('POST /auth/login', () => {
  test.each([
    ['the e-mail', (r: { email: string }) => r.email],
    ['the e-mail in another case', (r: { email: string }) => r.email.toUpperCase()],
    ['the phone', (r: { phone: string }) => r.phone],
    ['the phone, written locally', (r: { phone: string }) => `0${r.phone.slice(4)}`],
  ])('%s is a login, and the answer is that of register', async (_, toLogin) => {
    const { registration, customer } = await aCustomer();
    const { status, body } = await signIn(toLogin(registration), registration.password);
    expect(status).toBe(201);
    SignedIn.parse(body);
    expect(body.customer).toEqual({ ...customer, lastLoginAt: expect.any(String), updatedAt: expect.any(String) });
    expect(body.tokens).toMatchObject({ accessTokenExpiresInSec: 900, refreshTokenExpiresInSec: 2_592_000 });
  });

  test('each login is remembered as the last one', async () => {
    const { registration, customer } = await aCustomer();
    const { body } = await signIn(registration.email, registration.password);
    expect(Date.parse(body.customer.lastLoginAt ?? '')).toBeGreaterThan(Date.parse(customer.lastLoginAt ?? ''));
  });

  test('an unknown login and a wrong password get the same 401, byte for byte', async () => {
    const { registration } = await aCustomer();
    const wrongPassword = await signIn(registration.email, aPassword());
    expect(wrongPassword.status).toBe(401);
    expect(wrongPassword.body).toEqual({
      statusCode: 401,
      message: 'Невірний логін або пароль',
      error: 'Unauthorized',
    });
    for (const stranger of [anEmail(), aPhone(), 'nobody at all']) {
      const unknown = await signIn(stranger, registration.password);
      expect([unknown.status, unknown.text]).toEqual([401, wrongPassword.text]);
    }
  });

  test.each([
    ['login', { login: 'ab' }],
    ['login', { login: 'a'.repeat(121) }],
    ['login', { login: undefined }],
    ['login', { login: 5 }],
    ['password', { password: '12345' }],
    ['password', { password: 'p'.repeat(129) }],
    ['password', { password: undefined }],
    ['clientId', { clientId: '' }],
    ['clientId', { clientId: 'c'.repeat(65) }],
    ['clientId', { clientId: undefined }],
  ])('a bad %s is a 400 that names it: %j', async (field, wishes) => {
    const { status, body } = await login({ login: anEmail(), password: aPassword(), clientId: 'browser', ...wishes });
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, expect.any(Array)));
    expect(body.message.every((phrase) => phrase.startsWith(`${field} `))).toBe(true);
  });

  test('a field that the call does not know is a 400', async () => {
    const { body } = await login({ login: anEmail(), password: aPassword(), clientId: 'browser', remember: true });
    expect(body).toEqual(refusal(400, ['property remember should not exist']));
  });

  test('whoever keeps guessing one account is told to wait: 429 with Retry-After, even for the right password', async () => {
    const { registration } = await aCustomer();
    let answer = await signIn(registration.email, aPassword());
    for (let tries = 1; answer.status === 401 && tries < 100; tries++) {
      answer = await signIn(registration.email, aPassword());
    }
    expect(answer.status).toBe(429);
    expect(answer.body).toEqual(refusal(429, expect.any(String)));
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await signIn(registration.email, registration.password)).status).toBe(429);

    const bystander = await aCustomer();
    expect((await signIn(bystander.registration.email, bystander.registration.password)).status).toBe(201);
  });
});
