import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Instance, type Program, type System, startSystem } from '@forecourt/local';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { diskOf, type LimitedDisk } from './disk.ts';
import { connectTo } from './load/asking.ts';
import type { Targets } from './nemesis/plan.ts';
import { usual } from './nemesis/provider.ts';
import { merchantIn, openProvider, type Provider } from './provider.ts';
import { type Line, layLine } from './proxy.ts';
import { type Heard, listenToTopics } from './topics.ts';
import { briskCharges } from './yard.ts';

/** A system of our own whose every line goes through our hands. */
export interface Stage {
  readonly system: System;
  readonly targets: Targets;
  /** The broker's disk, where one of its own could be made; otherwise why not. */
  readonly brokerDisk: LimitedDisk | { readonly impossible: string };
  /** Past all proxies, as administrator. */
  readonly database: pg.Pool;
  /** Past all proxies. */
  readonly nats: NatsConnection;
  /** Past all proxies: the QPay sandbox. */
  readonly provider: Provider;
  /** What apps are told; grows while the stage stands. */
  readonly heard: Heard;
  /** The broker as whoever asks payments sees it, by a line of its own. */
  readonly askerUrl: string;
  /** Where stations connect, each by a line of its own: the gateway, and each process that takes them. */
  readonly stationUrls: readonly string[];
  line(name: string): Line;
  /** The instance on whose behalf Postgres sees a connection from this port. */
  instanceBehind(clientPort: number): string | undefined;
  /** Where the broker keeps its streams. */
  readonly brokerStore: string;
  /** How far the clock of an instance is wrong from now on. */
  setClock(instance: string, offsetMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions {
  directory: string;
  /** Added to every process's environment. */
  env?: NodeJS.ProcessEnv;
  say(text: string): void;
}

/** Two of what has state of its own in memory, so that there is a standby relay and somebody to disagree with. */
const scale = { identity: 2, orders: 2, charging: 2, payments: 2 } as const;

/** They are killed all the time; nobody should give them up, or let them wait long. */
const patience = { firstMs: 100, longestMs: 1000, crashes: Number.POSITIVE_INFINITY, settledMs: 2000 };

const steps = new Set(['cleaned up', 'processes']);

const brokerDiskMegabytes = 192;

export async function setStage({ directory, env = {}, say }: StageOptions): Promise<Stage> {
  const brokerStore = join(directory, 'nats');
  await mkdir(join(directory, 'clocks'), { recursive: true });
  const brokerDisk = await diskOf(brokerStore, brokerDiskMegabytes);
  const lines = new Map<string, Line>();
  let system: System | undefined;
  let merchant = merchantIn({});
  const leave = async () => {
    for (const program of system?.programs ?? []) wake(program);
    await system?.stop();
    for (const line of lines.values()) await line.close();
    if ('release' in brokerDisk) await brokerDisk.release();
  };

  /** The same address by way of a line of our own; one line carries all that goes the same way. */
  async function through(from: string, to: string, address: string): Promise<string> {
    const url = new URL(address);
    const name = `${from} → ${to}`;
    const line = lines.get(name) ?? (await layLine(name, { host: url.hostname, port: Number(url.port) }));
    lines.set(name, line);
    url.host = `127.0.0.1:${line.port}`;
    return url.href.replace(/\/$/, '');
  }

  async function environmentFor(instance: Instance, told: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
    const { name, service } = instance;
    const own: NodeJS.ProcessEnv = { ...env, NODE_ENV: 'development', CHAOS_CLOCK: clockFile(name) };
    own.NODE_OPTIONS = [process.env.NODE_OPTIONS, `--import=${clockPreload}`, env.NODE_OPTIONS]
      .filter(Boolean)
      .join(' ');
    if (told.DATABASE_URL) own.DATABASE_URL = await through(name, 'postgres', told.DATABASE_URL);
    for (const variable of ['NATS_URL', 'BROKER_CALLOUT_URL', 'BROKER_SYSTEM_URL']) {
      const address = told[variable];
      if (address) own[variable] = await through(name, 'nats', address);
    }
    if (service === 'charging') Object.assign(own, briskCharges);
    if (service === 'payments') {
      if (told.QPAY_URL) own.QPAY_URL = await through(name, 'qpay-sandbox', told.QPAY_URL);
      own.PUBLIC_URL = await through('qpay-sandbox', 'gateway', told.PUBLIC_URL ?? '');
      merchant = merchantIn(told);
    }
    if (service !== 'gateway') {
      const { origin, pathname } = new URL(told.JWKS_URL ?? '');
      own.JWKS_URL = `${await through(name, 'identity', origin)}${pathname}`;
      return own;
    }
    for (const variable of ['IDENTITY_URL', 'CATALOG_URL', 'ORDERS_URL', 'CHARGING_URL', 'PAYMENTS_URL']) {
      const target = variable.replace('_URL', '').toLowerCase();
      const addresses = (told[variable] ?? '').split(',');
      const laid = addresses.map((address, index) =>
        through(name, index === 0 ? target : `${target}-${index + 1}`, address),
      );
      own[variable] = (await Promise.all(laid)).join(',');
    }
    return own;
  }

  const clockFile = (instance: string) => join(directory, 'clocks', instance);

  try {
    system = await startSystem({
      directory,
      ports: 'free',
      throwaway: true,
      demo: false,
      scale,
      patience,
      env: environmentFor,
      // What broken processes say is in their logs; here it would bury everything else.
      say: (step, text) => steps.has(step) && say(`${step}: ${text}`),
    });
    const database = new pg.Pool({ connectionString: system.adminUrl, max: 4, connectionTimeoutMillis: 3000 });
    // Killed with the server, and replaced when it is asked for the next time.
    database.on('error', () => {});
    const nats = await connectTo(system.natsUrl);
    const provider = openProvider({ url: `${system.bank}/v2`, ...merchant });
    await provider.behave(usual);
    const askerUrl = await through('asker', 'nats', system.natsUrl);
    const doors = [...system.instances].filter(({ service }) => service === 'gateway' || service === 'charging');
    const stationUrls: string[] = [];
    for (const { name, url } of doors) {
      stationUrls.push(`${(await through('stations', name, url)).replace(/^http/, 'ws')}/ocpp`);
    }
    return {
      system,
      targets: {
        services: system.instances.map(({ name }) => name),
        relays: ['identity', 'catalog', 'orders', 'charging', 'payments'],
        providers: ['qpay-sandbox'],
        lines: [...lines.keys()],
      },
      brokerDisk,
      database,
      nats,
      provider,
      heard: listenToTopics(nats),
      askerUrl,
      stationUrls,
      brokerStore,
      line: (name) => lines.get(name) ?? unknown(name),
      instanceBehind: (clientPort) =>
        [...lines.values()]
          .find((line) => line.name.endsWith('→ postgres') && line.carries(clientPort))
          ?.name.split(' ', 1)[0],
      setClock: (instance, offsetMs) => writeFile(clockFile(instance), String(offsetMs)),
      async stop() {
        await nats.close();
        await database.end();
        await leave();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

const clockPreload = new URL('nemesis/clock-preload.ts', import.meta.url).href;

/** What sleeps cannot be asked to stop. */
const wake = (program: Program) => program.kill('SIGCONT');

function unknown(name: string): never {
  throw new Error(`there is no line ${name}`);
}

/** A place of nobody's: what an earlier run left there is gone. */
export async function emptied(directory: string): Promise<string> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  return directory;
}
