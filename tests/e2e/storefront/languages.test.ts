import { describe, expect, test } from 'vitest';
import { messageSaying } from '../mailbox.ts';
import { aCustomer, anEmail, aPassword } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { type Refusal, refusal } from '../storefront-shapes.ts';

const wrongLogin = (acceptLanguage?: string) =>
  gateway.post<Refusal>(
    '/auth/login',
    { login: anEmail(), password: aPassword(), clientId: 'browser' },
    { headers: acceptLanguage === undefined ? {} : { 'accept-language': acceptLanguage } },
  );

const uk = 'Невірний логін або пароль';
const ru = 'Неверный логин или пароль';
const ka = 'არასწორი მომხმარებელი ან პაროლი';
const mn = 'Нэвтрэх нэр эсвэл нууц үг буруу байна';
const en = 'Wrong login or password';

describe('the language of an answer', () => {
  test.each([
    ['uk', uk],
    ['ru', ru],
    ['ka', ka],
    ['mn', mn],
    ['en', en],
    ['en-GB,en;q=0.9', en],
    ['ka-GE', ka],
    ['de, ru;q=0.8, en;q=0.5', ru],
    ['en;q=0.3, mn;q=0.7', mn],
    ['*', uk],
    ['fr, *;q=0.5', uk],
    ['de', uk],
    ['ru;q=0', uk],
    ['!!!;;q=', uk],
  ])('Accept-Language: %s', async (header, message) => {
    expect((await wrongLogin(header)).body).toEqual(refusal(401, message));
  });

  test('is Ukrainian when nobody asks', async () => {
    expect((await wrongLogin()).body.message).toBe(uk);
  });

  test('holds for what the gateway says itself', async () => {
    const inEnglish = await gateway.get<Refusal>('/no/such/path', { headers: { 'accept-language': 'en' } });
    expect(inEnglish.body).toEqual(refusal(404, 'There is no such address'));
    expect((await gateway.get<Refusal>('/no/such/path')).body).toEqual(refusal(404, 'Такої адреси немає'));
  });

  test('the promise after forgot-password is said in it, and the mail is written in it', async () => {
    const { registration } = await aCustomer();
    const { body } = await gateway.post<{ message: string }>(
      '/auth/forgot-password',
      { email: registration.email },
      { headers: { 'accept-language': 'en' } },
    );
    expect(body.message).toMatch(/^[\x20-\x7e]+$/);
    const mail = await messageSaying(registration.email, 'reset-password?token=');
    expect(mail.text.trim()).not.toBe('');
  });
});
