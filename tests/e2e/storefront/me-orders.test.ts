import { beforeAll, describe, expect, test } from 'vitest';
import { aProduct } from '../catalogue.ts';
import { lineOf, orderFor, placedOrder } from '../orders.ts';
import { aCustomer, aRegistration, type Person } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { type Order, OrderPage, type Product, type Refusal, refusal } from '../storefront-shapes.ts';

let product: Product;
beforeAll(async () => {
  product = await aProduct({ price: 10_069 });
});

const ordersOf = ({ auth }: Person, query = '') => gateway.get<OrderPage>(`/me/orders${query}`, auth);

describe('GET /me/orders', () => {
  let buyer: Person;
  const newestFirst: Order[] = [];

  beforeAll(async () => {
    buyer = await aCustomer();
    for (let n = 1; n <= 5; n++) {
      newestFirst.unshift(await placedOrder(orderFor([lineOf(product, { quantity: n })]), buyer.auth));
    }
  });

  test('is a page of all orders, newest first; page 1 of 20 when nothing is asked for', async () => {
    const { status, body } = await ordersOf(buyer);
    expect(status).toBe(200);
    expect(OrderPage.parse(body)).toEqual({ items: newestFirst, page: 1, limit: 20, total: 5 });
  });

  test.each([
    [1, 2, 0, 2],
    [2, 2, 2, 4],
    [3, 2, 4, 5],
    [4, 2, 5, 5],
    [1, 100, 0, 5],
    [1, 1, 0, 1],
  ])('page %i of %i orders each', async (page, limit, from, to) => {
    const { body } = await ordersOf(buyer, `?page=${page}&limit=${limit}`);
    expect(body).toEqual({ items: newestFirst.slice(from, to), page, limit, total: 5 });
  });

  test.each([
    ['page', 'page=0'],
    ['page', 'page=-1'],
    ['page', 'page=one'],
    ['page', 'page=1.5'],
    ['page', 'page=99999999999999999999'],
    ['limit', 'limit=0'],
    ['limit', 'limit=-1'],
    ['limit', 'limit=101'],
    ['limit', 'limit=many'],
    ['limit', 'limit=1&limit=2'],
  ])('a bad %s is a 400 that names it: %s', async (field, query) => {
    const { status, body } = await gateway.get<Refusal<string[]>>(`/me/orders?${query}`, buyer.auth);
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, expect.arrayContaining([expect.stringMatching(`^${field} `)])));
  });

  test("shows nobody else's orders", async () => {
    expect((await ordersOf(await aCustomer())).body).toEqual({ items: [], page: 1, limit: 20, total: 0 });
  });

  test.each([[{}], [{ bearer: 'garbage' }]])('is a 401 with %j', async (call) => {
    const { status, body } = await gateway.get('/me/orders', call);
    expect([status, body]).toEqual([401, refusal(401, expect.any(String))]);
  });
});

describe('guest orders of somebody who registers', () => {
  const guest = () => {
    const { phone, clientId } = aRegistration();
    return { phone, clientId };
  };

  test('are theirs right behind the answer to register', async () => {
    const browser = guest();
    const first = await placedOrder(orderFor([lineOf(product)], browser));
    const second = await placedOrder(orderFor([lineOf(product, { quantity: 2 })], browser));

    const buyer = await aCustomer(browser);
    const { body } = await ordersOf(buyer);
    expect(body.total).toBe(2);
    expect(body.items.map(({ _id, customerId, total }) => ({ _id, customerId, total }))).toEqual([
      { _id: second._id, customerId: buyer.customer.id, total: second.total },
      { _id: first._id, customerId: buyer.customer.id, total: first.total },
    ]);
  });

  test('are found by the phone in whatever way it was spelt', async () => {
    const browser = guest();
    await placedOrder(orderFor([lineOf(product)], { ...browser, phone: `0${browser.phone.slice(4)}` }));
    expect((await ordersOf(await aCustomer(browser))).body.total).toBe(1);
  });

  test('stay where they are when only the phone, or only the clientId, is theirs', async () => {
    const [one, other] = [guest(), guest()];
    await placedOrder(orderFor([lineOf(product)], { phone: one.phone, clientId: other.clientId }));
    await placedOrder(orderFor([lineOf(product)], { phone: guest().phone, clientId: one.clientId }));
    expect((await ordersOf(await aCustomer(one))).body.total).toBe(0);
  });
});
