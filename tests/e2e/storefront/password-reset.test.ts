import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { messagesTo, resetTokenFor } from '../mailbox.ts';
import { aCustomer, anEmail, aPassword, signIn } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { type Refusal, refusal } from '../storefront-shapes.ts';

const forgot = (email: unknown) => gateway.post<Refusal<string[]>>('/auth/forgot-password', { email });
const reset = (token: string, newPassword: string) => gateway.post('/auth/reset-password', { token, newPassword });

const promise = { message: 'Якщо email існує, лист з інструкціями буде надіслано' };

describe('POST /auth/forgot-password', () => {
  test('says the same, byte for byte, whether or not the e-mail is known', async () => {
    const { registration } = await aCustomer();
    const known = await forgot(registration.email);
    const unknown = await forgot(anEmail());
    expect(known.status).toBe(201);
    expect(known.body).toEqual(promise);
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
  });

  test('sends one mail, to the known address alone, with a link to the shop', async () => {
    const { registration } = await aCustomer();
    const stranger = anEmail();
    await forgot(stranger);
    const token = await resetTokenFor(registration.email);
    const [mail] = (await messagesTo(registration.email)).filter(({ text }) => text.includes(token));
    expect(mail).toMatchObject({ channel: 'email', to: registration.email });
    expect(mail?.text).toContain(`http://localhost:5173/reset-password?token=${token}`);
    expect(await messagesTo(stranger)).toEqual([]);
  });

  test.each([['no-at-sign'], [undefined], [5], ['']])('%j is a 400 that names the field', async (email) => {
    const { status, body } = await forgot(email);
    expect(status).toBe(400);
    expect(body.message.every((phrase) => phrase.startsWith('email '))).toBe(true);
  });
});

describe('POST /auth/reset-password', () => {
  test('changes the password: the new one signs in, the old one does not', async () => {
    const { registration } = await aCustomer();
    const newPassword = aPassword();
    const { status, body } = await reset(await resetTokenFor(registration.email), newPassword);
    expect(status).toBe(201);
    expect(body).toEqual({ message: 'Пароль успішно змінено' });
    expect((await signIn(registration.email, registration.password)).status).toBe(401);
    expect((await signIn(registration.email, newPassword)).status).toBe(201);
  });

  test('ends every session of that customer, in every service, and refresh tokens with them', async () => {
    const { registration, auth, tokens } = await aCustomer();
    const second = (await signIn(registration.phone, registration.password)).body.tokens;
    await reset(await resetTokenFor(registration.email), aPassword());

    for (const bearer of [auth.bearer, second.accessToken]) {
      await until(async () => (await gateway.get('/me', { bearer })).status === 401);
      await until(async () => (await gateway.get('/me/orders', { bearer })).status === 401);
    }
    for (const { refreshToken } of [tokens, second]) {
      expect((await gateway.post('/auth/refresh', { refreshToken })).status).toBe(401);
    }
  });

  test('works once', async () => {
    const { registration } = await aCustomer();
    const token = await resetTokenFor(registration.email);
    const newPassword = aPassword();
    expect((await reset(token, newPassword)).status).toBe(201);
    const again = await reset(token, aPassword());
    expect(again.status).toBe(400);
    expect(again.body).toEqual(refusal(400, expect.any(String)));
    expect((await signIn(registration.email, newPassword)).status).toBe(201);
  });

  test('works once, also when it is used many times at once', async () => {
    const { registration } = await aCustomer();
    const token = await resetTokenFor(registration.email);
    const passwords = Array.from({ length: 5 }, aPassword);
    const answers = await Promise.all(passwords.map((password) => reset(token, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
    const winner = passwords[answers.findIndex(({ status }) => status === 201)] ?? '';
    expect((await signIn(registration.email, winner)).status).toBe(201);
  });

  test('an older link is worth nothing once the password has changed', async () => {
    const { registration } = await aCustomer();
    const older = await resetTokenFor(registration.email);
    const newer = await resetTokenFor(registration.email);
    expect((await reset(newer, aPassword())).status).toBe(201);
    expect((await reset(older, aPassword())).status).toBe(400);
  });

  test('a token with one letter changed, and one that is none, are a 400', async () => {
    const { registration } = await aCustomer();
    const token = await resetTokenFor(registration.email);
    const [header, payload, signature = ''] = token.split('.');
    const forged = [header, payload, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
    for (const bad of [forged, 'garbage', `${header}.${payload}.`]) {
      const { status, body } = await reset(bad, aPassword());
      expect(status).toBe(400);
      expect(body).toEqual(refusal(400, expect.anything()));
    }
    expect((await signIn(registration.email, registration.password)).status).toBe(201);
  });

  test('an access token is no reset token, and a reset token no access token', async () => {
    const { registration, auth } = await aCustomer();
    expect((await reset(auth.bearer, aPassword())).status).toBe(400);
    expect((await gateway.get('/me', { bearer: await resetTokenFor(registration.email) })).status).toBe(401);
  });

  test.each([['12345'], ['p'.repeat(129)], [undefined], [123_456]])(
    'newPassword %j is a 400 that names it',
    async (newPassword) => {
      const { status, body } = await gateway.post<Refusal<string[]>>('/auth/reset-password', {
        token: 'eyJ.a.b',
        newPassword,
      });
      expect(status).toBe(400);
      expect(body.message.every((phrase) => phrase.startsWith('newPassword '))).toBe(true);
    },
  );
});
