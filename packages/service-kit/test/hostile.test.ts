import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { storefront } from '@forecourt/dialects';
import { createTestRuntime, type TestRuntime, until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type App, createApp, door } from '../src/index.ts';

let runtime: TestRuntime;
let app: App;
let handled = 0;

beforeAll(async () => {
  runtime = await createTestRuntime('orders');
  app = await createApp(runtime, { getBodies: true });
  // The real limits are 15 and 10 seconds; a test that waited for them would prove no more.
  app.server.requestTimeout = 300;
  app.server.headersTimeout = 200;
  await app.register(
    door(storefront, async (shop) => {
      const body = z.strictObject({ a: z.int() });
      shop.post('/echo', { schema: { body } }, async (request) => {
        handled += 1;
        return request.body;
      });
      shop.get('/search', { schema: { body: body.nullish() } }, async (request) => request.body ?? {});
      shop.get('/plain', async (request) => ({ body: request.body ?? null }));
      shop.post('/hasty', { handlerTimeout: 50, schema: { body } }, async (request) => request.body);
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
});

afterAll(async () => {
  await app.close();
  await runtime.close();
});

function open(): { socket: Socket; heard: () => string; closed: Promise<unknown> } {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  return { socket, heard: () => text, closed: once(socket, 'close') };
}

async function say(request: string): Promise<string> {
  const { socket, heard } = open();
  socket.write(request);
  await until(() => /^HTTP\/1\.1 \d+ .*\r\n\r\n/s.test(heard()));
  socket.destroy();
  return heard();
}

const post = (headers: string, body = '') => `POST /echo HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`;
const json = 'Content-Type: application/json';

test('the limits that Fastify and Node leave open are set', async () => {
  const fresh = await createApp(runtime);
  expect(fresh.server).toMatchObject({
    requestTimeout: 15_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 75_000,
    maxHeadersCount: 100,
    maxConnections: 10_000,
  });
  expect(fresh.server.timeout).toBe(20_000);
  expect(fresh.initialConfig).toMatchObject({ bodyLimit: 65_536 });
  await fresh.close();
});

test('a body that comes too slowly is cut off and reaches no handler', async () => {
  const before = handled;
  const { socket, heard, closed } = open();
  socket.write(post(`${json}\r\nContent-Length: 100`, '{"a":'));
  await closed;
  expect(heard()).toMatch(/^(HTTP\/1\.1 (408|400) .*)?$/s);
  expect(handled).toBe(before);
});

test('headers that never end are cut off', async () => {
  const { socket, heard, closed } = open();
  socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nX-A');
  await closed;
  expect(heard()).toMatch(/^HTTP\/1\.1 408 /);
});

test.each([
  ['a header of 17 KB', post(`X-Long: ${'a'.repeat(17_000)}`), 431],
  ['200 headers', post(Array.from({ length: 200 }, (_, index) => `X-${index}: 1`).join('\r\n')), 431],
  ['two different lengths', post(`${json}\r\nContent-Length: 7\r\nContent-Length: 8`, '{"a":1}'), 400],
  [
    'a length and chunks',
    post(`${json}\r\nContent-Length: 7\r\nTransfer-Encoding: chunked`, '7\r\n{"a":1}\r\n0\r\n\r\n'),
    400,
  ],
  ['a folded header', post(`X-A: 1\r\n  2\r\n${json}\r\nContent-Length: 7`, '{"a":1}'), 400],
  ['a bare line feed', 'POST /echo HTTP/1.1\nHost: x\n\n', 400],
  ['no host', `POST /echo HTTP/1.1\r\n${json}\r\nContent-Length: 7\r\n\r\n{"a":1}`, 400],
  ['bytes that are no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ['a NUL in a text', post(`${json}\r\nContent-Length: 16`, '{"a":"\\u0000x" }'), 400],
  ['a lone surrogate', post(`${json}\r\nContent-Length: 14`, '{"a":"\\ud800"}'), 400],
  ['a body that says it is too long', post(`${json}\r\nContent-Length: 9999999`), 413],
  [
    'chunks that grow too long',
    post(`${json}\r\nTransfer-Encoding: chunked`, `1ffff\r\n${' '.repeat(0x1ffff)}\r\n`),
    413,
  ],
])('%s is refused without reaching a handler', async (_, request, status) => {
  const before = handled;
  expect(await say(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(handled).toBe(before);
});

test.each([
  ['/echo', '"statusCode":431'],
  ['/nowhere', '"code":"headers_too_large"'],
])('headers beyond the limit are refused in the manners of %s', async (path, words) => {
  const answer = await say(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(9_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(answer).toMatch(/\r\ncontent-type: application\/(json; charset=utf-8|problem\+json)\r\n/);
  expect(answer).toContain(words);
});

test('bytes that are no request are answered as a request would be, and say nothing of what they were', async () => {
  const answer = await say('canary \x16\x03\x01\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nconnection: close\r\n/);
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, code: 'malformed_request' });
  expect(answer).not.toContain('canary');
});

test('a connection beyond the number that a process holds is turned away, the others are served', async () => {
  const few = await createApp(runtime);
  few.server.maxConnections = 2;
  await few.listen({ port: 0, host: '127.0.0.1' });
  const { port } = few.server.address() as AddressInfo;
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const third = connect(port, '127.0.0.1');
  third.on('error', () => undefined);
  await once(third, 'close');
  const [first] = sockets;
  first?.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = await once(first as Socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  for (const socket of sockets) socket.destroy();
  await few.close();
});

test('a body that is not here when the time of its handler ends is its client’s delay, and its connection’s end', async () => {
  const { socket, heard, closed } = open();
  socket.write(`POST /hasty HTTP/1.1\r\nHost: x\r\n${json}\r\nContent-Length: 100\r\n\r\n{"a":`);
  await closed;
  expect(heard()).toMatch(/^HTTP\/1\.1 408 .*"statusCode":408/s);
  expect(heard().match(/HTTP\/1\.1 /g)).toHaveLength(1);
});

test('a length that is longer than the body waits for it and is cut off', async () => {
  const before = handled;
  const { socket, closed } = open();
  socket.end(post(`${json}\r\nContent-Length: 100`, '{"a":1}'));
  await closed;
  expect(handled).toBe(before);
});

test('a GET may carry a body where the app says so, under the same rules', async () => {
  const get = (body: string) =>
    say(`GET /search HTTP/1.1\r\nHost: x\r\n${json}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  expect(await get('{"a":1}')).toMatch(/^HTTP\/1\.1 200 .*\{"a":1\}$/s);
  expect(await get('{"a":null}')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await get('{"a":')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await say('GET /search HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 .*\{\}$/s);
  const chunked = `Transfer-Encoding: chunked\r\n\r\n7\r\n{"a":2}\r\n0\r\n\r\n`;
  expect(await say(`GET /search HTTP/1.1\r\nHost: x\r\n${json}\r\n${chunked}`)).toMatch(
    /^HTTP\/1\.1 200 .*\{"a":2\}$/s,
  );
  expect(await say(`HEAD /search HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 [^{]*$/s);
});

test.each([
  ['of another type', 'Content-Type: text/plain\r\nContent-Length: 3\r\n\r\na=1'],
  ['that is no JSON', `${json}\r\nContent-Length: 5\r\n\r\n{"a":`],
  ['in chunks', `${json}\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"a":2}\r\n0\r\n\r\n`],
])('a body %s is not read by a GET that has no use for one, and the next request is answered', async (_, rest) => {
  const { socket, heard } = open();
  socket.write(`GET /plain HTTP/1.1\r\nHost: x\r\n${rest}GET /search HTTP/1.1\r\nHost: x\r\n\r\n`);
  await until(() => heard().match(/HTTP\/1\.1 /g)?.length === 2);
  socket.destroy();
  expect(heard().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
  expect(heard()).toContain('{"body":null}');
});

test.each([
  ['', '127.0.0.1'],
  ['1', '10.0.0.3'],
  ['2', '10.0.0.2'],
  ['127.0.0.1,10.0.0.3', '10.0.0.2'],
  ['10.9.9.9', '127.0.0.1'],
])('with trusted proxies %j the caller is %s, whatever they claim', async (setting, expected) => {
  const proxied = await createApp({ ...runtime, config: { ...runtime.config, TRUSTED_PROXIES: setting } });
  proxied.get('/ip', async (request) => ({ ip: request.ip }));
  const headers = { 'x-forwarded-for': '6.6.6.6, 10.0.0.2, 10.0.0.3' };
  expect((await proxied.inject({ url: '/ip', headers })).json()).toEqual({ ip: expected });
  await proxied.close();
});
