import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { until } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { aGateway, aRawService, aService, nobody, raw, rawRequest } from './system.ts';

/** The same above zero in two looks, the second of them well after the first. */
const standsStill = (count: () => number) => {
  let [last, looks] = [-1, 0];
  return until(() => {
    looks = count() === last ? looks + 1 : 0;
    last = count();
    return last > 0 && looks > 4;
  });
};

const json = { 'content-type': 'application/json' };

test('a request reaches the service of its row exactly as it was written, and the answer comes back as it was given', async () => {
  const catalog = await aService((_request, response) =>
    response.writeHead(418, { ...json, etag: '"7"', 'retry-after': '9', 'set-cookie': ['a=1', 'b=2'] }).end('{"a":1}'),
  );
  const { origin } = await aGateway({ services: { catalog: catalog.origin } });

  const answer = await fetch(`${origin}/products/bur%20801?tags[]=a&tags[]=b&q=%D0%B1%D0%BE%D1%80+x&x`);

  expect(catalog.seen).toMatchObject([
    { method: 'GET', url: '/products/bur%20801?tags[]=a&tags[]=b&q=%D0%B1%D0%BE%D1%80+x&x', body: '' },
  ]);
  expect(answer.status).toBe(418);
  expect(await answer.text()).toBe('{"a":1}');
  expect(Object.fromEntries(answer.headers)).toMatchObject({ etag: '"7"', 'retry-after': '9', ...json });
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  '%s carries its body, byte for byte, with one honest length',
  async (method) => {
    const orders = await aService();
    const { origin } = await aGateway({ services: { orders: orders.origin } });
    const body = '{ "name":  "Ім’я", "broken": ';

    await fetch(`${origin}/orders`, { method, headers: json, body });

    expect(orders.seen).toMatchObject([
      { method, body, headers: { 'content-length': String(Buffer.byteLength(body)), ...json } },
    ]);
    expect(orders.seen[0]?.headers['transfer-encoding']).toBeUndefined();
  },
);

test.each(['text/weird; x=', 'application/json\t', 'multipart/form-data; boundary=x', undefined])(
  'a body of type %j is passed on for the service to judge',
  async (type) => {
    const orders = await aService();
    const { port } = await aGateway({ services: { orders: orders.origin } });
    await raw(
      port,
      rawRequest('POST /orders', [...(type ? [`content-type: ${type}`] : []), 'content-length: 2'], '{}'),
    );
    expect(orders.seen).toMatchObject([{ body: '{}' }]);
  },
);

test('a GET carries a body too', async () => {
  const catalog = await aService();
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  const body = '{"client_id":"7febf16f"}';
  const answer = await raw(
    port,
    rawRequest('GET /products', ['content-type: application/json', `content-length: ${body.length}`], body),
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(catalog.seen).toMatchObject([{ method: 'GET', body, headers: json }]);
});

test('a chunked GET carries its body too', async () => {
  const catalog = await aService();
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  await raw(port, rawRequest('GET /products', ['transfer-encoding: chunked'], '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'));
  expect(catalog.seen).toMatchObject([{ body: 'abcde', headers: { 'content-length': '5' } }]);
});

test.each([
  ['HEAD', 200, { 'content-length': '1234' }],
  ['GET', 304, { etag: '"1"' }],
  ['DELETE', 204, { 'x-thing': '1' }],
] as const)('%s answered %i stays without a body', async (method, status, headers) => {
  const catalog = await aService((_request, response) => response.writeHead(status, headers).end());
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  const answer = await raw(port, rawRequest(`${method} /products`));
  const [head = '', body] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  for (const [name, value] of Object.entries(headers)) expect(head.toLowerCase()).toContain(`${name}: ${value}`);
  expect(body).toBe('');
});

test('an answer streams: its first part arrives while the service still works on the rest', async () => {
  const gate = Promise.withResolvers<void>();
  const catalog = await aRawService(async (_request, response) => {
    response.writeHead(200, json).write('first');
    await gate.promise;
    response.end('last');
  });
  const { origin } = await aGateway({ services: { catalog: catalog.origin } });
  const reader = (await fetch(`${origin}/products`)).body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first');
  gate.resolve();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('last');
});

test('an import streams: the service reads its beginning while the client still writes, and a slow service holds the client back', async () => {
  let received = 0;
  let sent = 0;
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const catalog = await aRawService(async (request, response) => {
    asked.resolve();
    await goOn.promise;
    for await (const chunk of request) received += (chunk as Buffer).length;
    response.writeHead(200, json).end('{}');
  });
  const { origin } = await aGateway({ services: { catalog: catalog.origin } });
  const total = 60 * 1024 * 1024;
  async function* rows() {
    for (; sent < total; sent += 64 * 1024) yield Buffer.alloc(64 * 1024, 'x');
  }
  const call = fetch(`${origin}/admin/products/import`, {
    method: 'POST',
    body: Readable.toWeb(Readable.from(rows())) as ReadableStream<Uint8Array>,
    duplex: 'half',
  } as RequestInit);
  await asked.promise;
  await standsStill(() => sent);
  expect(sent).toBeLessThan(total / 2);
  goOn.resolve();
  expect((await call).status).toBe(200);
  expect(received).toBe(total);
});

test('a slow reader holds back the service instead of filling our memory', async () => {
  let written = 0;
  const catalog = await aRawService((_request, response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(64 * 1024);
    const more = () => {
      while (!response.destroyed && written < 200e6) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
    };
    more();
  });
  const { port } = await aGateway({ services: { catalog: catalog.origin } });
  const call = requestHttp({ port, path: '/products' }).end();
  const [answer] = await once(call, 'response');
  answer.pause();
  await standsStill(() => written);
  expect(written).toBeLessThan(50e6);
  call.destroy();
});

/** Longer than a test may take, so that no time-out does what the client's leaving should. */
const patience = { RESPONSE_TIMEOUT_MS: '60000' };

test('a client that leaves while waiting ends the work of the service', async () => {
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const orders = await aRawService((request, response) => {
    request.resume();
    response.once('close', () => ended.resolve());
    asked.resolve();
  });
  const { origin } = await aGateway({ services: { orders: orders.origin }, env: patience });
  const leave = new AbortController();
  const call = fetch(`${origin}/orders`, { method: 'POST', body: '{}', signal: leave.signal }).catch(() => 'left');
  await asked.promise;
  leave.abort();
  expect(await call).toBe('left');
  await ended.promise;
});

test('a client that leaves in the middle of an answer ends it at the service', async () => {
  const ended = Promise.withResolvers<void>();
  const catalog = await aRawService((_request, response) => {
    response.writeHead(200).write('x');
    response.once('close', () => ended.resolve());
  });
  const { origin } = await aGateway({ services: { catalog: catalog.origin }, env: patience });
  const leave = new AbortController();
  const answer = await fetch(`${origin}/products`, { signal: leave.signal });
  leave.abort();
  await expect(answer.text()).rejects.toThrow();
  await ended.promise;
});

test('a client that leaves in the middle of its body never troubles the service', async () => {
  const orders = await aService();
  const { app, port, logged } = await aGateway({ services: { orders: orders.origin } });
  const arrived = once(app.server, 'request');
  const call = requestHttp({ port, path: '/orders', method: 'POST', headers: { 'content-length': 100 } });
  call.on('error', () => undefined).write('half');
  await arrived;
  call.destroy();
  await until(() => logged.some(({ msg }) => msg === 'client left'));
  expect(orders.seen).toEqual([]);
});

test('a service that breaks off in the middle of an answer leaves the client with a broken answer, not a short one', async () => {
  const catalog = await aRawService((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('x');
    setImmediate(() => response.destroy());
  });
  const { origin } = await aGateway({ services: { catalog: catalog.origin } });
  await expect(fetch(`${origin}/products`).then((answer) => answer.text())).rejects.toThrow();
});

test('a service that is away is a 503 in the manners of the API that was called, in the language asked for', async () => {
  const away = await nobody();
  const { origin } = await aGateway({ services: { catalog: away } });
  const shop = await fetch(`${origin}/products`);
  expect(shop.status).toBe(503);
  expect(shop.headers.get('retry-after')).toBe('1');
  expect(await shop.json()).toEqual({
    statusCode: 503,
    message: 'Сервіс тимчасово недоступний, спробуйте пізніше',
    error: 'Service Unavailable',
  });
  const georgian = await fetch(`${origin}/products`, { headers: { 'accept-language': 'ka' } });
  expect(await georgian.json()).toMatchObject({ message: 'სერვისი დროებით მიუწვდომელია, სცადეთ მოგვიანებით' });
  const staff = await fetch(`${origin}/admin/products`);
  expect(staff.headers.get('content-type')).toContain('application/problem+json');
  expect(await staff.json()).toMatchObject({ status: 503, code: 'service_unavailable' });
});

test('a service that does not answer in time is a 504', async () => {
  const catalog = await aRawService(() => undefined);
  const { origin } = await aGateway({ services: { catalog: catalog.origin }, env: { RESPONSE_TIMEOUT_MS: '100' } });
  const answer = await fetch(`${origin}/products`);
  expect(answer.status).toBe(504);
  expect(await answer.json()).toMatchObject({ statusCode: 504, error: 'Gateway Timeout' });
});

test('who waits for a device is waited for, longer than others are', async () => {
  const others = Promise.withResolvers<void>();
  const charging = await aService((request, response) => {
    if (request.method === 'POST') void others.promise.then(() => response.end('accepted'));
  });
  const { origin } = await aGateway({ services: { charging: charging.origin }, env: { RESPONSE_TIMEOUT_MS: '100' } });
  const patient = fetch(`${origin}/admin/stations/65f1a2b3c4d5e6f7a8b9c001/commands`, { method: 'POST' });
  expect((await fetch(`${origin}/admin/stations`)).status).toBe(504);
  others.resolve();
  expect(await (await patient).text()).toBe('accepted');
});

test.each([
  ['no HTTP', 502, 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['two lengths', 502, 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx'],
  ['a length and chunks', 502, 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a status that does not exist', 502, 'HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n'],
  // It went while it worked, so nobody knows what it has done: the same as no answer in time.
  ['nothing', 504, ''],
  ['half a head', 504, 'HTTP/1.1 200 OK\r\ncontent-'],
])('a service that answers %s is a %i', async (_what, status, bytes) => {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(bytes, 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const { origin } = await aGateway({ services: { catalog: `http://127.0.0.1:${port}` } });
  const answer = await fetch(`${origin}/products`);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ statusCode: status });
});

test('header values outside Latin-1 come through as the bytes that they were', async () => {
  const catalog = await aService((_request, response) => {
    response.writeHead(200, { 'x-title': Buffer.from('Бор', 'utf8').toString('latin1') }).end();
  });
  const { origin } = await aGateway({ services: { catalog: catalog.origin } });
  const answer = await fetch(`${origin}/products`);
  expect(Buffer.from(answer.headers.get('x-title') ?? '', 'latin1').toString('utf8')).toBe('Бор');
});

test('a body that is too large is a 413, whether its length is said or found out', async () => {
  const identity = await aService();
  const { origin, port } = await aGateway({ services: { identity: identity.origin } });
  const said = await fetch(`${origin}/auth/login`, { method: 'POST', body: 'x'.repeat(65_537) });
  expect(said.status).toBe(413);
  expect(await said.json()).toMatchObject({ statusCode: 413, error: 'Payload Too Large' });
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  const found = await raw(port, rawRequest('POST /auth/login', ['transfer-encoding: chunked'], chunk.repeat(4)));
  expect(found).toMatch(/^HTTP\/1\.1 413 /);
  expect(identity.seen).toEqual([]);
});

test('an order of two hundred lines with long titles reaches its service', async () => {
  const orders = await aService();
  const { origin } = await aGateway({ services: { orders: orders.origin } });
  const items = Array.from({ length: 200 }, () => ({ productId: 'f'.repeat(24), title: 'Назва'.repeat(100) }));
  const answer = await fetch(`${origin}/orders`, { method: 'POST', body: JSON.stringify({ items }) });
  expect(answer.status).toBe(200);
  const tooMuch = await fetch(`${origin}/orders`, { method: 'POST', body: 'x'.repeat(512 * 1024 + 1) });
  expect(tooMuch.status).toBe(413);
  expect(orders.seen).toHaveLength(1);
});

test('a streamed upload is cut off where it grows too large', async () => {
  const catalog = await aService();
  const { origin } = await aGateway({ services: { catalog: catalog.origin }, env: { LARGE_BODY_BYTES: '100000' } });
  const rows = Readable.toWeb(
    Readable.from([Buffer.alloc(60_000), Buffer.alloc(60_000)]),
  ) as ReadableStream<Uint8Array>;
  const answer = await fetch(`${origin}/admin/products/import`, {
    method: 'POST',
    body: rows,
    duplex: 'half',
  } as RequestInit);
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ code: 'payload_too_large' });
  expect(catalog.seen).toEqual([]);
});

test('a body that comes too slowly is a 408 and never reaches the service', async () => {
  const orders = await aService();
  const { port } = await aGateway({ services: { orders: orders.origin }, env: { BODY_TIMEOUT_MS: '60' } });
  const answer = await raw(port, rawRequest('POST /orders', ['content-length: 100'], 'slow'));
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(orders.seen).toEqual([]);
});

test('processes of one service are asked in turn', async () => {
  const [one, two] = [await aService(), await aService()];
  const { origin } = await aGateway({ services: { catalog: [one.origin, two.origin] } });
  for (let call = 0; call < 6; call++) await (await fetch(`${origin}/products`)).text();
  expect([one.seen.length, two.seen.length]).toEqual([3, 3]);
});

test('while one process is away every request is answered by the other, POSTs too', async () => {
  const [dead, alive] = [await nobody(), await aService()];
  const { origin } = await aGateway({ services: { orders: [dead, alive.origin] } });
  for (let call = 0; call < 6; call++) {
    const answer = await fetch(`${origin}/orders`, { method: 'POST', body: String(call) });
    expect(answer.status).toBe(200);
  }
  expect(alive.seen.map(({ body }) => body)).toEqual(['0', '1', '2', '3', '4', '5']);
});

test('a lost answer is asked for again when that does no harm, and not otherwise', async () => {
  let asked = 0;
  const flaky = await aRawService((request, response) => {
    request.resume();
    if (asked++ % 2 === 0) request.socket.destroy();
    else response.writeHead(200).end('here');
  });
  const { origin } = await aGateway({ services: { orders: flaky.origin } });
  const read = await fetch(`${origin}/me/orders`);
  expect([read.status, await read.text(), asked]).toEqual([200, 'here', 2]);
  const write = await fetch(`${origin}/orders`, { method: 'POST', body: '{}' });
  expect([write.status, asked]).toEqual([504, 3]);
});

test('a service that comes back is used again at once', async () => {
  const first = await aService();
  const { origin } = await aGateway({ services: { catalog: first.origin } });
  await first.close();
  expect((await fetch(`${origin}/products`)).status).toBe(503);
  await aService(undefined, { port: Number(new URL(first.origin).port) });
  expect((await fetch(`${origin}/products`)).status).toBe(200);
});
