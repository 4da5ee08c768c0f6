import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerUsers } from '@forecourt/broker';
import { type System, type SystemOptions, startSystem } from '@forecourt/local';
import { until } from '@forecourt/testing';
import { type HttpClient, httpClient } from './storefront-client.ts';

const parent = join(import.meta.dirname, '../../.local/e2e');

export interface TestSystem extends System {
  /** Gone when the system stops. */
  readonly directory: string;
}

/**
 * A system for tests, empty but for the operator; on the Postgres of this test run, with a broker of its own, unless told.
 * It fails when it stops if one of its processes tried at the broker what its contract does not list.
 */
export async function startTestSystem(options: Partial<SystemOptions> = {}): Promise<TestSystem> {
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, 'system-'));
  const { env } = options;
  // The test runner's own NODE_ENV is none of theirs.
  const usual = { NODE_ENV: 'development', PASSWORD_HASH_CHEAP: 'true' };
  const system = await startSystem({
    directory,
    ports: 'free',
    throwaway: true,
    demo: false,
    guest: true,
    postgresUrl: process.env.TEST_POSTGRES_URL,
    ...options,
    env:
      typeof env === 'function'
        ? async (instance, told) => ({ ...usual, ...(await env(instance, told)) })
        : { ...usual, ...env },
  });
  const stop = async () => {
    await system.stop();
    const refused = await refusedByTheBroker(directory);
    await rm(directory, { recursive: true, force: true });
    if (refused.length > 0) throw new Error(`the broker refused:\n${refused.join('\n')}`);
  };
  return { ...system, directory, stop };
}

/** What users of ours may not do and did; apps are strangers and try what they like. */
async function refusedByTheBroker(directory: string): Promise<string[]> {
  const log = await readFile(join(directory, 'logs/nats.log'), 'utf8').catch(() => '');
  const ours = new RegExp(`(Violation|authentication error) - User "(${brokerUsers.join('|')})"`);
  return log.split('\n').filter((line) => ours.test(line));
}

/** A system whose parts a test may break. */
export interface OwnSystem {
  client: HttpClient;
  /** kill -9; it is started again by whoever watches over it. Returns when the old process is gone. */
  kill(service: string): Promise<void>;
  stopService(service: string): Promise<void>;
  startService(service: string): void;
  /** kill -9 of nats-server, and its disk is lost. */
  loseBroker(): Promise<void>;
  startBroker(): void;
  ready(): Promise<void>;
  /** Waits until the gateway says that it is not ready, and gives the names of what is not. */
  whatIsAway(): Promise<string[]>;
  stop(): Promise<void>;
}

interface Readiness {
  ready: boolean;
  checks: Record<string, string>;
}

export async function startOwnSystem(): Promise<OwnSystem> {
  const system = await startTestSystem();
  const client = httpClient(system.gateway);
  return {
    client,
    ready: () => system.ready(),
    stop: system.stop,
    kill: async (service) => {
      const program = system.program(service);
      const { pid } = program;
      program.kill('SIGKILL');
      await until(() => program.pid !== pid);
    },
    stopService: (service) => system.program(service).stop(),
    startService: (service) => system.program(service).start(),
    loseBroker: async () => {
      const broker = system.program('nats');
      broker.kill('SIGKILL');
      await broker.stop();
      await rm(join(system.directory, 'nats'), { recursive: true });
    },
    startBroker: () => system.program('nats').start(),
    whatIsAway: () =>
      until(async () => {
        const { status, body } = await client.get<Readiness>('/health/ready');
        return status === 503 ? Object.keys(body.checks).filter((name) => body.checks[name] !== 'ok') : undefined;
      }),
  };
}
