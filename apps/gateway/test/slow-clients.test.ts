import { connect, type Socket } from 'node:net';
import { until } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { aGateway, aService } from './system.ts';

const large = 'x'.repeat(400_000);

/** Of orders the answers are large, of everybody else small. */
async function aShop() {
  const orders = await aService((_request, response) => response.end(large));
  const identity = await aService();
  const gateway = await aGateway({
    services: { orders: orders.origin, identity: identity.origin },
    env: { BODY_TIMEOUT_MS: '1000', RESPONSE_TIMEOUT_MS: '500' },
  });
  const served = async (path: string) => {
    const answer = await fetch(gateway.origin + path);
    return [answer.status, (await answer.text()).length > 0];
  };
  return { ...gateway, orders, identity, served };
}

/** A client that says `first`, then one more letter of `drip` every now and then, and reads only if told. */
async function aSlowClient(
  port: number,
  { first, drip = '', reads = true }: { first: string; drip?: string; reads?: boolean },
) {
  const socket: Socket = connect(port, '127.0.0.1');
  const client = { closed: false, heard: '' };
  socket.on('error', () => undefined).on('close', () => (client.closed = true));
  if (reads) socket.setEncoding('latin1').on('data', (text: string) => (client.heard += text));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(first);
  const letters = drip[Symbol.iterator]();
  const timer = setInterval(() => socket.writable && socket.write(letters.next().value ?? ''), 500);
  onTestFinished(() => {
    clearInterval(timer);
    socket.destroy();
  });
  return client;
}

const request = (line: string, headers = '') => `${line} HTTP/1.1\r\nhost: shop.example\r\n${headers}\r\n`;

test('whoever asks for much and takes nothing of it keeps no connection to a service from others', async () => {
  const { port, served, orders } = await aShop();
  const ask = request('GET /orders/history');
  await aSlowClient(port, { first: ask.repeat(100), reads: false });
  for (let n = 0; n < 100; n += 1) await aSlowClient(port, { first: ask, reads: false });
  await until(() => orders.seen.length >= 150);
  for (let n = 0; n < 5; n += 1) expect(await served('/orders/history')).toEqual([200, true]);
});

test('whoever follows the products and takes nothing of what is told is let go, and their connection to the service with them', async () => {
  let written = 0;
  let isClosed = false;
  const catalog = await aService((_request, response) => {
    response.on('close', () => (isClosed = true));
    const tell = () => {
      while (!response.destroyed && response.write(large)) written += 1;
    };
    response.on('drain', tell);
    tell();
  });
  const { port } = await aGateway({
    services: { catalog: catalog.origin },
    env: { RESPONSE_TIMEOUT_MS: '200', LARGE_RESPONSE_TIMEOUT_MS: '500' },
  });
  await aSlowClient(port, { first: request('GET /products/sync'), reads: false });
  await until(() => isClosed);
  // What lies between the two is what sockets hold.
  expect(written * large.length).toBeLessThan(32 * 2 ** 20);
}, 20_000);

test('a thousand slow clients are closed one by one, and everybody else is served meanwhile', async () => {
  const { app, port, served, identity } = await aShop();
  const readers = 100;
  const kinds: Record<string, [count: number, manner: Parameters<typeof aSlowClient>[1]]> = {
    'says nothing': [300, { first: '' }],
    'never ends its head': [
      300,
      { first: 'GET /me HTTP/1.1\r\nhost: shop.example\r\nx-slow: ', drip: 'a'.repeat(500) },
    ],
    'never ends its body': [
      300,
      { first: request('POST /auth/login', 'content-length: 5000\r\n'), drip: '{'.repeat(500) },
    ],
    'never takes its answer': [readers, { first: request('GET /orders/history'), reads: false }],
  };
  const clients = await Promise.all(
    Object.entries(kinds).flatMap(([kind, [count, manner]]) =>
      Array.from({ length: count }, async () => ({ kind, client: await aSlowClient(port, manner) })),
    ),
  );
  const connections = () =>
    new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)));
  let others = 0;
  await until(
    async () => {
      expect(await served('/me')).toEqual([200, true]);
      others += 1;
      // An answer that the kernel has taken is out of our hands: its connection is as good as any that rests.
      return (await connections()) < readers + 20;
    },
    { timeoutMs: 50_000, message: 'some slow client is still there' },
  );
  expect(others).toBeGreaterThan(20);
  expect(identity.seen.filter(({ method }) => method === 'POST')).toEqual([]);
  for (const kind of ['never ends its head', 'never ends its body']) {
    const these = clients.filter((one) => one.kind === kind).map(({ client }) => client);
    await until(() => these.every(({ closed }) => closed));
    const heard = these.map((client) => client.heard.split('\r\n', 1)[0] ?? '');
    // Who goes on talking to a closed connection may lose the answer that lies there unread (RFC 9112, 9.6).
    expect(new Set(heard.filter(Boolean))).toEqual(new Set(['HTTP/1.1 408 Request Timeout']));
    expect(heard.filter(Boolean).length).toBeGreaterThan(these.length / 2);
  }
}, 60_000);
