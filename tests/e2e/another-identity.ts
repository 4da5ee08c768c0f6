import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '@forecourt/testing';
import { freePort } from './free-port.ts';
import { system } from './running-system.ts';
import { type HttpClient, httpClient } from './storefront-client.ts';

/** A second process of the system's identity, same keys and customers; the gateway knows nothing of it. */
export interface AnotherIdentity {
  readonly origin: string;
  readonly client: HttpClient;
  stop(): Promise<void>;
}

/** With the defaults, hashes that cost what they should among them, but for the settings. */
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
  const stop = () => end(child);
  try {
    await until(async () => (await client.get('/health/ready')).status === 200, { timeoutMs: 60_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, client, stop };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
