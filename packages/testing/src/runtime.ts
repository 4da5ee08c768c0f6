import type { Service } from '@forecourt/contracts';
import type { Runtime } from '@forecourt/service-kit';
import type { TestClock } from './clock.ts';
import type { TestIssuer } from './issuer.ts';

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
export async function createTestRuntime(_service: Service, _options: TestRuntimeOptions = {}): Promise<TestRuntime> {
  throw new Error('arrives with the next commit');
}

/** How many SQL statements `work` sends through this runtime's pool, Prisma's included. */
export async function countStatements<T>(
  _runtime: Pick<Runtime, 'database'>,
  _work: () => Promise<T>,
): Promise<{ result: T; statements: string[] }> {
  throw new Error('arrives with the next commit');
}
