import type { Service } from '@forecourt/contracts';
import type { Nats } from '@forecourt/messaging';
import {
  type CommonConfig,
  commonConfig,
  createClosing,
  createHealth,
  createLog,
  createMetrics,
  createWrites,
  type Logger,
  loadConfig,
  openDatabase,
  type Runtime,
} from '@forecourt/service-kit';
import { type TestClock, testClock } from './clock.ts';
import { createTestDatabase } from './database.ts';
import { type TestIssuer, testIssuer } from './issuer.ts';
import { createTestNats } from './nats.ts';

export interface TestRuntime extends Runtime {
  readonly clock: TestClock;
  readonly issuer: TestIssuer;
  /** What was logged, a parsed line each. */
  readonly logged: readonly Record<string, unknown>[];
}

export interface TestRuntimeOptions {
  clock?: TestClock;
  /** Connect to the test NATS, under a random stream prefix. Without it, touching `nats` throws. */
  nats?: boolean;
}

/** A Runtime on a database of its own, a clock to turn, local tokens and a log that is kept instead of printed. */
export async function createTestRuntime(
  service: Service,
  { clock = testClock(), nats: withNats = false }: TestRuntimeOptions = {},
): Promise<TestRuntime> {
  const logged: Record<string, unknown>[] = [];
  const write = (line: string) => void logged.push(JSON.parse(line));
  const log = createLog({ service, level: 'debug', destination: { write } });
  const closing = createClosing(log);

  const testDatabase = await createTestDatabase(service);
  closing.onClose('test database', testDatabase.close);
  const database = openDatabase({ url: testDatabase.url, applicationName: 'test', log });
  closing.onClose('database', database.close);

  const nats = withNats ? await createTestNats() : absentNats(log);
  closing.onClose('nats', nats.close);

  const issuer = testIssuer(clock);
  return {
    service,
    config: configOf(testDatabase.url, nats.streamPrefix),
    log,
    logged,
    clock,
    metrics: createMetrics({ service, ofProcess: false }),
    health: createHealth(),
    started: () => {},
    writes: createWrites(),
    database,
    nats,
    issuer,
    tokens: issuer.verifier,
    revocations: { isRevoked: issuer.isRevoked, assertCurrent: () => {}, close: async () => {} },
    ...closing,
  };
}

const configOf = (databaseUrl: string, streamPrefix: string): CommonConfig =>
  loadConfig(commonConfig, {
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    NATS_URL: process.env.TEST_NATS_URL ?? 'nats://127.0.0.1:4222',
    STREAM_PREFIX: streamPrefix,
  });

function absentNats(log: Logger): Nats {
  const absent = (): never => {
    throw new Error('this test has no NATS: ask for one with createTestRuntime(service, { nats: true })');
  };
  return {
    get connection() {
      return absent();
    },
    get jetstream() {
      return absent();
    },
    get manager() {
      return absent();
    },
    log,
    streamPrefix: '',
    refusalOf: () => null,
    isConnected: () => false,
    close: async () => {},
  };
}

/** The SQL statements that `work` sends through this runtime's pool, Prisma's and BEGIN and COMMIT included. */
export async function countStatements<T>(
  { database }: Pick<Runtime, 'database'>,
  work: () => Promise<T>,
): Promise<{ result: T; statements: string[] }> {
  const statements: string[] = [];
  const stop = database.onStatement((sql) => statements.push(sql));
  try {
    return { result: await work(), statements };
  } finally {
    stop();
  }
}
