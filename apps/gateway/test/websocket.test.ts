import { once } from 'node:events';
import { storefront } from '@forecourt/dialects';
import { until } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Row } from '../src/routes.ts';
import { aGateway, aService, nobody, raw } from './system.ts';

const rows: Row[] = [
  { path: '/ocpp/:stationId', service: 'catalog', dialect: storefront, websocket: true },
  { path: '/products', service: 'catalog', dialect: storefront },
];

async function aStationServer() {
  const service = await aService();
  const sockets = new WebSocketServer({ server: service.server, handleProtocols: () => 'ocpp1.6' });
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
  });
  const upgrades: Record<string, unknown>[] = [];
  sockets.on('connection', (socket, request) => {
    upgrades.push({ url: request.url, ...request.headers });
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    if (request.url?.endsWith('greet')) socket.send('hello');
  });
  return { service, sockets, upgrades };
}

const dial = (port: number, path: string, headers = {}) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ['ocpp1.6', 'ocpp2.0.1'], { headers });
  onTestFinished(() => socket.terminate());
  return socket;
};

test('frames travel both ways, text and bytes, small and large, under the agreed protocol', async () => {
  const { service } = await aStationServer();
  const { port } = await aGateway({ services: { catalog: service.origin }, rows });
  const socket = dial(port, '/ocpp/CP-1');
  await once(socket, 'open');
  expect(socket.protocol).toBe('ocpp1.6');
  for (const message of ['[2,"1","Heartbeat",{}]', 'x'.repeat(300_000)]) {
    socket.send(message);
    expect(String((await once(socket, 'message'))[0])).toBe(message);
  }
  socket.send(Buffer.from([0, 255]));
  expect((await once(socket, 'message'))[0]).toEqual(Buffer.from([0, 255]));
});

test('a frame sent together with the agreement is not lost', async () => {
  const { service } = await aStationServer();
  const { port } = await aGateway({ services: { catalog: service.origin }, rows });
  const socket = dial(port, '/ocpp/greet');
  expect(String((await once(socket, 'message'))[0])).toBe('hello');
});

test('the service sees who calls, and nothing that only we may say', async () => {
  const { service, upgrades } = await aStationServer();
  const { port } = await aGateway({ services: { catalog: service.origin }, rows });
  const socket = dial(port, '/ocpp/CP-1?a=b', {
    authorization: 'Basic eDp4',
    'x-user-id': '1',
    'x-forwarded-for': '6.6.6.6',
  });
  await once(socket, 'open');
  expect(upgrades).toMatchObject([
    { url: '/ocpp/CP-1?a=b', authorization: 'Basic eDp4', 'x-forwarded-for': '127.0.0.1' },
  ]);
  expect(upgrades[0]).not.toHaveProperty('x-user-id');
});

test.each(['client', 'service'] as const)('when the %s hangs up, the other end hears it', async (who) => {
  const { service, sockets } = await aStationServer();
  const { port } = await aGateway({ services: { catalog: service.origin }, rows });
  const socket = dial(port, '/ocpp/CP-1');
  await once(socket, 'open');
  const [far] = sockets.clients;
  if (who === 'client') socket.close(4001, 'bye');
  else far?.close(4001, 'bye');
  const [code] = await once(who === 'client' ? (far as WebSocket) : socket, 'close');
  expect(code).toBe(4001);
});

test('a cut line is cut on the other side too', async () => {
  const { service, sockets } = await aStationServer();
  const { port } = await aGateway({ services: { catalog: service.origin }, rows });
  const socket = dial(port, '/ocpp/CP-1');
  await once(socket, 'open');
  socket.terminate();
  await until(() => sockets.clients.size === 0);
});

test('a refusal of the service reaches the caller as it is', async () => {
  const service = await aService();
  service.server.on('upgrade', (_request, socket) =>
    socket.end(
      'HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 9\r\nconnection: close\r\n\r\n{"no":1}\n',
    ),
  );
  const { port } = await aGateway({ services: { catalog: service.origin }, rows });
  const [, answer] = await once(
    dial(port, '/ocpp/CP-1').on('error', () => undefined),
    'unexpected-response',
  );
  expect(answer.statusCode).toBe(401);
  expect(String(await answer.toArray())).toBe('{"no":1}\n');
});

test('a service that is away is a 503 in the manners of the row', async () => {
  const { port } = await aGateway({ services: { catalog: await nobody() }, rows });
  const [, answer] = await once(
    dial(port, '/ocpp/CP-1').on('error', () => undefined),
    'unexpected-response',
  );
  expect(answer.statusCode).toBe(503);
  expect(JSON.parse(String(await answer.toArray()))).toMatchObject({ statusCode: 503 });
});

test('limits count upgrades too', async () => {
  const { service } = await aStationServer();
  const { port } = await aGateway({ services: { catalog: service.origin }, rows, env: { LIMIT_ORDINARY: '1' } });
  await once(dial(port, '/ocpp/CP-1'), 'open');
  const [, answer] = await once(
    dial(port, '/ocpp/CP-2').on('error', () => undefined),
    'unexpected-response',
  );
  expect(answer.statusCode).toBe(429);
});

test.each(['websocket', 'h2c'])('an upgrade to %s where none is taken is an ordinary request', async (protocol) => {
  const { service } = await aStationServer();
  const { port } = await aGateway({ services: { catalog: service.origin }, rows });
  const answer = await raw(
    port,
    `GET /products HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n\r\n`.replace(
      'Upgrade\r\n',
      'Upgrade, close\r\n',
    ),
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(service.seen[0]?.headers).not.toHaveProperty('upgrade');
});

test('a gateway that closes hangs up its sockets instead of waiting for them', async () => {
  const { service } = await aStationServer();
  const { app, port } = await aGateway({ services: { catalog: service.origin }, rows });
  const socket = dial(port, '/ocpp/CP-1');
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await app.close();
  await closed;
});
