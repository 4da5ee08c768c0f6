import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { afterTheGrace } from '../passing-time.ts';
import { aCustomer, signIn } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { type Refusal, refusal, Tokens } from '../storefront-shapes.ts';

const refresh = (refreshToken: string) => gateway.post<Tokens>('/auth/refresh', { refreshToken });

describe('POST /auth/refresh', () => {
  test('answers 201 with a bare token object, a new pair that works', async () => {
    const { tokens, customer } = await aCustomer();
    const { status, body } = await refresh(tokens.refreshToken);
    expect(status).toBe(201);
    Tokens.parse(body);
    expect(body).toMatchObject({
      accessTokenExpiresInSec: 900,
      tokenType: 'bearer',
      refreshTokenExpiresInSec: 2_592_000,
    });
    expect(body.refreshToken).not.toBe(tokens.refreshToken);
    expect((await gateway.get('/me', { bearer: body.accessToken })).body).toEqual(customer);
  });

  test('within the grace, a spent token answers the same new pair again', async () => {
    const { tokens } = await aCustomer();
    const first = await refresh(tokens.refreshToken);
    const again = await refresh(tokens.refreshToken);
    expect(again.status).toBe(201);
    expect(again.body.refreshToken).toBe(first.body.refreshToken);
  });

  test('after it, a spent token is a stolen one: its whole family is revoked, and no other', async () => {
    const { tokens, registration } = await aCustomer();
    const elsewhere = (await signIn(registration.email, registration.password)).body.tokens;
    const next = (await refresh(tokens.refreshToken)).body;
    await afterTheGrace(tokens);

    const { status, body } = await refresh(tokens.refreshToken);
    expect([status, body]).toEqual([401, refusal(401, expect.any(String))]);
    expect((await refresh(next.refreshToken)).status).toBe(401);
    for (const path of ['/me', '/me/orders']) {
      await until(async () => (await gateway.get(path, { bearer: next.accessToken })).status === 401);
    }
    expect((await refresh(elsewhere.refreshToken)).status).toBe(201);
  });

  test('pairs go on from one to the next', async () => {
    const { tokens } = await aCustomer();
    const seen = new Set([tokens.refreshToken]);
    let current = tokens.refreshToken;
    for (let round = 0; round < 5; round++) {
      const { status, body } = await refresh(current);
      expect(status).toBe(201);
      current = body.refreshToken;
      seen.add(current);
    }
    expect(seen.size).toBe(6);
  });

  test.each([
    ['garbage', 'not-a-token-of-ours'],
    ['a JWT of somebody else', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.'],
  ])('%s is a 401', async (_, token) => {
    const { status, body } = await refresh(token);
    expect(status).toBe(401);
    expect(body).toEqual(refusal(401, expect.any(String)));
  });

  test('an access token is no refresh token', async () => {
    const { tokens } = await aCustomer();
    expect((await refresh(tokens.accessToken)).status).toBe(401);
  });

  test.each([[{}], [{ refreshToken: 5 }], [{ refreshToken: null }], [{ refreshToken: ['a'] }]])(
    '%j is a 400 that names the field',
    async (body) => {
      const answer = await gateway.post<Refusal<string[]>>('/auth/refresh', body);
      expect(answer.status).toBe(400);
      expect(answer.body.message.every((phrase) => phrase.startsWith('refreshToken '))).toBe(true);
    },
  );

  test('a field that the call does not know is a 400', async () => {
    const { tokens } = await aCustomer();
    const answer = await gateway.post('/auth/refresh', { refreshToken: tokens.refreshToken, force: true });
    expect(answer.body).toEqual(refusal(400, ['property force should not exist']));
    expect((await refresh(tokens.refreshToken)).status).toBe(201);
  });
});

describe('POST /auth/logout', () => {
  test('ends this session everywhere within a second, and no other one', async () => {
    const { auth, registration, tokens } = await aCustomer();
    const elsewhere = (await signIn(registration.email, registration.password)).body.tokens;

    expect((await gateway.post('/auth/logout', undefined, auth)).status).toBeLessThan(300);

    await until(async () => (await gateway.get('/me', auth)).status === 401);
    await until(async () => (await gateway.get('/me/orders', auth)).status === 401);
    expect((await refresh(tokens.refreshToken)).status).toBe(401);
    expect((await gateway.get('/me', { bearer: elsewhere.accessToken })).status).toBe(200);
    expect((await refresh(elsewhere.refreshToken)).status).toBe(201);
  });
});
