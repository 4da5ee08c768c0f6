import { type App, createMetrics, loadConfig, openDatabase } from '@forecourt/service-kit';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { createPaymentsApp } from '../src/app.ts';
import { configShape } from '../src/config.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import { post } from '../src/ledger/service.ts';
import { readWalletOf } from '../src/wallet/store.ts';
import { anId } from './builders.ts';

export interface TillWishes {
  /** Settings of the service, as a deployment would give them. */
  env?: Record<string, string>;
  /** Stand in for what the service would make for itself. */
  deps?: Partial<Deps>;
  nats?: boolean;
}

type Headers = Record<string, string>;

export interface Till {
  readonly runtime: TestRuntime;
  readonly deps: Deps;
  readonly app: App;
  /** Somebody paid money in. */
  fund(customerId: string, amount: bigint): Promise<void>;
  walletOf(customerId: string): Promise<{ balance: bigint; available: bigint }>;
  asCustomer(customerId: string): Promise<Headers>;
  /** Always the same one unless told who. */
  asOperator(operatorId?: string): Promise<Headers>;
  get(url: string, headers?: Headers): Promise<Answer>;
  post(url: string, body?: unknown, headers?: Headers): Promise<Answer>;
  put(url: string, body: unknown, headers?: Headers): Promise<Answer>;
  /** The events that were told, oldest first, as they go over the wire. */
  told(subject: string): Promise<Record<string, unknown>[]>;
  /** Another process on the same database. */
  secondProcess(): Promise<Pick<Till, 'deps' | 'app' | 'get' | 'post' | 'put'>>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client without types would.
  readonly body: any;
}

/** The service as it runs, on a database of its own, and without NATS unless wished. */
export async function openTill({ env = {}, deps: stand = {}, nats = false }: TillWishes = {}): Promise<Till> {
  const runtime = await createTestRuntime('payments', { nats });
  const config = loadConfig(configShape, {
    NODE_ENV: 'test',
    DATABASE_URL: runtime.config.DATABASE_URL,
    NATS_URL: runtime.config.NATS_URL,
    STREAM_PREFIX: runtime.config.STREAM_PREFIX,
    CALLBACK_SECRET: 'callbacks of tests are known to all',
    ...env,
  });
  const process = async (own: TestRuntime) => {
    const deps: Deps = { ...createDeps(config, own), ...stand };
    const app = await createPaymentsApp(deps, own);
    const call = callsTo(app);
    return {
      deps,
      app,
      get: (url: string, headers?: Headers) => call('GET', url, undefined, headers),
      post: (url: string, body?: unknown, headers?: Headers) => call('POST', url, body, headers),
      put: (url: string, body: unknown, headers?: Headers) => call('PUT', url, body, headers),
    };
  };
  const first = await process(runtime);
  const { deps, app } = first;
  const { database, issuer, clock } = runtime;
  const { currency } = deps;
  const someOperator = anId();

  return {
    ...first,
    runtime,
    fund: async (customerId, amount) => {
      const legs = [
        { account: { kind: 'clearing', owner: 'test' } as const, amount: -amount },
        { account: { kind: 'wallet', owner: customerId } as const, amount },
      ];
      const entry = { key: `fund-${anId()}`, kind: 'replenishment', legs, currency, at: clock() } as const;
      await database.transaction((tx) => post(tx, entry));
    },
    walletOf: (customerId) => readWalletOf(database, customerId, currency),
    asCustomer: (customerId) => issuer.bearer({ customerId }),
    asOperator: (operatorId = someOperator) => issuer.bearer({ customerId: operatorId, roles: ['operator'] }),
    told: async (subject) => {
      const rows = await database.$queryRaw<{ data: Record<string, unknown> }[]>`
        SELECT data FROM outbox WHERE subject = ${subject} ORDER BY xid, seq`;
      return rows.map(({ data }) => data);
    },
    secondProcess: async () => {
      const other = openDatabase({ url: runtime.config.DATABASE_URL, applicationName: 'test-2' });
      runtime.onClose('second database', other.close);
      const metrics = createMetrics({ service: 'payments', ofProcess: false });
      const second = await process({ ...runtime, database: other, metrics });
      runtime.onClose('second app', () => second.app.close());
      return second;
    },
    close: async () => {
      await app.close();
      await runtime.close();
    },
  };
}

const callsTo =
  (app: App) =>
  async (method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown, headers: Headers = {}): Promise<Answer> => {
    const response = await app.inject({
      method,
      url,
      headers: { ...(typeof body === 'object' && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      body: isJson ? response.json() : undefined,
    };
  };
