import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { aCategory, aDiscount, aProduct, changeProduct, endDiscount, seenProduct } from './catalogue.ts';
import { messageSaying, messagesTo, resetTokenFor } from './mailbox.ts';
import {
  historyOf,
  lineOf,
  moveOrder,
  orderFor,
  placedOrder,
  placeOrder,
  setStock,
  stockOf,
  triesToMove,
  withKey,
} from './orders.ts';
import { aCustomer, aPassword, aRegistration, signIn } from './people.ts';
import { gateway } from './storefront-client.ts';
import type { OrderPage, ProductPage, Refusal } from './storefront-shapes.ts';

const becomes = (productId: string, wish: Partial<{ inStock: boolean; price: number }>) =>
  until(async () => {
    const seen = await seenProduct(productId);
    return Object.entries(wish).every(([key, value]) => seen[key] === value) ? seen : undefined;
  });

test('a guest browses, orders, registers and follows the order; it is cancelled, and its pieces are back in the shop', async () => {
  const category = await aCategory();
  const made = await aProduct({ title: 'Лампа полімеризаційна', price: 10_069, categoryId: category.id });
  await placedOrder(orderFor([lineOf(made)]));
  await setStock(made, 2);
  await becomes(made.id, { inStock: true });

  const found = await gateway.get<ProductPage>(`/products?category=${category.slug}`);
  const [product = made] = found.body.items;
  expect(product).toMatchObject({ id: made.id, price: 10_069, inStock: true });

  const registration = aRegistration();
  const buyer = { phone: registration.phone, clientId: registration.clientId };
  const order = await placedOrder(
    orderFor([lineOf(product, { quantity: 2 })], { ...buyer, name: 'Іван' }),
    withKey(randomUUID()),
  );
  expect(order).toMatchObject({ total: 20_138, status: 'new' });
  expect((await historyOf(buyer)).body).toEqual([order]);
  await messageSaying(buyer.phone, /\S/);
  await becomes(made.id, { inStock: false });
  expect((await placeOrder(orderFor([lineOf(product)]))).status).toBe(409);

  const person = await aCustomer(registration);
  const mine = await gateway.get<OrderPage>('/me/orders', person.auth);
  expect(mine.body.items).toMatchObject([{ _id: order._id, customerId: person.customer.id, status: 'new' }]);

  await moveOrder(order, 'processing');
  const told = async () => [...(await messagesTo(registration.email)), ...(await messagesTo(registration.phone))];
  const afterProcessing = await until(async () => {
    const messages = await told();
    return messages.length >= 2 ? messages : undefined;
  });
  const status = async () => (await gateway.get<OrderPage>('/me/orders', person.auth)).body.items[0]?.status;
  expect(await status()).toBe('processing');

  await moveOrder(order, 'cancelled');
  expect(await status()).toBe('cancelled');
  await until(async () => (await told()).length > afterProcessing.length);
  expect(await stockOf(made)).toBe(2);
  await becomes(made.id, { inStock: true });

  expect(await triesToMove(order, 'cancelled')).toBeLessThan(500);
  expect(await stockOf(made)).toBe(2);
  expect(await triesToMove(order, 'done')).toBe(409);
});

test('an order goes from new over processing to done, and nowhere from there', async () => {
  const product = await aProduct();
  const order = await placedOrder(orderFor([lineOf(product)]));
  expect(await triesToMove(order, 'done')).toBe(409);
  await moveOrder(order, 'processing');
  await moveOrder(order, 'done');
  for (const status of ['new', 'processing', 'cancelled'] as const) {
    expect(await triesToMove(order, status)).toBe(409);
  }
});

test('an operator changes a price: whoever saw the old one is told, and buys at the new one', async () => {
  const product = await aProduct({ title: 'Скейлер', price: 900 });
  const before = await placedOrder(orderFor([lineOf(product)]));
  await changeProduct(product, { price: 950 });

  const refused = await until(async () => {
    const answer = await placeOrder<Refusal>(orderFor([lineOf(product)]));
    return answer.status === 201 ? undefined : answer;
  });
  expect(refused.status).toBe(409);
  expect(refused.body.message).toContain('Скейлер');
  expect(refused.body.message).toContain('950');

  const seen = await becomes(product.id, { price: 950 });
  expect((await placedOrder(orderFor([lineOf(seen)]))).total).toBe(950);
  expect((await historyOf(before)).body).toEqual([before]);
});

test('a discount is switched on and off: the shop shows it, and orders follow', async () => {
  const product = await aProduct({ price: 500 });
  const sellsAt = (price: number) =>
    until(async () => (await placeOrder(orderFor([lineOf(product, { price })]))).body.items?.[0]?.price === price);

  const discount = await aDiscount({ type: 'percent', value: 20, productId: product.id });
  await becomes(product.id, { price: 400 });
  await sellsAt(400);

  await endDiscount(discount.id);
  await becomes(product.id, { price: 500 });
  await sellsAt(500);
  expect((await placeOrder(orderFor([lineOf(product, { price: 400 })]))).status).toBe(409);
});

test('somebody forgets the password, resets it, and their orders are still there', async () => {
  const product = await aProduct();
  const person = await aCustomer();
  const order = await placedOrder(orderFor([lineOf(product)]), person.auth);

  const newPassword = aPassword();
  const token = await resetTokenFor(person.registration.email);
  expect((await gateway.post('/auth/reset-password', { token, newPassword })).status).toBe(201);
  await until(async () => (await gateway.get('/me/orders', person.auth)).status === 401);

  const again = await signIn(person.registration.phone, newPassword);
  const mine = await gateway.get<OrderPage>('/me/orders', { bearer: again.body.tokens.accessToken });
  expect(mine.body.items).toEqual([order]);
});

test('an account is for its owner: a customer is no operator', async () => {
  const { auth } = await aCustomer();
  for (const path of ['/admin/orders', '/admin/products', '/admin/customers']) {
    expect((await gateway.get(path)).status).toBe(401);
    expect([403, 404]).toContain((await gateway.get(path, auth)).status);
  }
});
