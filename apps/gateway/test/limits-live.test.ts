import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { until } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { aGateway, aService } from './system.ts';

const isThere = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Not part of what a test run brings: where the machine has one, the adapter is tried against the real thing. */
const program = ['valkey-server', 'redis-server'].find(isThere);

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, 'close');
  return port;
}

async function aStore(port: number) {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(program ?? '', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await until(() => /Ready to accept connections/.test(said));
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}

test.runIf(program)('two gateways share a limit in a real store; while it is away nobody is limited', async () => {
  const port = await freePort();
  const kill = await aStore(port);
  const orders = await aService();
  const env = { REDIS_URL: `redis://127.0.0.1:${port}`, LIMIT_ORDERS: '4' };
  const gateways = [
    await aGateway({ services: { orders: orders.origin }, env }),
    await aGateway({ services: { orders: orders.origin }, env }),
  ];
  const call = async (which: number) => {
    const { origin = '' } = gateways[which] ?? {};
    const { status, headers } = await fetch(`${origin}/orders`, { method: 'POST' });
    return { status, remaining: headers.get('ratelimit-remaining') };
  };
  // until its connection stands, a gateway counts nothing
  await until(async () => (await call(0)).remaining === '3');
  await until(async () => (await call(1)).remaining !== null);
  await until(async () => (await call(0)).status === 429);
  expect((await call(1)).status).toBe(429);

  await kill();
  await until(async () => (await call(0)).status === 200);
  expect([(await call(0)).status, (await call(1)).status]).toEqual([200, 200]);
  expect(gateways[0]?.logged).toContainEqual(expect.objectContaining({ msg: 'the shared rate limits are away' }));

  await aStore(port);
  await until(async () => (await call(0)).status === 429);
  await until(async () => (await call(1)).status === 429);
});
