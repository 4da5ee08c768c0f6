import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

test('whoever is not kept waiting, because too many wait already, does not ask at once again', async () => {
  const askedAt: number[] = [];
  const server = createServer((request, response) => {
    askedAt.push(performance.now());
    expect(request.url).toContain('wait=30');
    const data = { items: [], cursor: 'end', more: false };
    response.end(JSON.stringify({ data, success: true, errorCode: 0 }));
    if (askedAt.length === 2) server.emit('asked twice');
  });
  const askedTwice = once(server, 'asked twice');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const directory = await mkdtemp(join(tmpdir(), 'follow-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'follow.ts'), join(directory, 'products.json')], {
    env: {
      PATH: process.env.PATH,
      FORECOURT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      PARTNER_KEY: 'key',
    },
    stdio: 'inherit',
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    server.close();
    server.closeAllConnections();
    await rm(directory, { recursive: true, force: true });
  });
  await askedTwice;
  const [first = 0, second = 0] = askedAt;
  expect(second - first).toBeGreaterThan(1_000);
}, 30_000);
