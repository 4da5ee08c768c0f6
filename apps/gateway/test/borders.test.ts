import { maxHeaderBytes } from '@forecourt/service-kit';
import { expect, test } from 'vitest';
import { aGateway, aService, raw, rawRequest } from './system.ts';

test('a service never sees what only we may say', async () => {
  const catalog = await aService();
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  const forged = [
    'x-user-id: 1',
    'X-USER-ROLES: operator',
    'x-internal-token: 1',
    'x_user_id: 1',
    'X_Internal_Secret: 1',
    'x-forwarded-for: 6.6.6.6',
    'x-forwarded-host: evil.example',
    'x-forwarded-proto: gopher',
    'x-forwarded-prefix: /admin',
    'forwarded: for=6.6.6.6',
    'x-real-ip: 6.6.6.6',
    'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'tracestate: evil=1',
    'baggage: evil=1',
    'x-http-method-override: DELETE',
    'x-original-url: /internal',
    'proxy-authorization: Basic eDp4',
    'te: trailers',
    'keep-alive: timeout=1',
    'upgrade: h2c',
    'x-secret-hop: 1',
    'accept-language: ka',
    'authorization: Bearer abc',
    'cookie: session=1; shop=2',
    'x-idempotency-key: k-1',
  ];
  await raw(port, rawRequest('GET /products', forged).replace('connection: close', 'connection: close, x-secret-hop'));

  const { headers = {} } = catalog.seen[0] ?? {};
  expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(headers.traceparent).not.toContain('0af7651916cd43dd8448eb211c80319c');
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  const { traceparent, 'x-request-id': id, connection, ...rest } = headers;
  expect(rest).toEqual({
    host: new URL(catalog.origin).host,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'shop.example',
    'accept-language': 'ka',
    authorization: 'Bearer abc',
    cookie: 'shop=2',
    'x-idempotency-key': 'k-1',
  });
});

test('behind a trusted proxy the client is the one that the proxy names, and only the last word counts', async () => {
  const catalog = await aService();
  const { origin } = await aGateway({ services: { catalog: catalog.origin }, env: { TRUSTED_PROXIES: '1' } });
  await fetch(`${origin}/products`, {
    headers: {
      'x-forwarded-for': '6.6.6.6, 203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
    },
  });
  expect(catalog.seen[0]?.headers).toMatchObject({
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
  });
});

test('a service keeps its own secrets: what it says about itself does not reach the client', async () => {
  const catalog = await aService((_request, response) =>
    response
      .writeHead(200, {
        server: 'internal/1',
        'x-powered-by': 'secrets',
        'x-internal-node': '7',
        'x-request-id': 'not-ours',
        'access-control-allow-origin': '*',
        connection: 'keep-alive, x-hop',
        'x-hop': '1',
        'content-language': 'uk',
      })
      .end(),
  );
  const { origin } = await aGateway({ services: { catalog: catalog.origin } });
  const { headers } = await fetch(`${origin}/products`, { headers: { 'x-request-id': 'mine-12345' } });
  for (const name of ['server', 'x-powered-by', 'x-internal-node', 'access-control-allow-origin', 'x-hop']) {
    expect(headers.get(name)).toBeNull();
  }
  expect(headers.get('x-request-id')).toBe('mine-12345');
  expect(headers.get('content-language')).toBe('uk');
});

test.each([
  ['mine-12345', true],
  ['short', false],
  ['x'.repeat(65), false],
  ['with space and more', false],
  ['bad\u00e9bad\u00e9', false],
  ['{"json":"injection"}', false],
])('a request id %j from outside is taken: %s', async (id, taken) => {
  const catalog = await aService();
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  const answer = await raw(port, rawRequest('GET /products', [`x-request-id: ${id}`]));
  const answered = /x-request-id: (.*)\r/i.exec(answer)?.[1];
  expect(answered === id).toBe(taken);
  expect(catalog.seen[0]?.headers['x-request-id']).toBe(answered);
});

test.each([
  '/internal/openapi/storefront.json',
  '/metrics',
  '/products/../internal/openapi/storefront.json',
  '/products/../../metrics',
  '/products/%2e%2e/metrics',
  '/products/%2E%2E%2Fmetrics',
  '/products/..%2fmetrics',
  '/products/..%5cmetrics',
  '/products/%252e%252e%252fmetrics',
  '/products/..\\metrics',
  '/admin/products/../../internal/openapi/operators.json',
  '/admin/products/%2e%2e/%2e%2e/metrics',
  '/admin/products//internal',
  '/admin/products/./import',
  '//metrics',
  '/%6detrics',
  '/products/;/metrics',
  '/products/%00',
  '/products/a%2fb',
  '/METRICS',
  '/admin',
  '/admin/',
  '/admin/productsmore',
  '/auth/../internal',
  '/health/../metrics',
  '/docs/ui/..%2f..%2fpackage.json',
  '/products/a/b',
])('%s reaches nobody', async (path) => {
  const service = await aService();
  const all = { catalog: service.origin, identity: service.origin, orders: service.origin };
  const { port } = await aGateway({ services: all });
  for (const method of ['GET', 'POST']) {
    expect(await raw(port, rawRequest(`${method} ${path}`))).toMatch(/^HTTP\/1\.1 40[045] /);
  }
  expect(service.seen).toEqual([]);
});

test('an absolute request target is its path, whatever host it names', async () => {
  const catalog = await aService();
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  expect(await raw(port, rawRequest('GET http://internal.example:99/products?q=1'))).toMatch(/^HTTP\/1\.1 200 /);
  expect(catalog.seen).toMatchObject([{ url: '/products?q=1' }]);
  expect(await raw(port, rawRequest('GET http://127.0.0.1/metrics'))).toMatch(/^HTTP\/1\.1 404 /);
});

test.each([
  ['a length and chunks', ['content-length: 6', 'transfer-encoding: chunked'], '0\r\n\r\nX'],
  ['two lengths', ['content-length: 6', 'content-length: 7'], 'abcdefg'],
  ['a signed length', ['content-length: +6'], 'abcdef'],
  ['chunks that are not last', ['transfer-encoding: chunked, identity'], '0\r\n\r\n'],
  ['chunks in disguise', ['transfer-encoding: xchunked'], '0\r\n\r\n'],
  ['a broken chunk size', ['transfer-encoding: chunked'], '0x6\r\nabcdef\r\n0\r\n\r\n'],
  ['a folded header', ['x-a: 1\r\n transfer-encoding: chunked'], ''],
  ['a space before the colon', ['content-length : 6'], 'abcdef'],
  ['a bare line feed', ['x-a: 1\nx-b: 2'], ''],
])('a request that is framed with %s is refused and never becomes two', async (_what, headers, body) => {
  const orders = await aService();
  const { port } = await aGateway({ services: { orders: orders.origin } });
  const smuggled = `${body}GET /orders/history HTTP/1.1\r\nhost: x\r\n\r\n`;
  const answer = await raw(port, rawRequest('POST /orders', headers, smuggled));
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"statusCode":400');
  expect(orders.seen).toEqual([]);
});

test.each([8_000, 8_192, 12_000, 16_000, 20_000, 60_000])(
  'headers of %i bytes are a 431 in the manners of the path, and reach no service',
  async (bytes) => {
    const service = await aService();
    const { port } = await aGateway({ services: { catalog: service.origin, orders: service.origin } });
    const tooMuch = [`x-a: ${'x'.repeat(bytes)}`];
    const shop = await raw(port, rawRequest('GET /products', tooMuch));
    expect(shop).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
    expect(shop).toContain('"statusCode":431');
    const staff = await raw(port, rawRequest('POST /admin/orders', tooMuch));
    expect(staff).toMatch(/^HTTP\/1\.1 431 /);
    expect(staff).toContain('"code":"headers_too_large"');
    expect(service.seen).toEqual([]);
  },
);

test.each([
  ['no host', ''],
  ['two hosts', 'host: shop.example\r\nHost: evil.example\r\n'],
])('a request that names %s is a 400 like any other', async (_, hosts) => {
  const { port } = await aGateway();
  const answer = await raw(port, `GET /admin/orders HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"code":"malformed_request"');
  expect(answer).toMatch(/^x-request-id: [\w-]{36}\r$/m);
});

test('however many headers the gateway lets pass, a real service takes them and its own', async () => {
  const catalog = await aService();
  catalog.server.maxHeadersCount = 100;
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  const answers: string[] = [];
  for (let count = 70; count < 110; count += 1) {
    const answer = await raw(
      port,
      rawRequest(
        'GET /products',
        Array.from({ length: count }, (_, at) => `x-a${at}: ${count}`),
      ),
    );
    answers.push(`${/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]}`);
  }
  expect([...new Set(answers)]).toEqual(['200', '431']);
  for (const { headers } of catalog.seen)
    expect(headers).toMatchObject({ 'x-request-id': expect.any(String), 'x-forwarded-for': expect.any(String) });
});

test('an expectation that nobody knows is passed over', async () => {
  const catalog = await aService();
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  const answer = await raw(port, rawRequest('GET /products', ['expect: a-miracle']));
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(catalog.seen).toHaveLength(1);
});

test('a path that cannot be decoded is a 404 like any other, and is not repeated', async () => {
  const { port } = await aGateway();
  const answer = await raw(port, rawRequest('GET /admin/orders/a%ED%B0%80b', []));
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('"code":"route_not_found"');
  expect(answer).toMatch(/^x-request-id: [\w-]{36}\r$/m);
  expect(answer).toContain("content-security-policy: default-src 'none'");
  expect(answer).not.toContain('%ED%B0%80');
});

test("bytes that are no request get all that an answer has: an id, the headers of safety, the dialect's own type", async () => {
  const { port } = await aGateway();
  const answer = await raw(port, rawRequest('GET /admin/orders', ['x-a: a\u0001b']));
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  const id = /^x-request-id: ([\w-]{36})\r$/m.exec(answer)?.[1];
  expect(answer).toContain(`"requestId":"${id}"`);
  expect(answer).toMatch(/^content-type: application\/problem\+json\r$/m);
  for (const header of [
    "content-security-policy: default-src 'none'; frame-ancestors 'none'",
    'x-frame-options: DENY',
    'referrer-policy: no-referrer',
  ]) {
    expect(answer).toContain(`\r\n${header}\r\n`);
  }
});

test('what the gateway lets pass, a real service takes: its own headers fit, too', async () => {
  const catalog = await aService(undefined, { maxHeaderSize: maxHeaderBytes });
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  const answers = new Set<string>();
  for (let bytes = 7_200; bytes < 8_000; bytes += 40) {
    const answer = await raw(port, rawRequest('GET /products', [`x-a: ${'x'.repeat(bytes)}`]));
    answers.add(`${/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]} ${answer.includes('"statusCode":431')}`);
  }
  expect([...answers]).toEqual(['200 false', '431 true']);
});

test('a connection that begins like another protocol gets an answer and its end', async () => {
  const { port } = await aGateway();
  expect(await raw(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await raw(port, '\x16\x03\x01\x02\x00\x01')).toMatch(/^HTTP\/1\.1 400 /);
});

test.each([
  ['/nothing', { statusCode: 404, message: 'Такої адреси немає', error: 'Not Found' }],
  ['/admin/nothing', { status: 404, code: 'route_not_found', title: 'No such path' }],
  ['/products/%zz', { statusCode: 404 }],
])('the unknown path %s is refused in the manners of its neighbours', async (path, body) => {
  const { origin } = await aGateway();
  const answer = await fetch(origin + path);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject(body);
});

test('every answer says nothing may frame it, run in it or guess its type', async () => {
  const catalog = await aService((_request, response) =>
    response.writeHead(200, { 'x-frame-options': 'ALLOWALL', 'referrer-policy': 'unsafe-url' }).end(),
  );
  const { origin } = await aGateway({ services: { catalog: catalog.origin } });
  for (const path of ['/products', '/nothing', '/health/live']) {
    expect(Object.fromEntries((await fetch(origin + path)).headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
  }
});

test('development paths do not exist in production', async () => {
  const identity = await aService();
  const services = { identity: identity.origin };
  const development = await aGateway({ services });
  expect((await fetch(`${development.origin}/dev/messages`)).status).toBe(200);
  const production = await aGateway({ services, env: { NODE_ENV: 'production' } });
  const answer = await fetch(`${production.origin}/dev/messages`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('strict-transport-security')).toContain('max-age=31536000');
  expect(identity.seen).toHaveLength(1);
  expect(await (await fetch(production.origin)).text()).not.toContain('/dev/');
});

test('the log names what happened without phones, tokens or bodies', async () => {
  const orders = await aService();
  const { origin, logged } = await aGateway({ services: { orders: orders.origin } });
  await fetch(`${origin}/orders/history?phone=%2B380971112233&clientId=canary`, {
    headers: { authorization: 'Bearer canary' },
  });
  await fetch(`${origin}/canary/380971112233`);
  const lines = JSON.stringify(logged);
  expect(lines).toContain('/orders/history');
  expect(lines).not.toMatch(/380971112233|canary/);
});
