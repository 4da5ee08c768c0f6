import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { aService } from './system.ts';

/** The gateway as it is started for real. */
async function aProcess(env: Record<string, string>) {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: { NODE_ENV: 'test', PORT: '0', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const origin = await until(() => /"address":"(http:[^"]+)"/.exec(output)?.[1]);
  return { child, exited, origin, output: () => output };
}

/** Says `first`, then one more letter every now and then, for ever. */
async function aSlowClient(origin: string, first: string) {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(first);
  const timer = setInterval(() => first !== '' && socket.writable && socket.write(' '), 100);
  onTestFinished(() => {
    clearInterval(timer);
    socket.destroy();
  });
}

test('slow clients do not keep the gateway from ending, and what is in hand is answered', async () => {
  const answer = Promise.withResolvers<void>();
  const orders = await aService(async (_request, response) => {
    await answer.promise;
    response.end('answered');
  });
  const { child, exited, origin, output } = await aProcess({ ORDERS_URL: orders.origin });
  const head = 'POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n';
  for (let n = 0; n < 20; n += 1) {
    for (const first of ['', `${head}x-slow: `, `${head}\r\n{`]) await aSlowClient(origin, first);
  }
  const inHand = fetch(`${origin}/orders/history`);
  await until(() => orders.seen.length === 1);
  child.kill('SIGTERM');
  await until(() => output().includes('"msg":"closing"'));
  answer.resolve();
  expect(await (await inHand).text()).toBe('answered');
  expect(await exited).toBe(0);
  expect(output()).toContain('"msg":"closed"');
});
