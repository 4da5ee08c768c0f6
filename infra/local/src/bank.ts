import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Obstacle } from './obstacle.ts';
import { packageDirectory } from './paths.ts';
import type { Secrets } from './secrets.ts';
import type { Supervisor } from './supervisor.ts';

/** Where customers pay: the QPay sandbox, unless whoever starts the system has named another provider. */
export interface Bank {
  /** The sandbox's, for a browser. undefined: it does not run. */
  readonly origin: string | undefined;
  /** What payments is told to use it. */
  readonly settings: NodeJS.ProcessEnv;
  ready(): Promise<void>;
}

export const bringsItsBank = ({ PAYMENT_PROVIDER, NODE_ENV }: NodeJS.ProcessEnv): boolean =>
  !PAYMENT_PROVIDER && NODE_ENV !== 'production';

interface Founding {
  readonly port: number;
  readonly directory: string;
  readonly secrets: Secrets;
  readonly supervisor: Supervisor;
  readonly environment: NodeJS.ProcessEnv;
}

const programName = 'qpay-sandbox';

export function openBank({ port, directory, secrets, supervisor, environment }: Founding): Bank {
  if (!bringsItsBank(environment)) return { origin: undefined, settings: {}, ready: async () => {} };
  const merchant = { QPAY_USERNAME: 'FORECOURT', QPAY_PASSWORD: secrets.qpay, QPAY_INVOICE_CODE: 'FORECOURT_INVOICE' };
  const origin = `http://127.0.0.1:${port}`;
  supervisor.run({
    name: programName,
    command: process.execPath,
    parameters: ['src/qpay-sandbox/main.ts'],
    cwd: packageDirectory,
    env: {
      ...environment,
      ...merchant,
      CURRENCY: environment.CURRENCY || 'UAH',
      QPAY_SANDBOX_PORT: String(port),
      QPAY_SANDBOX_FILE: join(directory, bankFile),
    },
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    logFile: join(directory, `logs/${programName}.log`),
    worthShowing: (line) => (line.startsWith('the QPay sandbox listens') ? undefined : line),
  });
  return {
    origin,
    settings: { PAYMENT_PROVIDER: 'qpay', QPAY_URL: `${origin}/v2`, ...merchant },
    ready: () => untilItAnswers(origin, 30_000),
  };
}

/** What was paid at it; forgotten with the rest of the data. */
export const bankFile = 'qpay-sandbox.jsonl';

async function untilItAnswers(origin: string, timeoutMs: number): Promise<void> {
  for (const began = performance.now(); ; await sleep(50)) {
    const response = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (response?.ok) return;
    if (performance.now() - began > timeoutMs) throw new Obstacle(`The QPay sandbox does not answer at ${origin}.`);
  }
}
