import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Program, type System, startSystem } from '@forecourt/local';
import type { Place } from './flows/flow.ts';
import { readsBehindTheGateway } from './kept.ts';
import type { Root } from './processes.ts';
import { signIn } from './seed/accounts.ts';
import { hashesAtOnce } from './seed/customers.ts';
import { deviceKeySecrets } from './seed/devices.ts';
import { stationSecret } from './seed/stations.ts';
import { countingSettings } from './statements.ts';

export interface SystemUnderTest {
  gatewayUrl: string;
  catalogUrls: readonly string[];
  /** The one process that stations are connected to. */
  charging: { url: URL; program: Program };
  /** The system's own database; roles and schemas are below. */
  superuserUrl: string;
  /** As who may do everything that the services may. */
  natsUrl: string;
  /** The system's database as payments sees it. */
  paymentsUrl: string;
  /** Everything that works for a request, as it runs now; Postgres's and NATS's children follow from these. */
  readonly processes: readonly Root[];
  postgres: Root;
  /** How long it took until the gateway said that all are ready, demo data loaded. */
  startSeconds: number;
  /** Itself as a side of a comparison. */
  place: Place;
  /** An access token of the operator, who makes products; never an old one. */
  operatorToken(): Promise<string>;
  /** Keeps its data. */
  stop(): Promise<void>;
}

const home = fileURLToPath(new URL('../../../.local/bench', import.meta.url));
/** Ours alone, so that two benches stand beside each other. */
const directory = join(home, `system-${process.pid}`);

export interface SystemWish {
  /** Go on with the data of the system that ran before. */
  keepData?: boolean;
  scale?: { orders?: number; catalog?: number };
}

/** As `npm start` runs it, each service with its own rights at the broker, with demo data, at ports of its own; Postgres syncs its disk as it would for a shop. */
export async function startSystemUnderTest({
  keepData = false,
  scale = {},
}: SystemWish = {}): Promise<SystemUnderTest> {
  const began = performance.now();
  const said: string[] = [];
  const system = await startSystem({
    directory,
    ports: 'free',
    fresh: !keepData,
    scale,
    postgresSettings: countingSettings,
    env: {
      PASSWORD_HASH_CONCURRENCY: String(hashesAtOnce),
      STATION_SECRET: stationSecret,
      DEVICE_KEY_SECRETS: deviceKeySecrets.map(({ id, secret }) => `${id}:${secret}`).join(','),
    },
    say: (step, text) => said.push(`${step}: ${text}`),
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${said.join('\n')}`, { cause: error });
  });
  const startSeconds = (performance.now() - began) / 1000;
  const processes = () =>
    system.programs.filter(({ name }) => !others.has(name)).map(({ name, pid = 0 }) => ({ name, pid }));
  const catalogUrls = urlsOf(system, 'catalog');
  return {
    gatewayUrl: system.gateway,
    catalogUrls,
    charging: { url: new URL(urlsOf(system, 'charging')[0] as string), program: system.program('charging') },
    superuserUrl: system.adminUrl,
    natsUrl: system.natsUrl,
    paymentsUrl: system.databaseUrl('payments'),
    get processes() {
      return processes();
    },
    postgres: { name: 'postgres', pid: system.program('postgres').pid ?? 0 },
    startSeconds,
    place: {
      origin: system.gateway,
      get processes() {
        return processes();
      },
      database: new URL(system.adminUrl).pathname.slice(1),
      readsBehind: () => readsBehindTheGateway(catalogUrls),
    },
    operatorToken: freshToken(system.gateway, system.operator),
    stop: () => system.stop(),
  };
}

/** They stand for somebody else's bank, and for stations on the street. */
const others: ReadonlySet<string> = new Set(['qpay-sandbox', 'demo-stations']);

const urlsOf = ({ instances }: System, name: string): string[] =>
  instances.filter(({ service }) => service === name).map(({ url }) => url);

/** What its processes wrote, for whoever must find out why something failed; gives where it is. */
export async function keepLogs(): Promise<string> {
  await rm(join(home, 'logs'), { recursive: true, force: true });
  await cp(join(directory, 'logs'), join(home, 'logs'), { recursive: true });
  return '.local/bench/logs';
}

/** Its data, and those of benches that were ended before they could do so. */
export async function forgetSystem(): Promise<void> {
  const names = await readdir(home).catch(() => []);
  const gone = names.filter((name) => name.startsWith('system-') && !runs(Number(name.slice('system-'.length))));
  for (const name of [`system-${process.pid}`, ...gone]) await rm(join(home, name), { recursive: true, force: true });
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const tokenMs = 10 * 60_000;

function freshToken(gatewayUrl: string, operator: { email: string; password: string }): () => Promise<string> {
  let token: Promise<string> | undefined;
  let madeAt = 0;
  return () => {
    if (!token || performance.now() - madeAt > tokenMs) {
      madeAt = performance.now();
      token = signIn(gatewayUrl, { login: operator.email, password: operator.password }).then(
        ({ accessToken }) => accessToken,
      );
    }
    return token;
  };
}
