import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { SeededProduct } from '../evidence.ts';
import type { About, OperationKind, Outcome, Recorder } from '../history.ts';
import { until } from '../until.ts';

export interface Answer {
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly body: Record<string, unknown>;
}

export interface Customer {
  readonly id: string;
  readonly session: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface Order {
  readonly id: string;
  readonly request: OrderRequest;
}

export interface OrderRequest {
  readonly phone: string;
  readonly clientId: string;
  readonly items: readonly { productId: string; sku: string; quantity: number; price: number }[];
}

/** The hands of a few customers and an operator, whose every move is remembered. */
export interface Shop {
  readonly products: readonly SeededProduct[];
  readonly startStock: ReadonlyMap<string, number>;
  readonly operatorToken: string;
  /** Something new to sell, and so many of it. */
  product(stock: number): Promise<SeededProduct>;
  /** A package at so much a month; gives its number. */
  package(price: number): Promise<number>;
  /** Sends what a guest wants, under a key of its own unless told, and waits for whatever comes of it. */
  place(request: OrderRequest, key?: string): Promise<Answer>;
  /** An order that must be accepted. */
  order(product: SeededProduct): Promise<Order>;
  move(order: Order, to: 'processing' | 'cancelled'): Promise<Answer>;
  changePrice(product: SeededProduct, price: number): Promise<void>;
  customer(): Promise<Customer>;
  refresh(refreshToken: string, session: string): Promise<Answer>;
  logOut(customer: Customer): Promise<Answer>;
  myOrders(customer: Customer): Promise<Answer>;
}

export const wish = ({ id, sku, price }: SeededProduct): OrderRequest => ({
  phone: `+38067${String(randomInt(10_000_000)).padStart(7, '0')}`,
  clientId: randomUUID(),
  items: [{ productId: id, sku, quantity: 1, price }],
});

const unique = () => randomBytes(5).toString('hex');
const timeoutMs = 15_000;
const operator = { login: 'operator@forecourt.local', password: 'operator-demo', clientId: 'sabotage' };

interface Call {
  readonly token?: string;
  readonly key?: string;
  readonly about?: About;
  /** Of a successful answer: what it told. */
  learn?(body: Record<string, unknown>): About;
}

export async function openShop(gateway: string, history: Recorder): Promise<Shop> {
  const products: SeededProduct[] = [];
  const startStock = new Map<string, number>();

  async function call(
    kind: OperationKind,
    [method, path]: readonly [method: string, path: string],
    request?: unknown,
    { token, key, about = {}, learn }: Call = {},
  ): Promise<Answer> {
    const end = history.invoke({ kind, about, ...(request !== undefined && { request }) });
    try {
      const response = await fetch(new URL(path, gateway), {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          ...(request !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(key !== undefined && { 'x-idempotency-key': key }),
        },
        ...(request !== undefined && { body: JSON.stringify(request) }),
      });
      const { status } = response;
      const reply = await response.text();
      const outcome = status < 300 ? 'ok' : status < 500 ? 'fail' : 'unknown';
      const body = reply.startsWith('{') ? (JSON.parse(reply) as Record<string, unknown>) : {};
      const replayed = response.headers.get('idempotent-replayed') === 'true';
      end({ outcome, status, reply, replayed, ...(outcome === 'ok' && learn && { about: learn(body) }) });
      return { outcome, status, body };
    } catch (error) {
      end({ outcome: 'unknown', status: null, error: String(error) });
      return { outcome: 'unknown', status: null, body: {} };
    }
  }

  const signedIn = await call('login', ['POST', '/auth/login'], operator);
  const operatorToken = tokensOf(signedIn).accessToken;
  const asOperator = { token: operatorToken };

  async function product(stock: number): Promise<SeededProduct> {
    const sku = `SKU-${unique()}`;
    const price = 100 + products.length;
    const fields = { sku, slug: sku.toLowerCase(), title: { uk: sku }, price, categoryId };
    const { body } = await must(call('change-product', ['POST', '/admin/products'], fields, asOperator));
    const made = { id: String(body.id), sku, price, stock: 'counted' } as const;
    // Orders may not have heard of it yet.
    const count = () => call('set-stock', ['PUT', `/admin/stock/${made.id}`], { quantity: stock }, asOperator);
    await until(async () => (await count()).outcome === 'ok', 'a count');
    products.push(made);
    startStock.set(made.id, stock);
    return made;
  }

  const category = { slug: `category-${unique()}`, name: { uk: 'Усе' } };
  const categoryId = (await must(call('change-product', ['POST', '/admin/categories'], category, asOperator))).body.id;

  const place = (request: OrderRequest, key: string = randomUUID()) =>
    call('place', ['POST', '/orders'], request, { key, about: { idempotencyKey: key } });

  return {
    products,
    startStock,
    operatorToken,
    product,
    async package(price) {
      const terms = { period: { unit: 'month', count: 1 }, renews: true, line: null, contents: [] };
      const fields = { sku: `NET-${unique()}`, title: { uk: 'Інтернет' }, price, categoryId, package: terms };
      const { body } = await must(call('change-product', ['POST', '/admin/products'], fields, asOperator));
      return Number(body.number);
    },
    place,
    async order(of) {
      const request = wish(of);
      let answer: Answer | undefined;
      const isPlaced = async () => {
        answer = await place(request);
        return answer.outcome === 'ok';
      };
      await until(isPlaced, 'an order', { timeoutMs: 20_000 });
      return { id: String(answer?.body._id), request };
    },
    move: ({ id: orderId }, to) =>
      call('move', ['POST', `/admin/orders/${orderId}/move`], { to }, { ...asOperator, about: { orderId, to } }),
    async changePrice({ id: productId }, price) {
      const about = { productId, price };
      await must(
        call('change-product', ['PATCH', `/admin/products/${productId}`], { price }, { ...asOperator, about }),
      );
    },
    async customer() {
      const { phone, clientId } = wish({ id: '', sku: '', price: 0, stock: 'endless' });
      const body = { phone, clientId, email: `${unique()}@example.com`, password: `пароль-${unique()}`, name: 'Іван' };
      const answer = await must(call('register', ['POST', '/auth/register'], body));
      const tokens = tokensOf(answer);
      return { id: (answer.body.customer as { id: string }).id, session: sessionOf(tokens.accessToken), ...tokens };
    },
    refresh: (refreshToken, session) =>
      call('refresh', ['POST', '/auth/refresh'], { refreshToken }, { about: { refreshToken, session } }),
    logOut: ({ accessToken, session }) =>
      call('logout', ['POST', '/auth/logout'], undefined, { token: accessToken, about: { session } }),
    myOrders: ({ accessToken, session, id: customerId }) =>
      call('list-orders', ['GET', '/me/orders'], undefined, { token: accessToken, about: { session, customerId } }),
  };
}

async function must(answering: Promise<Answer>): Promise<Answer> {
  const answer = await answering;
  if (answer.outcome !== 'ok') throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}

function tokensOf({ status, body }: Answer): Pick<Customer, 'accessToken' | 'refreshToken'> {
  const { tokens } = body as { tokens?: Pick<Customer, 'accessToken' | 'refreshToken'> };
  if (!tokens) throw new Error(`nobody was signed in: ${status} ${JSON.stringify(body)}`);
  return { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken };
}

const sessionOf = (accessToken: string): string =>
  (JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid;
