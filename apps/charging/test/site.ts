import { type App, loadConfig } from '@forecourt/service-kit';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { createChargingApp } from '../src/app.ts';
import { configShape } from '../src/config.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import { createDeviceMap } from '../src/map/copy.ts';
import { anId } from './builders.ts';

export interface SiteWishes {
  /** Settings of the service, as a deployment would give them. */
  env?: Record<string, string>;
  /** Stand in for what the service would make for itself, or are made of that. */
  deps?: Partial<Deps> | ((made: Deps) => Partial<Deps>);
  nats?: boolean;
}

type Headers = Record<string, string>;

export interface Site {
  readonly runtime: TestRuntime;
  readonly deps: Deps;
  readonly app: App;
  asCustomer(customerId: string): Promise<Headers>;
  /** Always the same one unless told who. */
  asOperator(operatorId?: string): Promise<Headers>;
  get(url: string, headers?: Headers): Promise<Answer>;
  post(url: string, body?: unknown, headers?: Headers): Promise<Answer>;
  patch(url: string, body: unknown, headers?: Headers): Promise<Answer>;
  remove(url: string, headers?: Headers): Promise<Answer>;
  /** The events that were told, oldest first, as they go over the wire. */
  told(subject: string): Promise<Record<string, unknown>[]>;
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
export async function openSite({ env = {}, deps: stand = {}, nats = false }: SiteWishes = {}): Promise<Site> {
  const runtime = await createTestRuntime('charging', { nats });
  const { database, issuer } = runtime;
  const config = loadConfig(configShape, {
    NODE_ENV: 'test',
    DATABASE_URL: runtime.config.DATABASE_URL,
    NATS_URL: runtime.config.NATS_URL,
    STREAM_PREFIX: runtime.config.STREAM_PREFIX,
    STATION_SECRET: 'stations of tests are known to all',
    ...env,
  });
  // Tests look at the map right after they changed it.
  const map = createDeviceMap({ database, log: runtime.log, maxAgeMs: 0, patienceMs: 60_000 });
  const made: Deps = { ...createDeps(config, runtime), map };
  const deps: Deps = { ...made, ...(typeof stand === 'function' ? stand(made) : stand) };
  const app = await createChargingApp(deps, runtime);
  const call = callsTo(app);
  const someOperator = anId();

  return {
    runtime,
    deps,
    app,
    asCustomer: (customerId) => issuer.bearer({ customerId }),
    asOperator: (operatorId = someOperator) => issuer.bearer({ customerId: operatorId, roles: ['operator'] }),
    get: (url, headers) => call('GET', url, undefined, headers),
    post: (url, body, headers) => call('POST', url, body, headers),
    patch: (url, body, headers) => call('PATCH', url, body, headers),
    remove: (url, headers) => call('DELETE', url, undefined, headers),
    told: async (subject) => {
      const rows = await database.$queryRaw<{ data: Record<string, unknown> }[]>`
        SELECT data FROM outbox WHERE subject = ${subject} ORDER BY xid, seq`;
      return rows.map(({ data }) => data);
    },
    close: async () => {
      await app.close();
      await runtime.close();
    },
  };
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

const callsTo =
  (app: App) =>
  async (method: Method, url: string, body?: unknown, headers: Headers = {}): Promise<Answer> => {
    const response = await app.inject({
      method,
      url,
      headers: { ...(typeof body === 'object' && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = String(response.headers['content-type']).includes('json') && !isLines(response.headers);
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      body: isJson ? response.json() : undefined,
    };
  };

const isLines = (headers: Record<string, unknown>) => String(headers['content-type']).includes('ndjson');
