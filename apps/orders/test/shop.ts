import type { DiscountSnapshot, ProductSnapshot } from '@forecourt/contracts';
import { type App, createMetrics, loadConfig, openDatabase } from '@forecourt/service-kit';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { createOrdersApp } from '../src/app.ts';
import { configShape } from '../src/config.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import type { Catalogue } from '../src/offer/offer.ts';
import { saveDiscounts, saveDiscountsKnown, saveOffers } from '../src/offer/store.ts';
import { anId, type OrderBody } from './builders.ts';

/** Stands for catalog: what it would answer, and whether it does. */
export interface TestCatalogue extends Catalogue {
  known: ProductSnapshot[];
  knownDiscounts: DiscountSnapshot[];
  away: boolean;
  asked: number;
}

function testCatalogue(): TestCatalogue {
  return {
    known: [],
    knownDiscounts: [],
    away: false,
    asked: 0,
    async products(productIds) {
      this.asked += 1;
      return this.away ? null : this.known.filter(({ productId }) => productIds.includes(productId));
    },
    async numbered(number) {
      this.asked += 1;
      return this.away ? null : this.known.filter((product) => product.number === number);
    },
    async discounts() {
      this.asked += 1;
      return this.away ? null : this.knownDiscounts;
    },
  };
}

export interface Shop {
  readonly runtime: TestRuntime;
  readonly deps: Deps;
  readonly app: App;
  readonly catalogue: TestCatalogue;
  sell(...products: ProductSnapshot[]): Promise<void>;
  discount(...discounts: DiscountSnapshot[]): Promise<void>;
  count(product: ProductSnapshot, quantity: number | null): Promise<void>;
  left(product: ProductSnapshot): Promise<number | null | undefined>;
  place(body: OrderBody, headers?: Record<string, string>): Promise<Answer>;
  asCustomer(customerId: string): Promise<Record<string, string>>;
  asOperator(): Promise<Record<string, string>>;
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  post(url: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(url: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The events that were told, oldest first, as they go over the wire. */
  told(subject: string): Promise<Record<string, unknown>[]>;
  /** Another process on the same database. */
  secondProcess(): Promise<Pick<Shop, 'place' | 'deps'>>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client without types would.
  readonly body: any;
}

export interface ShopWishes {
  discountsKnown?: boolean;
  /** Settings of the service, as a deployment would give them. */
  env?: Record<string, string>;
  /** Stand in for what the service would make for itself. */
  deps?: Partial<Deps>;
  nats?: boolean;
}

/** The service as it runs, on a database of its own, without NATS unless wished. */
export async function openShop({ discountsKnown = true, env = {}, deps: stand, nats }: ShopWishes = {}): Promise<Shop> {
  const runtime = await createTestRuntime('orders', { nats: nats === true });
  const catalogue = testCatalogue();
  const config = loadConfig(configShape, {
    NODE_ENV: 'test',
    DATABASE_URL: runtime.config.DATABASE_URL,
    NATS_URL: runtime.config.NATS_URL,
    STREAM_PREFIX: runtime.config.STREAM_PREFIX,
    ...env,
  });
  const process = async (own: TestRuntime) => {
    const deps: Deps = { ...createDeps(config, own), catalogue, ...stand };
    return { deps, app: await createOrdersApp(deps, own) };
  };
  const { deps, app } = await process(runtime);
  if (discountsKnown) await saveDiscountsKnown(runtime.database, runtime.clock());
  const operatorId = anId();
  const asOperator = () => runtime.issuer.bearer({ customerId: operatorId, roles: ['operator'] });
  const call = callsTo(app);

  return {
    runtime,
    deps,
    app,
    catalogue,
    sell: (...products) => saveOffers(runtime.database, products),
    discount: (...discounts) => saveDiscounts(runtime.database, discounts),
    count: async ({ productId }, quantity) => {
      const { status } = await call('PUT', `/admin/stock/${productId}`, { quantity }, await asOperator());
      if (status !== 204) throw new Error(`the count was answered ${status}`);
    },
    left: async ({ productId }) => {
      const [row] = await runtime.database.$queryRaw<{ quantity: number | null }[]>`
        SELECT quantity FROM stock WHERE product_id = ${productId}`;
      return row?.quantity;
    },
    place: (body, headers) => call('POST', '/orders', body, headers),
    asCustomer: (customerId) => runtime.issuer.bearer({ customerId }),
    asOperator,
    get: (url, headers) => call('GET', url, undefined, headers),
    post: (url, body, headers) => call('POST', url, body, headers),
    put: (url, body, headers) => call('PUT', url, body, headers),
    told: async (subject) => {
      const rows = await runtime.database.$queryRaw<{ data: Record<string, unknown> }[]>`
        SELECT data FROM outbox WHERE subject = ${subject} ORDER BY xid, seq`;
      return rows.map(({ data }) => data);
    },
    secondProcess: async () => {
      const database = openDatabase({ url: runtime.config.DATABASE_URL, applicationName: 'test-2' });
      runtime.onClose('second database', database.close);
      const metrics = createMetrics({ service: 'orders', ofProcess: false });
      const other = await process({ ...runtime, database, metrics });
      runtime.onClose('second app', () => other.app.close());
      const otherCall = callsTo(other.app);
      return { deps: other.deps, place: (body, headers) => otherCall('POST', '/orders', body, headers) };
    },
    close: async () => {
      await app.close();
      await runtime.close();
    },
  };
}

const callsTo =
  (app: App) =>
  async (
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
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
