import type { Service } from '@forecourt/contracts';
import { connectNats, type Nats } from '@forecourt/messaging';
import { type Clock, systemClock } from './clock.ts';
import type { CommonConfig, CoreConfig } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import { databaseRefusal } from './database-refusals.ts';
import { createHealth, type Health } from './health.ts';
import { createLog, createPrettyLog, type Logger } from './log.ts';
import { createMetrics, type Metrics, measurePool } from './metrics.ts';
import { migrationsApplied } from './migrations.ts';
import { followRevocations, type Revocations } from './revocations.ts';
import { endFailedStart } from './shutdown.ts';
import { remoteSigningKeys } from './signing-keys.ts';
import { createTokenVerifier, type TokenVerifier } from './tokens.ts';
import { startTracing } from './tracing.ts';
import { createWrites, type Writes } from './writes.ts';

/** What a process needs that keeps nothing and verifies nobody: the gateway. */
export interface CoreRuntime {
  readonly service: string;
  readonly config: CoreConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly writes: Writes;
  /** Said by `run`, which watches over the process from then on; until then a failure is one of the start. */
  started(): void;
  /** Closed in the opposite order of registration, after the app. */
  onClose(name: string, close: () => unknown): void;
  close(): Promise<void>;
}

/** What every service needs. */
export interface Runtime extends CoreRuntime {
  readonly service: Service;
  readonly config: CommonConfig;
  readonly database: Database;
  readonly nats: Nats;
  readonly tokens: TokenVerifier;
  readonly revocations: Revocations;
}

export async function startCoreRuntime<C extends CoreConfig>({ service, config }: { service: string; config: C }) {
  const forPeople = config.NODE_ENV === 'development' && process.stdout.isTTY;
  const logOptions = { service, level: config.LOG_LEVEL };
  const log = forPeople ? await createPrettyLog(logOptions) : createLog(logOptions);
  const runtime = {
    service,
    config,
    log,
    clock: systemClock,
    metrics: createMetrics({ service }),
    health: createHealth(),
    writes: createWrites(),
    started: endFailedStart(service, log),
    ...createClosing(log),
  };
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT) {
    runtime.onClose('tracing', await startTracing(service, config.OTEL_EXPORTER_OTLP_ENDPOINT));
  }
  return runtime satisfies CoreRuntime;
}

export interface RuntimeOptions {
  service: Service;
  config: CommonConfig;
  /** `new URL('../prisma/migrations/', import.meta.url)`: not ready until the database has them all. */
  migrations?: URL;
}

/** Connects to all that a service stands on; waits for NATS, while the database may come later. */
export async function startRuntime({ service, config, migrations }: RuntimeOptions): Promise<Runtime> {
  const core = await startCoreRuntime({ service, config });
  const { log, clock, metrics, health, onClose } = core;

  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: service,
    poolSize: config.DATABASE_POOL_SIZE,
    log,
  });
  onClose('database', database.close);
  measurePool(metrics, database);
  health.check('database', () => database.$queryRaw`SELECT 1`);
  if (migrations) health.check('migrations', migrationsApplied(database, migrations));

  const nats = await patiently(log, 'waiting for NATS', () =>
    connectNats({
      url: config.NATS_URL,
      name: service,
      log,
      streamPrefix: config.STREAM_PREFIX,
      refusalOf: databaseRefusal,
    }),
  );
  onClose('nats', () => (nats.isConnected() ? nats.connection.drain() : nats.close()));
  health.check('nats', () => {
    if (!nats.isConnected()) throw new Error('not connected');
  });

  const revocations = followRevocations({ nats, clock, log });
  onClose('revocations', revocations.close);
  health.check('revocations', revocations.assertCurrent);

  const signingKeys = remoteSigningKeys(config.JWKS_URL, log);
  onClose('signing keys', signingKeys.close);
  const tokens = createTokenVerifier({
    keys: signingKeys.keys,
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    clock,
    revocations,
  });
  return { ...core, service, database, nats, revocations, tokens };
}

export function createClosing(log: Logger): Pick<CoreRuntime, 'onClose' | 'close'> {
  const closers: { name: string; close: () => unknown }[] = [];
  return {
    onClose: (name, close) => void closers.push({ name, close }),
    close: async () => {
      for (const { name, close } of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          log.warn({ err: error, what: name }, 'could not be closed');
        }
      }
    },
  };
}

async function patiently<T>(log: Logger, notice: string, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => log.warn(notice), 2_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
