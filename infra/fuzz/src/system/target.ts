import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type SystemOptions, startSystem } from '@forecourt/local';
import type { Process } from './processes.ts';

/** What is fuzzed. */
export interface Target {
  readonly gateway: string;
  /** Behind the gateway, by name. */
  readonly services: ReadonlyMap<string, string>;
  readonly operator: { readonly email: string; readonly password: string };
  readonly databaseUrl: string;
  processes(): readonly Process[];
  ready(): Promise<void>;
  stop(): Promise<void>;
}

const parent = resolve(import.meta.dirname, '../../../../.local/fuzz');

/** A system of its own, with demo data, thrown away in the end; on the Postgres that is named, or on its own. */
export async function startTarget(options: Partial<SystemOptions> = {}): Promise<Target> {
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, 'system-'));
  const { TEST_POSTGRES_URL: postgresUrl } = process.env;
  const system = await startSystem({
    directory,
    ports: 'free',
    throwaway: true,
    guest: postgresUrl !== undefined,
    postgresUrl,
    ...options,
    env: { NODE_ENV: 'development', LOG_LEVEL: 'warn', PASSWORD_HASH_CHEAP: 'true', ...options.env },
  });
  return {
    gateway: system.gateway,
    services: new Map(
      system.instances.filter(({ service }) => service !== 'gateway').map(({ name, url }) => [name, url]),
    ),
    operator: system.operator,
    databaseUrl: system.adminUrl,
    processes: () => system.programs.map(({ name, pid }) => ({ name, pid })),
    ready: () => system.ready(10_000),
    stop: async () => {
      await system.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
