import { randomUUID } from 'node:crypto';
import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId, anOrderBody, aProduct } from './builders.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
const sold = aProduct();
beforeAll(async () => {
  shop = await openShop();
  await shop.sell(sold);
});
afterAll(() => shop.close());

const counted = async (work: () => ReturnType<Shop['get']>) => {
  const { result, statements } = await countStatements(shop.runtime, work);
  const { 'x-request-id': _id, date: _date, ...headers } = result.headers;
  return { status: result.status, text: result.text, headers, statements };
};

test('somebody else’s orders look like none: by bytes, headers and statements', async () => {
  const order = anOrderBody([sold]);
  const placed = await shop.place(order);
  expect(placed.status, placed.text).toBe(201);
  const history = (phone: string, clientId: string) =>
    counted(() => shop.get(`/orders/history?${new URLSearchParams({ phone, clientId })}`));
  expect((await history(order.phone, order.clientId)).text).toContain(placed.body._id);
  const nobodys = await history('+380971110000', randomUUID());
  expect(nobodys).toMatchObject({ status: 200, text: '[]' });
  expect(await history(order.phone, randomUUID())).toEqual(nobodys);
  expect(await history('+380971110000', order.clientId)).toEqual(nobodys);
});

test('the account of another sees no order, and answers like an account without any', async () => {
  const [owner, other, empty] = [anId(), anId(), anId()];
  const placed = await shop.place(anOrderBody([sold]), await shop.asCustomer(owner));
  const mine = async (customerId: string, query = '') => {
    const headers = await shop.asCustomer(customerId);
    return counted(() => shop.get(`/me/orders${query}`, headers));
  };
  expect((await mine(owner)).text).toContain(placed.body._id);
  expect(await mine(other)).toEqual(await mine(empty));
});

test('an idempotency key of somebody else opens nothing, whoever tries it', async () => {
  const [owner, other] = [await shop.asCustomer(anId()), await shop.asCustomer(anId())];
  const order = anOrderBody([sold]);
  const key = { 'x-idempotency-key': randomUUID() };
  const first = await shop.place(order, { ...owner, ...key });
  for (const who of [other, {}]) {
    const answer = await shop.place({ ...order, clientId: randomUUID() }, { ...who, ...key });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body._id).not.toBe(first.body._id);
    expect(answer.headers).not.toHaveProperty('idempotent-replayed');
  }
  const again = await shop.place(order, { ...owner, ...key });
  expect(again.text).toBe(first.text);
});
