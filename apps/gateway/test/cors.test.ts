import { expect, test } from 'vitest';
import { aGateway, aService } from './system.ts';

const env = { CORS_ORIGINS: 'https://shop.example,https://admin.shop.example' };
const preflight = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type',
};

test('a page of a configured site may call us, with what it needs to send and to read', async () => {
  const orders = await aService((_request, response) => response.writeHead(200, { vary: 'Accept-Language' }).end());
  const { origin } = await aGateway({ services: { orders: orders.origin }, env });
  const asked = await fetch(`${origin}/orders`, {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example', ...preflight },
  });
  expect(asked.status).toBe(204);
  expect(Object.fromEntries(asked.headers)).toMatchObject({
    'access-control-allow-origin': 'https://shop.example',
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': expect.stringContaining('PATCH'),
    'access-control-allow-headers': 'authorization,content-type',
  });
  expect(orders.seen).toEqual([]);
  const called = await fetch(`${origin}/orders`, { method: 'POST', headers: { origin: 'https://shop.example' } });
  expect(called.headers.get('access-control-allow-origin')).toBe('https://shop.example');
  expect(called.headers.get('access-control-expose-headers')).toContain('Retry-After');
  expect(called.headers.get('vary')).toBe('Origin, Accept-Language');
});

test.each([
  'null',
  'https://shop.example.evil.example',
  'https://evilshop.example',
  'http://shop.example',
  'https://shop.example:444',
  'https://x.shop.example',
  'HTTPS://SHOP.EXAMPLE',
  'https://shop.example.',
  'https://shop.example/',
  'https://shop.example:443',
  'https://shop.example@evil.example',
  'https://evil.example/https://shop.example',
  'https://shop.example, https://evil.example',
  'https://shop.example https://evil.example',
  'https://shop_example',
  'https://shopXexample',
  'file://',
  '*',
])('a page of %s may not', async (stranger) => {
  const orders = await aService();
  const { origin } = await aGateway({ services: { orders: orders.origin }, env });
  for (const [method, status] of [
    ['OPTIONS', 405],
    ['GET', 200],
  ] as const) {
    const answer = await fetch(`${origin}/orders`, { method, headers: { origin: stranger, ...preflight } });
    expect(answer.status).toBe(status);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(answer.headers.get('vary')).toContain('Origin');
  }
});

test('a refusal can be read by the page that caused it', async () => {
  const { origin } = await aGateway({ env });
  const answer = await fetch(`${origin}/nothing`, { headers: { origin: 'https://shop.example' } });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([404, 'https://shop.example']);
});

test('in development the web shop may call, in production nobody who is not configured', async () => {
  const shop = { headers: { origin: 'http://localhost:5173' } };
  const development = await aGateway();
  expect((await fetch(`${development.origin}/docs`, shop)).headers.get('access-control-allow-origin')).toBe(
    'http://localhost:5173',
  );
  const production = await aGateway({ env: { NODE_ENV: 'production' } });
  expect((await fetch(`${production.origin}/docs`, shop)).headers.get('access-control-allow-origin')).toBeNull();
});
