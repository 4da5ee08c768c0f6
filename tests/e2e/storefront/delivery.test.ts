import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aProduct } from '../catalogue.ts';
import { operate } from '../operator.ts';
import { lineOf, orderFor, placedOrder, placeOrder } from '../orders.ts';
import { type Product, refusal } from '../storefront-shapes.ts';

const setDelivery = (fee: number | null, freeFrom: number | null = null) =>
  operate('put', '/admin/delivery-settings', { fee, freeFrom });

describe('the delivery fee', () => {
  let product: Product;
  beforeAll(async () => {
    product = await aProduct({ price: 300 });
    await placedOrder(orderFor([lineOf(product)]));
  });
  afterAll(() => setDelivery(null));

  test('is the one that was sent, or 0, while the shop has no settings', async () => {
    await setDelivery(null);
    expect((await placedOrder(orderFor([lineOf(product)], { deliveryFee: 65.5 }))).total).toBe(365.5);
    expect((await placedOrder(orderFor([lineOf(product)]))).deliveryFee).toBe(0);
  });

  test("follows the shop's settings when there are any; another one is a 409 that says what it is now", async () => {
    await setDelivery(80);
    expect((await placedOrder(orderFor([lineOf(product)], { deliveryFee: 80 }))).total).toBe(380);
    const { status, body, text } = await placeOrder(orderFor([lineOf(product)], { deliveryFee: 10 }));
    expect([status, body]).toEqual([409, refusal(409, expect.any(String))]);
    expect(text).toContain('80');
  });

  test('is nothing from the amount on that the shop has set', async () => {
    await setDelivery(80, 600);
    const order = await placedOrder(orderFor([lineOf(product, { quantity: 2 })], { deliveryFee: 0 }));
    expect(order).toMatchObject({ deliveryFee: 0, total: 600 });
  });
});
