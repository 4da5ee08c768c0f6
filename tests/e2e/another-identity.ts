import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { until } from '@forecourt/testing';
import { system } from './running-system.ts';
import { type HttpClient, httpClient } from './storefront-client.ts';

/** A second process of the system's identity, same keys and customers; the gateway knows nothing of it. */
export interface AnotherIdentity {
  readonly origin: string;
  readonly client: HttpClient;
  stop(): Promise<void>;
}

/** `settings`: in which it differs from a process of production. */
export async function startAnotherIdentity(settings: Readonly<Record<string, string>> = {}): Promise<AnotherIdentity> {
  const port = await freePort();
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: join(import.meta.dirname, '../../apps/identity'),
    env: {
      PATH: process.env.PATH,
      ...system.identityEnvironment,
      PORT: String(port),
      LOG_LEVEL: 'silent',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const origin = `http://127.0.0.1:${port}`;
  const client = httpClient(origin);
  await until(async () => (await client.get('/health/ready')).status === 200, { timeoutMs: 60_000 });
  return { origin, client, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
