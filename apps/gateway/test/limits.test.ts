import { until } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { addressKey } from '../src/limits.ts';
import { aGateway, aService, nobody } from './system.ts';
import { aValkey } from './valkey.ts';

const tight = { LIMIT_ORDINARY: '3', LIMIT_CREDENTIALS: '1', LIMIT_ORDERS: '2' };

async function aShop(env: Record<string, string> = {}) {
  const service = await aService();
  const services = { catalog: service.origin, identity: service.origin, orders: service.origin };
  const { origin } = await aGateway({ services, env: { ...tight, ...env } });
  const statuses = async (
    path: string,
    count: number,
    headers: (call: number) => Record<string, string> = () => ({}),
  ) => {
    const seen: number[] = [];
    for (let call = 0; call < count; call++) seen.push((await fetch(origin + path, { headers: headers(call) })).status);
    return seen;
  };
  return { origin, statuses, service };
}

test('each kind of traffic has an allowance of its own', async () => {
  const { statuses } = await aShop();
  expect(await statuses('/auth/login', 2)).toEqual([200, 429]);
  expect(await statuses('/orders', 3)).toEqual([200, 200, 429]);
  expect(await statuses('/products', 4)).toEqual([200, 200, 200, 429]);
});

test('paths of one kind share an allowance', async () => {
  const { statuses } = await aShop();
  expect(await statuses('/auth/login', 1)).toEqual([200]);
  expect(await statuses('/auth/register', 1)).toEqual([429]);
});

test('paths that do not exist use it up too', async () => {
  const { statuses } = await aShop();
  expect(await statuses('/nothing', 4)).toEqual([404, 404, 404, 429]);
});

test('health is never limited', async () => {
  const { statuses } = await aShop();
  expect(await statuses('/health/live', 5)).toEqual([200, 200, 200, 200, 200]);
});

test('a 429 is said in the manners of the API that was called, and says when to come back', async () => {
  const { origin, statuses, service } = await aShop();
  await statuses('/auth/login', 1);
  const shop = await fetch(`${origin}/auth/login`, { method: 'POST', body: '{}' });
  expect(Number(shop.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(await shop.json()).toEqual({
    statusCode: 429,
    message: 'Забагато запитів, спробуйте трохи пізніше',
    error: 'Too Many Requests',
  });
  await statuses('/products', 3);
  const staff = await fetch(`${origin}/admin/products`);
  expect(await staff.json()).toMatchObject({ status: 429, code: 'too_many_requests' });
  expect(service.seen).toHaveLength(4);
});

test('nobody becomes another client by sending a header', async () => {
  const { statuses } = await aShop();
  const spoofed = (call: number) => ({
    'x-forwarded-for': `203.0.113.${call}`,
    'x-real-ip': `203.0.113.${call}`,
    forwarded: `for=203.0.113.${call}`,
  });
  expect(await statuses('/orders', 3, spoofed)).toEqual([200, 200, 429]);
});

test('behind a trusted proxy clients are told apart by what the proxy says, not by what they say before it', async () => {
  const { statuses } = await aShop({ TRUSTED_PROXIES: '1' });
  const proxied = (call: number) => ({ 'x-forwarded-for': `6.6.6.${call}, 203.0.113.9` });
  expect(await statuses('/orders', 3, proxied)).toEqual([200, 200, 429]);
  expect(await statuses('/orders', 1, () => ({ 'x-forwarded-for': '203.0.113.10' }))).toEqual([200]);
});

test('a proxy is trusted by its address, and others are not', async () => {
  const trusting = await aShop({ TRUSTED_PROXIES: '127.0.0.0/8' });
  const proxied = (call: number) => ({ 'x-forwarded-for': `203.0.113.${call}` });
  expect(await trusting.statuses('/orders', 3, proxied)).toEqual([200, 200, 200]);
  const other = await aShop({ TRUSTED_PROXIES: '10.0.0.0/8' });
  expect(await other.statuses('/orders', 3, proxied)).toEqual([200, 200, 429]);
});

test('without a shared store each replica gives its share of the allowance', async () => {
  const { statuses } = await aShop({ LIMIT_ORDINARY: '6', GATEWAY_REPLICAS: '3' });
  expect(await statuses('/products', 3)).toEqual([200, 200, 429]);
});

test('with a shared store the replicas count together', async () => {
  const valkey = await aValkey();
  const [one, two] = [await aShop({ REDIS_URL: valkey.url }), await aShop({ REDIS_URL: valkey.url })];
  await until(() => valkey.clients() === 2);
  expect([
    ...(await one.statuses('/orders', 1)),
    ...(await two.statuses('/orders', 2)),
    ...(await one.statuses('/orders', 1)),
  ]).toEqual([200, 200, 429, 429]);
  expect([...valkey.counts]).toEqual([['forecourt:gateway:limit:orders 127.0.0.1', 4]]);
});

test('a shared store that is away limits nobody and delays nobody', async () => {
  const away = (await nobody()).replace('http:', 'redis:');
  const { statuses } = await aShop({ REDIS_URL: away });
  expect(await statuses('/orders', 5)).toEqual([200, 200, 200, 200, 200]);
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
  ['2001:db8:1:2:ffff::', '2001:db8:1:2::'],
])('%s is counted as %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key);
});
