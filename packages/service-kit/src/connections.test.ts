import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createTestRuntime, type TestRuntime, until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createApp } from './app.ts';
import { closeConnectionsInTime } from './connections.ts';

let runtime: TestRuntime;
beforeAll(async () => {
  runtime = await createTestRuntime('orders');
});
afterAll(() => runtime.close());

const never = 600_000;

/** `/answer` when told; `/huge` more than a kernel takes for a client that reads nothing. */
async function aServer(patience: Parameters<typeof closeConnectionsInTime>[1]) {
  const app = await createApp(runtime);
  const told = Promise.withResolvers<void>();
  let asked = 0;
  app.addHook('preHandler', async () => {
    asked += 1;
  });
  app.get('/answer', () => told.promise.then(() => ({ answered: true })));
  app.get('/huge', async () => 'x'.repeat(50_000_000));
  app.post('/body', async () => ({}));
  closeConnectionsInTime(app, patience);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { app, origin: `http://127.0.0.1:${port}`, port, answer: told.resolve, asked: () => asked };
}

/** Says `first`, and then a letter now and then for as long as it may. */
async function aSlowClient(port: number, first: string, { drips = true } = {}) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(first);
  const timer = drips ? setInterval(() => socket.writable && socket.write('a'), 50) : undefined;
  onTestFinished(() => {
    clearInterval(timer);
    socket.destroy();
  });
}

const body = 'POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n';
const live = 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n';

test('whoever never sends the rest of a request is hung up on, and what is in hand is answered', async () => {
  const { app, origin, port, answer, asked } = await aServer({ requestsMs: 100, answersMs: never });
  await aSlowClient(port, '', { drips: false });
  await aSlowClient(port, 'GET /answer HTTP/1.1\r\nhost: x\r\nx-slow: ');
  await aSlowClient(port, body);
  await aSlowClient(port, `${live}GET /answer HTTP/1.1\r\nx-slow: `);
  const inHand = fetch(`${origin}/answer`);
  await until(() => asked() === 2);
  const connections = () => new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
  expect(await connections()).toBe(5);
  const closed = app.close();
  await until(async () => (await connections()) === 1);
  answer();
  expect(await (await inHand).json()).toEqual({ answered: true });
  await closed;
});

test('an answer that nobody takes, or that never comes, is given up', async () => {
  const { app, port, asked } = await aServer({ requestsMs: 100, answersMs: 300 });
  for (const path of ['/answer', '/huge']) {
    await aSlowClient(port, `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`, { drips: false });
  }
  await until(() => asked() === 2);
  await app.close();
});
