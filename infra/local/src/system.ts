import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bank, bankFile, bringsItsBank, openBank } from './bank.ts';
import { loadDemo } from './demo.ts';
import { demoStationSettings, demoStations, openDemoStations } from './demo-stations.ts';
import { environmentOf, type Surroundings } from './environment.ts';
import { tryLock } from './lock.ts';
import { worthShowingOfService } from './log-file.ts';
import { type Instance, type Network, planNetwork, portWishes, type Scale } from './network.ts';
import { Obstacle } from './obstacle.ts';
import { appDirectory } from './paths.ts';
import { demandFreePorts } from './port.ts';
import type { Patience, Program } from './program.ts';
import { untilReady } from './readiness.ts';
import { readSecrets } from './secrets.ts';
import { removeStreams } from './servers/nats-streams.ts';
import { removePostgresData } from './servers/postgres-home.ts';
import { demoOperator, nodeFlags, type PortName, type ServiceName, services } from './services.ts';
import { endLeftovers, removeState, writeState } from './state.ts';
import { openStores } from './stores.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

export interface SystemOptions {
  /** Data, logs and secrets are kept here; one system at a time. */
  directory: string;
  /** Where to listen; `free`: wherever there is room. */
  ports?: Partial<Record<PortName, number>> | 'free';
  /** How many processes of a service. */
  scale?: Scale;
  /** Forget all data of earlier runs. */
  fresh?: boolean;
  /** Data that need not outlive a power failure: tests. */
  throwaway?: boolean;
  /** Load demo data; on unless told. */
  demo?: boolean;
  /** A server to use instead of one of our own, as a role that may make roles and schemas. */
  postgresUrl?: string | undefined;
  natsUrl?: string | undefined;
  /** For a Postgres of our own: what a measurement or a test needs beyond the usual. */
  postgresSettings?: Readonly<Record<string, string>>;
  /** Share these servers with other systems: a database and a stream prefix of our own, gone at the end. */
  guest?: boolean;
  /** For every process, over all else; or for each its own, made of what it would be told otherwise. */
  env?: NodeJS.ProcessEnv | ((instance: Instance, told: NodeJS.ProcessEnv) => Promise<NodeJS.ProcessEnv>);
  /** With processes that end unasked. */
  patience?: Partial<Patience>;
  say?(step: string, text: string): void;
}

export interface System {
  readonly gateway: string;
  readonly instances: readonly Instance[];
  readonly operator: typeof demoOperator;
  /** The system's database, as its administrator. */
  readonly adminUrl: string;
  /** As a service sees it, through its own role. */
  databaseUrl(service: ServiceName): string;
  /** As who may do everything there that the services may. */
  readonly natsUrl: string;
  /** As the service sees it, or a partner's system, with their own rights. */
  natsUrlOf(user: ServiceName | 'partner'): string;
  /** The page of the QPay sandbox. undefined: customers pay at another provider. */
  readonly bank: Bank['origin'];
  readonly streamPrefix: string;
  readonly programs: readonly Program[];
  /** `orders`, `orders-2`, …, `gateway`, `qpay-sandbox`, `demo-stations`, and `postgres` and `nats` unless they are somebody else's. */
  program(name: string): Program;
  /** Until the gateway says that all are ready. */
  ready(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
  /** At once, and without asking. */
  destroy(): void;
}

/** The whole system on this machine, ready to answer when it returns; nothing is left behind when it fails. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { directory, ports = {}, scale = {}, fresh = false, postgresUrl, natsUrl, say = () => {} } = options;
  await mkdir(directory, { recursive: true });
  const lock = await tryLock(join(directory, 'system.lock'));
  if ('pid' in lock) throw new Obstacle(`Forecourt runs here already (process ${lock.pid}); "npm run stop" ends it.`);
  try {
    for (const name of await endLeftovers(directory)) say('cleaned up', `${name}, which an earlier run left behind`);
    if (fresh) await forget(options);
    const network = await planNetwork(ports, scale);
    const own = { postgres: !postgresUrl, nats: !natsUrl, qpaySandbox: bringsItsBank(callersOf(options)) };
    await demandFreePorts(portWishes(network, own));
    return await assemble(options, network, lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What the processes would hear of all that is not about the system itself. */
const callersOf = ({ env }: SystemOptions): NodeJS.ProcessEnv => ({
  ...process.env,
  ...(typeof env === 'object' && env),
});

async function forget({ directory, postgresUrl, natsUrl, guest }: SystemOptions): Promise<void> {
  if ((postgresUrl || natsUrl) && !guest) {
    throw new Obstacle('--fresh forgets data in .local only: empty the servers of DATABASE_URL and NATS_URL yourself.');
  }
  await removePostgresData(directory);
  const kept = ['nats', 'nats.conf', 'secrets.json', 'logs', bankFile, ...services.map(({ name }) => `demo-${name}`)];
  for (const name of kept) await rm(join(directory, name), { recursive: true, force: true });
}

async function assemble(options: SystemOptions, network: Network, released: () => Promise<void>): Promise<System> {
  const { directory, guest = false, demo = true, env = {}, patience = {}, say = () => {} } = options;
  const { instances } = network;
  const gateway = instances.find(({ service }) => service === 'gateway') as Instance;
  const secrets = await readSecrets(directory);
  const changed = (programs: readonly Program[]) => writeState(directory, gateway.url, programs);
  const supervisor = createSupervisor({ say, changed, patience });
  const ready = (timeoutMs = 90_000) =>
    untilReady({ gateway: gateway.url, instances, programs: supervisor.programs }, timeoutMs);
  const leave: (() => Promise<void>)[] = [];

  const stop = async () => {
    // Stations, which say what they have to while somebody hears it. Then the door, so that nothing new comes in; then
    // those behind it; the servers last.
    await supervisor.stop([[demoStations], ['gateway'], instances.map(({ name }) => name)]);
    for (const step of leave) await step();
    await supervisor.stop([['qpay-sandbox'], ['nats'], ['postgres']]);
    supervisor.dismiss();
    removeState(directory);
    await released();
  };
  const destroy = () => {
    supervisor.destroy();
    removeState(directory);
    void released();
  };

  try {
    const streamPrefix = guest ? randomBytes(5).toString('hex') : (process.env.STREAM_PREFIX ?? '');
    const stores = await openStores({ ...options, network, secrets, supervisor, streamPrefix, say });
    leave.push(stores.leave);
    const environment = callersOf(options);
    const bank = openBank({ port: network.qpaySandbox, directory, secrets, supervisor, environment });
    const surroundings: Surroundings = {
      instances,
      databaseUrls: stores.databaseUrls,
      broker: stores.broker,
      bank,
      streamPrefix,
      secrets,
      overrides: typeof env === 'function' ? {} : env,
    };
    if (guest && options.natsUrl)
      leave.push(() => removeStreams(stores.broker.operatorUrl, streamsUnder(streamPrefix)));
    say('processes', instances.map(({ name, port }) => `${name} :${port}`).join(', '));
    for (const instance of instances) {
      const told = environmentOf(instance, surroundings);
      const own = typeof env === 'function' ? { ...told, ...(await env(instance, told)) } : told;
      runInstance(instance, own, directory, supervisor);
    }
    await Promise.all([ready(), bank.ready()]);
    if (demo) {
      await loadDemos(surroundings, directory, say);
      openDemoStations({ gateway: gateway.url, directory, secrets, supervisor, environment });
    }
    return {
      gateway: gateway.url,
      instances,
      operator: demoOperator,
      adminUrl: stores.adminUrl,
      databaseUrl: (service) => stores.databaseUrls.get(service) ?? fail(`${service} keeps no tables`),
      natsUrl: stores.broker.operatorUrl,
      natsUrlOf: stores.broker.natsUrlOf,
      bank: bank.origin,
      streamPrefix,
      programs: supervisor.programs,
      program: (name) => supervisor.programs.find((program) => program.name === name) ?? fail(`no ${name} runs here`),
      ready,
      stop,
      destroy,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function runInstance(instance: Instance, env: NodeJS.ProcessEnv, directory: string, supervisor: Supervisor): void {
  supervisor.run({
    name: instance.name,
    command: process.execPath,
    parameters: [...(nodeFlags[instance.service] ?? []), 'src/main.ts'],
    cwd: appDirectory(instance.service),
    env,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 15_000,
    logFile: join(directory, `logs/${instance.name}.log`),
    worthShowing: worthShowingOfService,
  });
}

async function loadDemos(surroundings: Surroundings, directory: string, say: (step: string, text: string) => void) {
  for (const { name } of services) {
    const instance = surroundings.instances.find(({ service }) => service === name) as Instance;
    const env = { ...environmentOf(instance, surroundings), ...demoStationSettings(surroundings.secrets) };
    const said = await loadDemo(name, directory, env);
    if (said !== undefined) say('demo data', `${name}: ${said}`);
  }
}

const streamsUnder = (prefix: string): string[] => services.map(({ name }) => `${prefix}_${name.toUpperCase()}`);

function fail(message: string): never {
  throw new Error(message);
}
