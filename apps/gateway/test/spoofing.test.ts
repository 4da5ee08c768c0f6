import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { addressKey } from '../src/limits.ts';
import { aGateway, aService, raw, rawRequest } from './system.ts';

/** Everything that some proxy, somewhere, believes about where a request comes from. */
const claims = (address: string): Record<string, string>[] => [
  { 'x-forwarded-for': address },
  { 'x-forwarded-for': `${address}, 127.0.0.1` },
  { 'x-forwarded-for': `127.0.0.1, ${address}` },
  { 'x-forwarded': `for=${address}` },
  { 'forwarded-for': address },
  { forwarded: `for=${address};proto=https;by=127.0.0.1` },
  { 'x-real-ip': address },
  { 'x-client-ip': address },
  { 'true-client-ip': address },
  { 'cf-connecting-ip': address },
  { 'fastly-client-ip': address },
  { 'x-cluster-client-ip': address },
  { 'x-originating-ip': address },
  { 'x-remote-ip': address },
  { 'x-remote-addr': address },
  { x_forwarded_for: address },
  { via: `1.1 ${address}` },
  { host: address },
  { connection: 'close, x-forwarded-for', 'x-forwarded-for': address },
];

async function aShop(env: Record<string, string>) {
  const service = await aService();
  const services = { catalog: service.origin, identity: service.origin, orders: service.origin };
  const gateway = await aGateway({ services, env });
  /** From one of this machine's own addresses. */
  const ask = (path: string, headers: Record<string, string> = {}, localAddress = '127.0.0.1') =>
    new Promise<number>((resolve, reject) => {
      request({ port: gateway.port, host: '127.0.0.1', localAddress, path, headers, agent: false }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      })
        .on('error', reject)
        .end();
    });
  return { ...gateway, service, ask };
}

describe('what a client says about its address', () => {
  const forms = ['203.0.113.7', '[2001:db8::7]:4711', '::ffff:203.0.113.7', '127.0.0.2', 'unknown', '_hidden', "'; --"];

  test('neither gets it another allowance, nor uses up somebody else’s', async () => {
    const { ask } = await aShop({ LIMIT_ORDERS: '3' });
    for (let n = 0; n < 3; n += 1) expect(await ask('/orders')).toBe(200);
    for (const form of forms) for (const claim of claims(form)) expect(await ask('/orders', claim)).toBe(429);
    expect(await ask('/orders', {}, '127.0.0.2')).toBe(200);
  });

  test('reaches no service', async () => {
    const { ask, service } = await aShop({});
    for (const claim of claims('203.0.113.7')) await ask('/products', { ...claim, 'cache-control': 'no-cache' });
    const told = service.seen.map(({ headers: { 'x-forwarded-host': _host, via: _via, ...rest } }) => rest);
    for (const headers of told) {
      expect(headers['x-forwarded-for']).toBe('127.0.0.1');
      for (const name of ['forwarded', 'x-forwarded', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'x_forwarded_for'])
        expect(headers).not.toHaveProperty(name);
    }
  });

  test('is not heard behind a trusted proxy either, which names the client last', async () => {
    const { ask } = await aShop({ LIMIT_ORDERS: '1', TRUSTED_PROXIES: '1' });
    const [attacker, victim] = ['198.51.100.66', '203.0.113.9'];
    expect(await ask('/orders', { 'x-forwarded-for': attacker })).toBe(200);
    for (const form of forms) expect(await ask('/orders', { 'x-forwarded-for': `${form}, ${attacker}` })).toBe(429);
    for (let n = 0; n < 5; n += 1) await ask('/orders', { 'x-forwarded-for': `${victim}, ${attacker}` });
    expect(await ask('/orders', { 'x-forwarded-for': victim })).toBe(200);
  });

  test.each(['203.0.113.9:4711', '[2001:db8::9]:4711'])(
    'counts and is passed on without the port that a trusted proxy writes: %s',
    async (client) => {
      const { ask, service } = await aShop({ LIMIT_ORDERS: '1', TRUSTED_PROXIES: '1' });
      expect(await ask('/orders', { 'x-forwarded-for': client })).toBe(200);
      expect(await ask('/orders', { 'x-forwarded-for': client.replace('4711', '4712') })).toBe(429);
      expect(service.seen[0]?.headers['x-forwarded-for']).toBe(client.replaceAll(/[[\]]|:4711$/g, ''));
    },
  );
});

test.each([
  ['203.0.113.9', ['203.0.113.9', '::ffff:203.0.113.9', '::FFFF:203.0.113.9', '::ffff:cb00:7109', '203.0.113.9:4711']],
  [
    '2001:db8:1:2::',
    [
      '2001:db8:1:2::1',
      '2001:DB8:1:2::1',
      '2001:0db8:0001:0002:0000:0000:0000:0001',
      '2001:db8:1:2:ffff:ffff:ffff:ffff',
      '[2001:db8:1:2::1]',
      '[2001:db8:1:2::1]:4711',
      '2001:db8:1:2::1%eth0',
    ],
  ],
])('every spelling of %s is one client', (key, spellings) => {
  expect(spellings.map(addressKey)).toEqual(spellings.map(() => key));
});

test.each([
  'GET /auth/login?x=1',
  'HEAD /auth/login',
  'PUT /auth/login',
  'POST /auth/%6cogin',
  'POST /%61uth/login',
  'POST http://other.example/auth/login',
  'POST /auth/register',
  'OPTIONS /auth/login',
  'POST /auth/login/',
  'POST /Auth/Login',
  'POST //auth/login',
])('%s is no way around an allowance', async (line) => {
  const { ask, port, service } = await aShop({ LIMIT_CREDENTIALS: '1' });
  expect(await ask('/auth/login')).toBe(200);
  const answer = await raw(port, rawRequest(line));
  expect(answer).toMatch(/^HTTP\/1\.1 (429|404|405|400) /);
  expect(service.seen).toHaveLength(1);
});

describe('what only we say to a service', () => {
  const words = ['user-id', 'user-roles', 'internal-token', 'internal-revision', 'forwarded-user', 'request-id'];
  const spellings = words.flatMap((word) => {
    const snake = `x_${word.replaceAll('-', '_')}`;
    return [`x-${word}`, `X-${word.toUpperCase()}`, snake, `x-${word.replace('-', '_')}`, `x_${word}`];
  });

  test('an outsider cannot say in any spelling, nor take it away by calling it a matter of the connection', async () => {
    const { port, service } = await aShop({});
    const forged = [...spellings, 'x-user', 'x-internal', 'traceparent', 'tracestate', 'baggage'];
    const named = ['x-request-id', 'traceparent', 'x-forwarded-for', 'x-forwarded-host', 'host', 'content-length'];
    await raw(
      port,
      rawRequest('POST /orders', [...forged.map((name) => `${name}: evil`), 'content-length: 2'], '{}').replace(
        'connection: close',
        `connection: close, ${named.join(', ')}`,
      ),
    );
    const [{ headers, body }] = service.seen as [(typeof service.seen)[number]];
    expect(JSON.stringify(headers)).not.toContain('evil');
    expect(body).toBe('{}');
    expect(headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      traceparent: expect.stringMatching(/^00-/),
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop.example',
      'content-length': '2',
    });
  });
});
