import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { aProduct } from '../catalogue.ts';
import { historyOf, lineOf, orderFor, placeOrder, withKey } from '../orders.ts';
import { aCustomer } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { type OrderPage, type Product, refusal } from '../storefront-shapes.ts';

let product: Product;
beforeAll(async () => {
  product = await aProduct({ price: 199.99 });
});

describe('X-Idempotency-Key', () => {
  test('the same key again is the same order, byte for byte, and makes no second one', async () => {
    const body = orderFor([lineOf(product)]);
    const call = withKey(randomUUID());
    const first = await placeOrder(body, call);
    const again = await placeOrder(body, call);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect((await historyOf(body)).body).toHaveLength(1);
  });

  test('a body with its fields in another order is the same body', async () => {
    const body = orderFor([lineOf(product)]);
    const call = withKey(randomUUID());
    const first = await placeOrder(body, call);
    const again = await placeOrder(Object.fromEntries(Object.entries(body).reverse()), call);
    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  test('the same key with another body is a 409', async () => {
    const body = orderFor([lineOf(product)]);
    const call = withKey(randomUUID());
    await placeOrder(body, call);
    const other = await placeOrder({ ...body, items: [lineOf(product, { quantity: 2 })] }, call);
    expect([other.status, other.body]).toEqual([409, refusal(409, expect.any(String))]);
    expect((await historyOf(body)).body).toHaveLength(1);
  });

  test('another guest with the same key has an order of their own', async () => {
    const call = withKey(randomUUID());
    const [one, other] = [orderFor([lineOf(product)]), orderFor([lineOf(product)])];
    const first = await placeOrder(one, call);
    const second = await placeOrder(other, call);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body._id).not.toBe(first.body._id);
    expect(second.body.phone).toBe(other.phone);
  });

  test('another customer with the same key has an order of their own, also with the same body', async () => {
    const call = withKey(randomUUID());
    const body = orderFor([lineOf(product)]);
    const [one, other] = await Promise.all([aCustomer(), aCustomer()]);
    const orders = [];
    for (const { auth } of [one, other]) orders.push((await placeOrder(body, { ...call, ...auth })).body);
    expect(orders.map(({ customerId }) => customerId)).toEqual([one.customer.id, other.customer.id]);
    for (const { auth } of [one, other]) {
      expect((await gateway.get<OrderPage>('/me/orders', auth)).body.total).toBe(1);
    }
  });

  test('a refusal does not use the key up', async () => {
    const call = withKey(randomUUID());
    const body = orderFor([lineOf(product)]);
    expect((await placeOrder({ ...body, items: [lineOf(product, { price: 1 })] }, call)).status).toBe(409);
    expect((await placeOrder(body, call)).status).toBe(201);
  });

  test('two orders without a key are two orders', async () => {
    const body = orderFor([lineOf(product)]);
    await placeOrder(body);
    await placeOrder(body);
    expect((await historyOf(body)).body).toHaveLength(2);
  });

  test('a key of 128 characters is accepted, one of 129 is a 400', async () => {
    const body = orderFor([lineOf(product)]);
    expect((await placeOrder(body, withKey('k'.repeat(128)))).status).toBe(201);
    const { status, body: answer } = await placeOrder(body, withKey('k'.repeat(129)));
    expect([status, answer]).toEqual([400, refusal(400, expect.anything())]);
  });
});
