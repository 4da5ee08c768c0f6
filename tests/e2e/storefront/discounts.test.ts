import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { aCategory, aDiscount, aProduct, endDiscount, seenProduct } from '../catalogue.ts';
import { lineOf, orderFor, placedOrder, placeOrder } from '../orders.ts';
import { Order, type Product } from '../storefront-shapes.ts';

/** The product as the shop shows it, once the shop shows this price and orders sells at it. */
async function atPrice(product: Product, price: number): Promise<Product> {
  const seen = await until(async () => {
    const now = await seenProduct(product.id);
    return now.price === price ? now : undefined;
  });
  await until(async () => (await placeOrder(orderFor([lineOf(seen)]))).body.items?.[0]?.price === price);
  return seen;
}

describe('discounts', () => {
  test('percent: shown by the catalogue, taken by the order, recorded on the item', async () => {
    const product = await aProduct({ price: 400 });
    const discount = await aDiscount({ name: 'Весна', type: 'percent', value: 12.5, productId: product.id });
    const seen = await atPrice(product, 350);
    expect(seen).toMatchObject({ price: 350, priceOriginal: 400 });
    expect(seen.discounts).toHaveLength(1);

    const order = Order.parse(await placedOrder(orderFor([lineOf(seen, { quantity: 2 })])));
    expect(order).toMatchObject({ itemsTotal: 700, total: 700 });
    expect(order.items[0]).toMatchObject({
      price: 350,
      priceOriginal: 400,
      discountsApplied: [
        { discountId: discount.id, name: 'Весна', type: 'percent', value: 12.5, priceBefore: 400, priceAfter: 350 },
      ],
    });
  });

  test('fixed: the same', async () => {
    const product = await aProduct({ price: 100 });
    const discount = await aDiscount({ name: 'Мінус тридцять', type: 'fixed', value: 30.5, productId: product.id });
    const seen = await atPrice(product, 69.5);
    const order = await placedOrder(orderFor([lineOf(seen)]));
    expect(order.items[0]?.discountsApplied).toEqual([
      {
        discountId: discount.id,
        name: 'Мінус тридцять',
        type: 'fixed',
        value: 30.5,
        priceBefore: 100,
        priceAfter: 69.5,
      },
    ]);
  });

  test('of a category: reaches products of its sub-categories, and no others', async () => {
    const parent = await aCategory();
    const child = await aCategory({ parentId: parent.id });
    const [inside, outside] = [await aProduct({ price: 200, categoryId: child.id }), await aProduct({ price: 200 })];
    await aDiscount({ type: 'percent', value: 50, categoryId: parent.id });
    await atPrice(inside, 100);
    expect((await seenProduct(outside.id)).price).toBe(200);
  });

  test('a fixed one greater than the price makes it 0, never less', async () => {
    const product = await aProduct({ price: 20 });
    await aDiscount({ type: 'fixed', value: 50, productId: product.id });
    const seen = await atPrice(product, 0);
    expect((await placedOrder(orderFor([lineOf(seen)]))).total).toBe(0);
  });

  test("the catalogue's price before discounts is accepted as well, and the buyer pays the lower one", async () => {
    const product = await aProduct({ price: 80 });
    await aDiscount({ type: 'percent', value: 25, productId: product.id });
    await atPrice(product, 60);
    const order = await placedOrder(orderFor([lineOf(product, { price: 80 })]));
    expect(order.items[0]).toMatchObject({ price: 60, priceOriginal: 80 });
  });

  test('one that has ended counts no more, and orders made with it keep it', async () => {
    const product = await aProduct({ price: 1000 });
    const discount = await aDiscount({ type: 'percent', value: 10, productId: product.id });
    const seen = await atPrice(product, 900);
    const before = await placedOrder(orderFor([lineOf(seen)]));

    await endDiscount(discount.id);
    await atPrice(product, 1000);
    expect((await seenProduct(product.id)).priceOriginal).toBeUndefined();
    const late = await placeOrder(orderFor([lineOf(product, { price: 900 })]));
    expect(late.status).toBe(409);
    expect(late.text).toContain('1000');
    expect(before.items[0]?.discountsApplied).toHaveLength(1);
  });

  test('one that begins tomorrow, and one that ended yesterday, change nothing', async () => {
    const day = 86_400_000;
    const product = await aProduct({ price: 77 });
    await aDiscount({ type: 'percent', value: 10, productId: product.id, from: new Date(Date.now() + day) });
    await aDiscount({
      type: 'percent',
      value: 10,
      productId: product.id,
      from: new Date(Date.now() - 2 * day),
      to: new Date(Date.now() - day),
    });
    await aDiscount({ type: 'fixed', value: 7, productId: product.id });
    await atPrice(product, 70);
  });
});
