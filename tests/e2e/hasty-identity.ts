import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { until } from '@forecourt/testing';
import { type Person, signIn } from './people.ts';
import { system } from './running-system.ts';
import { gateway, httpClient } from './storefront-client.ts';

/** A second process of the system's identity, same keys and customers, whose access tokens live for one second. */
export interface HastyIdentity {
  /** A token of this customer that was good and has expired, as the gateway's own answer shows. */
  expiredTokenOf(person: Person): Promise<string>;
  stop(): Promise<void>;
}

export async function startHastyIdentity(): Promise<HastyIdentity> {
  const port = await freePort();
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: join(import.meta.dirname, '../../apps/identity'),
    env: {
      PATH: process.env.PATH,
      ...system.identityEnvironment,
      PORT: String(port),
      ACCESS_TOKEN_SECONDS: '1',
      LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const client = httpClient(`http://127.0.0.1:${port}`);
  await until(async () => (await client.get('/health/ready')).status === 200, { timeoutMs: 60_000 });
  return {
    expiredTokenOf: async ({ registration: { email, password, clientId } }) => {
      const { body } = await signIn(email, password, clientId, client);
      const bearer = body.tokens.accessToken;
      await until(async () => (await gateway.get('/me', { bearer })).status === 401);
      return bearer;
    },
    stop: () => end(child),
  };
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
