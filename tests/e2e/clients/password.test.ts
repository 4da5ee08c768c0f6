import { expect, test } from 'vitest';
import { messageSaying } from '../mailbox.ts';
import { signIn } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { aClient, type Client, call } from './client.ts';

const check = ({ clientId, token }: Client, password: string) =>
  call('POST', `/api/v1/clients/${clientId}/password/check`, { token, body: { password } });

test('the document’s password: the customer’s other sessions end, and the owner hears of it', async () => {
  const client = await aClient();
  const { body: elsewhere } = await signIn(client.email, client.password);
  const path = `/api/v1/clients/${client.clientId}/password`;
  const changed = await call('PATCH', path, { token: client.token, body: { password: 'паучикапау' } });
  expect([changed.status, changed.body]).toStrictEqual([200, {}]);

  const { refreshToken } = elsewhere.tokens;
  expect((await gateway.post('/auth/refresh', { refreshToken })).status).toBe(401);
  expect((await gateway.get('/me', { bearer: client.token })).status).toBe(200);
  expect((await signIn(client.email, client.password, client.browser)).status).toBe(401);
  expect((await signIn(client.email, 'паучикапау', client.browser)).status).toBe(201);
  await messageSaying(client.email, /Пароль вашей учётной записи изменён/);
});

test('a check says whether it matches', async () => {
  const client = await aClient();
  const right = await check(client, client.password);
  expect([right.status, right.body]).toStrictEqual([200, { matches: true }]);
  const wrong = await check(client, 'паучикапау');
  expect([wrong.status, wrong.body]).toStrictEqual([200, { matches: false }]);
});

test('wrong guesses are counted and throttled together with a login’s', async () => {
  const client = await aClient();
  for (let n = 0; n < 5; n += 1) expect((await check(client, `guess ${n}`)).status).toBe(200);
  const { status, headers, body } = await check(client, client.password);
  expect([status, headers['retry-after']]).toEqual([429, '30']);
  expect(body).toStrictEqual({
    error: { code: 'too_many_attempts', message: expect.stringMatching(/^\p{Lu}[\p{L} ,]+$/u) },
  });
  expect((await signIn(client.email, client.password, client.browser)).status).toBe(429);
});
