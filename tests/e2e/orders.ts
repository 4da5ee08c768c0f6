import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { expect } from 'vitest';
import { operate, operatorReads, operatorTries } from './operator.ts';
import { aPhone } from './people.ts';
import { type Answer, type Call, gateway, type HttpClient } from './storefront-client.ts';
import type { Order, Product } from './storefront-shapes.ts';

export interface OrderLine {
  productId: string;
  sku: string;
  quantity: number;
  price: number;
  title?: string;
  options?: Record<string, string | number>;
  manufacturerId?: string;
  countryId?: string;
  unit?: string;
}

export interface OrderBody {
  phone: string;
  clientId: string;
  items: OrderLine[];
  deliveryFee?: number;
  name?: string;
  comment?: string;
}

/** One line of an order, at the price that the catalogue shows. */
export const lineOf = ({ id, sku, price }: Product, wishes: Partial<OrderLine> = {}): OrderLine => ({
  productId: id,
  sku,
  quantity: 1,
  price,
  ...wishes,
});

/** What the shop's page would send for these lines, from somebody nobody has seen before. */
export const orderFor = (items: OrderLine[], wishes: Partial<OrderBody> = {}): OrderBody => ({
  phone: aPhone(),
  clientId: randomUUID(),
  items,
  ...wishes,
});

export const withKey = (key: string, call: Call = {}): Call => ({
  ...call,
  headers: { ...call.headers, 'x-idempotency-key': key },
});

/**
 * `POST /orders`. Where the answer is the honest "prices are being updated" (503), which a product made a moment ago may
 * get until its event has come, it asks again, as a shop would.
 */
export const placeOrder = <Body = Order>(
  body: unknown,
  call?: Call,
  client: HttpClient = gateway,
): Promise<Answer<Body>> =>
  until(
    async () => {
      const answer = await client.post<Body>('/orders', body, call);
      return answer.status === 503 ? undefined : answer;
    },
    { timeoutMs: 20_000, message: 'orders did not learn of the product' },
  );

/** An order that must succeed. */
export async function placedOrder(body: OrderBody, call?: Call, client: HttpClient = gateway): Promise<Order> {
  const answer = await placeOrder(body, call, client);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

export const historyOf = ({ phone, clientId }: Pick<OrderBody, 'phone' | 'clientId'>, client: HttpClient = gateway) =>
  client.get<Order[]>(`/orders/history?${new URLSearchParams({ phone, clientId })}`);

/** How many are left, from now on; null: not counted. */
export const setStock = (
  { id }: { id: string },
  quantity: number | null,
  client: HttpClient = gateway,
): Promise<unknown> => operate('put', `/admin/stock/${id}`, { quantity }, client);

interface StockLine {
  productId: string;
  quantity: number | null;
}

export async function stockOf({ id, sku }: Product, client: HttpClient = gateway): Promise<number | null> {
  const { items } = await operatorReads<{ items: StockLine[] }>(`/admin/stock?q=${sku}`, client);
  const line = items.find(({ productId }) => productId === id);
  expect(line, `orders knows ${sku}`).toBeDefined();
  return line?.quantity ?? null;
}

export const moveOrder = (
  order: Pick<Order, '_id'>,
  to: Order['status'],
  client: HttpClient = gateway,
): Promise<unknown> => operate('post', movePath(order), { to }, client);

/** The status that the operator hears. */
export const triesToMove = async (order: Pick<Order, '_id'>, to: Order['status']): Promise<number> =>
  (await operatorTries('post', movePath(order), { to })).status;

const movePath = ({ _id }: Pick<Order, '_id'>) => `/admin/orders/${_id}/move`;
