import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Obstacle } from '../obstacle.ts';
import type { Program } from '../program.ts';
import type { Supervisor } from '../supervisor.ts';
import { findNatsServer } from './nats-binary.ts';
import { demandVersion, oldestNats } from './nats-version.ts';

export interface NatsOptions {
  /** Streams go into `nats/` here, the log into `logs/`. */
  directory: string;
  port: number;
  /** Who may do what: the part of the configuration that `plainAccess` or the broker renders. */
  access: string;
  /** For apps, which speak WebSocket. */
  webSocketPort?: number;
  /** Data that need not outlive a power failure: tests. */
  throwaway: boolean;
  supervisor: Supervisor;
  say(step: string, text: string): void;
}

/** Ready for connections when it returns. */
export async function startNats(options: NatsOptions): Promise<Program> {
  const { directory, port, supervisor, say } = options;
  const { path } = await findNatsServer(say);
  const store = join(directory, 'nats');
  await mkdir(store, { recursive: true, mode: 0o700 });
  const settings = join(directory, 'nats.conf');
  await writeFile(settings, render(options, store), { mode: 0o600 });

  const log = join(directory, 'logs/nats.log');
  const program = supervisor.run({
    name: 'nats',
    command: path,
    parameters: ['--config', settings],
    cwd: directory,
    env: { PATH: process.env.PATH, TZ: 'UTC' },
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    logFile: log,
    worthShowing: (line) => (/\[(FTL|ERR)\]/.test(line) ? line : undefined),
  });
  const url = natsUrl(port);
  for (const began = performance.now(); !(await askServer(url).catch(() => undefined)); await sleep(25)) {
    if (program.state !== 'given up' && performance.now() - began < 30_000) continue;
    throw new Obstacle(`nats-server does not start; ${log} says why.`);
  }
  return program;
}

/** A server on this machine, as this user. */
export const natsUrl = (port: number, user?: string, password = ''): string =>
  `nats://${user === undefined ? '' : `${user}:${encodeURIComponent(password)}@`}127.0.0.1:${port}`;

/** One user, who may do everything. */
export const plainAccess = (user: string, password: string): string =>
  `authorization { user: ${user}, password: ${JSON.stringify(password)} }\n`;

/**
 * A power failure may cost the stream its last seconds; the outbox has them still, so that no write waits for the disk. Streams
 * reserve their greatest size; the server would compare the sum with the room on the disk, though here they stay small.
 */
const render = ({ port, access, webSocketPort, throwaway }: NatsOptions, store: string) => `server_name: forecourt
host: 127.0.0.1
port: ${port}
max_payload: 1MB
jetstream {
  store_dir: ${JSON.stringify(store)}
  max_memory_store: 64MB
  max_file_store: 1TB
  sync_interval: "${throwaway ? '2m' : '10s'}"
}
${webSocketPort === undefined ? '' : `websocket { host: 127.0.0.1, port: ${webSocketPort}, no_tls: true, compression: true }\n`}${access}`;

/** NATS takes several addresses with commas between, each with or without its scheme. */
export function firstOf(urls: string): URL {
  const [first = ''] = urls.split(',');
  try {
    return new URL(first.includes('://') ? first : `nats://${first}`);
  } catch {
    throw new Obstacle(`NATS_URL=${first} is no address; nats://host:4222 would be one.`);
  }
}

export interface ServerInfo {
  readonly version: string;
  readonly jetstream: boolean;
}

/** A server's first line says what it is, before it asks who we are. */
function askServer(url: string): Promise<ServerInfo> {
  const { hostname, port } = firstOf(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 4222), timeout: 5000 });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [, json] = /^INFO (\{.*\})\s*\r?\n/.exec(text) ?? [];
      if (json === undefined) return;
      socket.destroy();
      const { version, jetstream = false } = JSON.parse(json) as ServerInfo;
      resolve({ version, jetstream });
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer within 5 s')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('it closed the connection')));
  });
}

/** A server of somebody else's, named by NATS_URL. */
export async function demandUsableServer(url: string): Promise<void> {
  const { host } = firstOf(url);
  const info = await askServer(url).catch((error: Error) => {
    throw new Obstacle(`NATS_URL: no NATS answers at ${host} (${error.message}).`);
  });
  demandVersion(info.version, `the server at ${host} (NATS_URL)`);
  if (!info.jetstream)
    throw new Obstacle(
      `NATS_URL: the server at ${host} runs without JetStream; start it with "-js". ${oldestNats} or newer is needed.`,
    );
}
