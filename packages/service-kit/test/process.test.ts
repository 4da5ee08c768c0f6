import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { sessionRevoked } from '@forecourt/contracts';
import { streamOfEvent, subjectOf } from '@forecourt/messaging';
import { createTestDatabase, createTestNats, type TestDatabase, type TestNats, until } from '@forecourt/testing';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';

let database: TestDatabase;
let nats: TestNats;
const started: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase('orders');
  nats = await createTestNats();
  await nats.manager.streams.add({
    name: streamOfEvent(nats.streamPrefix, sessionRevoked),
    subjects: [subjectOf(nats.streamPrefix, sessionRevoked)],
    allow_direct: true,
  });
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  await nats.close();
  await database.close();
});

function start(environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [`${import.meta.dirname}/process.ts`], {
    env: {
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      STREAM_PREFIX: nats.streamPrefix,
      ...environment,
    },
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const origin = () =>
    until(() => /"address":"(http:[^"]+)"/.exec(output)?.[1], { timeoutMs: 15_000, message: 'not listening' });
  return { child, exited, origin, output: () => output };
}

const ready = (origin: string) => until(async () => (await fetch(`${origin}/health/ready`)).ok);

test('a service is ready once its database, NATS, migrations and revocations are, and says so', async () => {
  const origin = await start().origin();
  await ready(origin);
  expect(await (await fetch(`${origin}/health/ready`)).json()).toEqual({
    ready: true,
    checks: { database: 'ok', migrations: 'ok', nats: 'ok', revocations: 'ok' },
  });
});

test('without its database a process lives, and says what it lacks', async () => {
  const origin = await start({ DATABASE_URL: 'postgres://orders:x@127.0.0.1:1/nowhere' }).origin();
  expect((await fetch(`${origin}/health/live`)).status).toBe(200);
  const report = await fetch(`${origin}/health/ready`);
  expect(report.status).toBe(503);
  expect(await report.json()).toMatchObject({
    checks: { database: expect.stringContaining('ECONNREFUSED'), nats: 'ok' },
  });
});

test.each([
  ['is away', { DATABASE_URL: 'postgres://orders:x@127.0.0.1:1/nowhere' }, 'is not to be had: connect ECONNREFUSED'],
  ['is not prepared', { FIRST_QUESTION: 'SELECT FROM nowhere' }, 'says: relation \\"nowhere\\" does not exist'],
])('a start that asks a database that %s ends with one line and code 1', async (_, environment, words) => {
  const service = start({ FIRST_QUESTION: 'SELECT 1', ...environment });
  expect(await service.exited).toBe(1);
  expect(service.output().trimEnd().split('\n')).toEqual([
    expect.stringContaining(`"msg":"orders cannot start: its database ${words}`),
  ]);
});

test('a signal lets the request in hand finish, then the process leaves with code 0', async () => {
  const service = start();
  const origin = await service.origin();
  const answer = fetch(`${origin}/slow`);
  await until(() => service.output().includes('slow request began'));
  service.child.kill('SIGTERM');
  expect(await (await answer).json()).toEqual({ finished: true });
  expect(await service.exited).toBe(0);
  expect(service.output()).toContain('"msg":"closed"');
});

test('clients that never send the rest of a request keep no process from ending', async () => {
  const service = start();
  const origin = await service.origin();
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const head = 'POST /tell HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';
  await new Promise((resolve) => socket.write(head, resolve));
  const drip = setInterval(() => socket.writable && socket.write(' '), 100);
  onTestFinished(() => clearInterval(drip));
  await until(async () => (await fetch(`${origin}/health/live`)).ok);
  service.child.kill('SIGTERM');
  expect(await service.exited).toBe(0);
  expect(service.output()).toContain('"msg":"closed"');
});

test('while it drains, readiness is 503 and requests are still answered', async () => {
  const service = start({ DRAIN_SECONDS: '2' });
  const origin = await service.origin();
  await ready(origin);
  service.child.kill('SIGTERM');
  const report = await until(async () => {
    const reply = await fetch(`${origin}/health/ready`);
    return reply.status === 503 && reply.json();
  });
  expect(report).toMatchObject({ checks: { process: 'closing' } });
  expect((await fetch(`${origin}/slow`)).status).toBe(200);
  expect(await service.exited).toBe(0);
});

test('what a request committed is published and consumed', async () => {
  const service = start();
  const origin = await service.origin();
  await until(() => service.output().includes('relay is active'));
  await fetch(`${origin}/tell`, { method: 'POST' });
  await until(() => service.output().includes('"quantity":3,"msg":"heard"'));
  service.child.kill('SIGTERM');
  expect(await service.exited).toBe(0);
});

test('a request that may have changed something wakes the relay of another replica, and nothing else does', async () => {
  const replicas = [start(), start()];
  await Promise.all(replicas.map(({ origin }) => origin()));
  const isActive = ({ output }: (typeof replicas)[number]) => output().includes('relay is active');
  await until(() => replicas.some(isActive));
  const standby = replicas.find((replica) => !isActive(replica)) ?? expect.fail('both replicas publish');
  let wakes = 0;
  nats.connection.subscribe(`${nats.streamPrefix}.outbox.wake.orders`, {
    callback: () => {
      wakes += 1;
    },
  });
  await nats.connection.flush();
  const origin = await standby.origin();
  await fetch(`${origin}/health/live`);
  await nats.connection.flush();
  expect(wakes).toBe(0);
  await fetch(`${origin}/nothing`, { method: 'POST' });
  await until(() => wakes === 1);
});

test('a second signal ends the process at once', async () => {
  const service = start();
  const stuck = fetch(`${await service.origin()}/stuck`).catch(() => 'cut off');
  await until(async () => (await fetch(`${await service.origin()}/health/live`)).ok);
  service.child.kill('SIGINT');
  await until(() => service.output().includes('"msg":"closing"'));
  service.child.kill('SIGINT');
  expect(await service.exited).toBe(1);
  expect(await stuck).toBe('cut off');
});

test('a bug that nobody caught is logged and ends the process with code 1', async () => {
  const service = start();
  await fetch(`${await service.origin()}/bug`, { method: 'POST' });
  expect(await service.exited).toBe(1);
  expect(service.output()).toMatch(/"level":"fatal".*nobody caught this/);
});

test('a taken port is one clear line', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const service = start({ PORT: String(port) });
  expect(await service.exited).toBe(1);
  expect(service.output()).toMatch(new RegExp(`"level":"fatal".*"msg":"127.0.0.1:${port} is taken"`));
  holder.close();
});

test('a bad setting stops the start before anything is touched', async () => {
  const service = start({ DATABASE_URL: 'mysql://u:canary@x/y', LOG_LEVEL: 'loud' });
  expect(await service.exited).toBe(1);
  expect(service.output()).toMatch(/DATABASE_URL[\s\S]*LOG_LEVEL|LOG_LEVEL[\s\S]*DATABASE_URL/);
  expect(service.output()).not.toContain('canary');
});
