import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { aProduct, seenProduct } from './catalogue.ts';
import { historyOf, lineOf, orderFor, placedOrder, placeOrder, setStock, stockOf, withKey } from './orders.ts';
import { aCustomer, aPhone, aRegistration, signIn } from './people.ts';
import { gateway } from './storefront-client.ts';
import type { SignedIn, Tokens } from './storefront-shapes.ts';

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const tally = (answers: { status: number }[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** A product that orders knows and counts. */
async function counted(pieces: number) {
  const product = await aProduct({ price: 100 });
  await placedOrder(orderFor([lineOf(product)]));
  await setStock(product, pieces);
  return product;
}

describe('fifty equal idempotency keys at once', () => {
  test('are one order and fifty equal answers', async () => {
    const product = await counted(50);
    const body = orderFor([lineOf(product)]);
    const call = withKey(randomUUID());
    const answers = await Promise.all(times(50, () => gateway.post('/orders', body, call)));
    expect(tally(answers)).toEqual({ 201: 50 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await historyOf(body)).body).toHaveLength(1);
    expect(await stockOf(product)).toBe(49);
  });

  test('with two bodies among them are one order, and a 409 for the other body', async () => {
    const product = await counted(50);
    const buyer = { phone: aPhone(), clientId: randomUUID() };
    const bodies = [1, 2].map((quantity) => orderFor([lineOf(product, { quantity })], buyer));
    const call = withKey(randomUUID());
    const answers = await Promise.all(times(50, (n) => gateway.post('/orders', bodies[n % 2], call)));
    expect(tally(answers)).toEqual({ 201: 25, 409: 25 });
    expect((await historyOf(buyer)).body).toHaveLength(1);
  });
});

describe('fifty buyers at once', () => {
  test('of five pieces, over two order processes, are five orders and forty-five refusals; nothing is left', async () => {
    const product = await counted(5);
    const answers = await Promise.all(times(50, () => placeOrder(orderFor([lineOf(product)]))));
    expect(tally(answers)).toEqual({ 201: 5, 409: 45 });
    for (const { status, text } of answers) if (status === 409) expect(text).toContain(product.title);
    expect(await stockOf(product)).toBe(0);
    await until(async () => (await seenProduct(product.id)).inStock === false);
  });

  test('with two lines of the product each never get more than there is', async () => {
    const product = await counted(7);
    const lines = [lineOf(product), lineOf(product, { quantity: 2 })];
    const answers = await Promise.all(times(20, () => placeOrder(orderFor(lines))));
    expect(tally(answers)).toEqual({ 201: 2, 409: 18 });
    expect(await stockOf(product)).toBe(1);
  });

  test('of two products in opposite order do not stop each other for ever', async () => {
    const [one, other] = [await counted(20), await counted(20)];
    const baskets = [
      [lineOf(one), lineOf(other)],
      [lineOf(other), lineOf(one)],
    ];
    const answers = await Promise.all(times(40, (n) => placeOrder(orderFor(baskets[n % 2] ?? []))));
    expect(tally(answers)).toEqual({ 201: 20, 409: 20 });
    expect([await stockOf(one), await stockOf(other)]).toEqual([0, 0]);
  });
});

describe('one refresh token', () => {
  test('used by two tabs, ten times each, is one new pair, and nobody is thrown out', async () => {
    const { tokens } = await aCustomer();
    const answers = await Promise.all(
      times(20, () => gateway.post<Tokens>('/auth/refresh', { refreshToken: tokens.refreshToken })),
    );
    expect(tally(answers)).toEqual({ 201: 20 });
    const pairs = new Set(answers.map(({ body }) => body.refreshToken));
    expect(pairs.size).toBe(1);
    const [next = ''] = pairs;
    expect((await gateway.post('/auth/refresh', { refreshToken: next })).status).toBe(201);
    for (const { body } of answers) {
      expect((await gateway.get('/me', { bearer: body.accessToken })).status).toBe(200);
    }
  });
});

describe('one e-mail, registered twenty times at once', () => {
  test('is one account; everybody else hears that it is taken', async () => {
    const { email } = aRegistration();
    const registrations = times(20, () => aRegistration({ email }));
    const answers = await Promise.all(registrations.map((body) => gateway.post<SignedIn>('/auth/register', body)));
    expect(tally(answers)).toEqual({ 201: 1, 409: 19 });
    const winner = registrations[answers.findIndex(({ status }) => status === 201)];
    expect((await signIn(email, winner?.password ?? '')).body.customer.phone).toBe(winner?.phone);
  });

  test('and so is one phone, however it is spelt', async () => {
    const { phone } = aRegistration();
    const spellings = [phone, `0${phone.slice(4)}`, phone.replace('+', '00')];
    const answers = await Promise.all(
      times(12, (n) => gateway.post('/auth/register', aRegistration({ phone: spellings[n % 3] ?? phone }))),
    );
    expect(tally(answers)).toEqual({ 201: 1, 409: 11 });
  });
});

describe('a guest who orders while registering', () => {
  test('finds every order in the account or in the history, none in neither', async () => {
    const product = await counted(50);
    const registration = aRegistration();
    const buyer = { phone: registration.phone, clientId: registration.clientId };
    const [registered, ...orders] = await Promise.all([
      gateway.post<SignedIn>('/auth/register', registration),
      ...times(10, () => placeOrder(orderFor([lineOf(product)], buyer))),
    ]);
    expect(registered.status).toBe(201);
    const bearer = registered.body.tokens.accessToken;
    await until(async () => {
      const mine = await gateway.get<{ items: { _id: string }[] }>('/me/orders?limit=100', { bearer });
      const ids = new Set([...mine.body.items, ...(await historyOf(buyer)).body].map(({ _id }) => _id));
      return orders.every(({ body }) => ids.has(body._id));
    });
  });
});
