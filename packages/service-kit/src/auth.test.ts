import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShop, type Shop } from '../test/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.close());

const customerId = '65f1a2b3c4d5e6f7a8b9c001';

test('without a token a protected route is a 401 with a challenge', async () => {
  const reply = await shop.app.inject('/me');
  expect(reply.statusCode).toBe(401);
  expect(reply.headers['www-authenticate']).toBe('Bearer');
});

test('with a token the handler knows who is calling', async () => {
  const reply = await shop.app.inject({
    url: '/me',
    headers: await shop.runtime.issuer.bearer({ customerId, roles: ['operator'] }),
  });
  expect(reply.json()).toEqual({ customerId, sessionId: customerId, roles: ['operator'] });
});

test.each(['Bearer', 'Bearer ', 'Bearer x y', 'Basic dTpw', 'nonsense', `Bearer ${'a'.repeat(5000)}`])(
  'the header %j is a 401, on optional routes as well',
  async (authorization) => {
    for (const request of [{ url: '/me' }, { url: '/guest', method: 'POST' as const }]) {
      const reply = await shop.app.inject({ ...request, headers: { authorization } });
      expect(reply.statusCode).toBe(401);
      expect(reply.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
  },
);

test('an optional route serves guests, and knows the others', async () => {
  const guest = await shop.app.inject({ method: 'POST', url: '/guest' });
  expect(guest.json()).toEqual({ customerId: null });
  const known = await shop.app.inject({
    method: 'POST',
    url: '/guest',
    headers: await shop.runtime.issuer.bearer({ customerId }),
  });
  expect(known.json()).toEqual({ customerId });
});

test("who lacks the role is told so, and nothing about the body's rules", async () => {
  const headers = await shop.runtime.issuer.bearer({ customerId, roles: ['customer'] });
  const reply = await shop.app.inject({ method: 'POST', url: '/staff', headers, payload: { wrong: true } });
  expect(reply.statusCode).toBe(403);
  const stranger = await shop.app.inject({ method: 'POST', url: '/staff', payload: { wrong: true } });
  expect(stranger.statusCode).toBe(401);
});
