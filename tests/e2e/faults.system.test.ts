import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aProduct, changeProduct, seenProduct } from './catalogue.ts';
import { messageSaying, messagesTo } from './mailbox.ts';
import { historyOf, lineOf, orderFor, placedOrder, placeOrder, setStock, stockOf, withKey } from './orders.ts';
import { type OwnSystem, startOwnSystem } from './own-system.ts';
import { aCustomer, aRegistration } from './people.ts';
import { type Order, type OrderPage, type Product, refusal } from './storefront-shapes.ts';

let own: OwnSystem;
let product: Product;

beforeAll(async () => {
  own = await startOwnSystem();
  product = await aProduct({ title: 'Лоток', price: 45 }, own.client);
  await placedOrder(orderFor([lineOf(product)]), {}, own.client);
}, 180_000);
afterAll(() => own?.stop(), 60_000);

const place = (body = orderFor([lineOf(product)]), key: string = randomUUID()) =>
  placeOrder<Order>(body, withKey(key), own.client);
/** Asks until somebody is there to answer, as a client that lost the connection does. */
const persistently = <T>(ask: () => Promise<T & { status: number }>) =>
  until(
    async () => {
      const answer = await ask();
      return answer.status < 500 ? answer : undefined;
    },
    { timeoutMs: 60_000 },
  );

describe('orders is killed right after an order is placed', () => {
  test('the order is there, its buyer is told once, and the same key gives the same order', async () => {
    const body = orderFor([lineOf(product)]);
    const key = randomUUID();
    const first = await place(body, key);
    expect(first.status).toBe(201);
    await own.kill('orders');

    await own.ready();
    const again = await persistently(() => place(body, key));
    expect(again.text).toBe(first.text);
    expect((await historyOf(body, own.client)).body).toEqual([first.body]);

    await messageSaying(body.phone, /\S/, own.client);
    // Events of one service keep their order: once a later buyer has been told, nothing earlier is on its way.
    const later = orderFor([lineOf(product)]);
    await persistently(() => place(later));
    await messageSaying(later.phone, /\S/, own.client);
    expect(await messagesTo(body.phone, own.client)).toHaveLength(1);
  });

  test('orders that are under way are placed or not, never half: stock and orders agree', async () => {
    await setStock(product, 1000, own.client);
    const buyer = orderFor([lineOf(product)]);
    const keys = Array.from({ length: 40 }, () => randomUUID());
    const attempts = keys.map((key) => own.client.post('/orders', buyer, withKey(key)).catch(() => undefined));
    await Promise.race(attempts);
    await own.kill('orders');
    await Promise.all(attempts);
    await own.ready();

    for (const key of keys) {
      const { status } = await persistently(() => own.client.post('/orders', buyer, withKey(key)));
      expect(status).toBe(201);
    }
    expect((await historyOf(buyer, own.client)).body).toHaveLength(40);
    expect(await stockOf(product, own.client)).toBe(960);
    await setStock(product, null, own.client);
  });
});

describe('NATS is killed and its disk is lost', () => {
  test('ordering goes on meanwhile; afterwards everybody hears everything, once', async () => {
    const counted = await aProduct({ price: 500 }, own.client);
    await placedOrder(orderFor([lineOf(counted)]), {}, own.client);
    await setStock(counted, 1, own.client);
    await until(async () => (await seenProduct(counted.id, own.client)).inStock);

    await own.loseBroker();
    const meanwhile = orderFor([lineOf(counted)]);
    expect((await place(meanwhile)).status).toBe(201);
    await changeProduct(product, { price: 46 }, own.client);

    own.startBroker();
    await until(async () => (await seenProduct(counted.id, own.client)).inStock === false, { timeoutMs: 60_000 });
    await until(async () => (await place(orderFor([lineOf(product, { price: 46 })]))).status === 201, {
      timeoutMs: 60_000,
    });
    await messageSaying(meanwhile.phone, /\S/, own.client);
    expect(await messagesTo(meanwhile.phone, own.client)).toHaveLength(1);
    await own.ready();
    product = await seenProduct(product.id, own.client);
  });
});

describe('a service is away', () => {
  test('catalog: lists are a 503 in the storefront form, orders are placed all the same', async () => {
    await own.stopService('catalog');
    const list = await own.client.get('/products');
    expect([list.status, list.body]).toEqual([503, refusal(503, expect.any(String))]);
    expect(await own.whatIsAway()).toContain('catalog');
    expect((await place()).status).toBe(201);
    own.startService('catalog');
    await own.ready();
    expect((await own.client.get('/products')).status).toBe(200);
  });

  test('orders: registration succeeds, and the guest orders are attached when it is back', async () => {
    const registration = aRegistration();
    const { phone, clientId } = registration;
    const order = await placedOrder(orderFor([lineOf(product)], { phone, clientId }), {}, own.client);
    await own.stopService('orders');
    expect(await own.whatIsAway()).toContain('orders');
    const refused = await own.client.post('/orders', orderFor([lineOf(product)]));
    expect([refused.status, refused.body]).toEqual([503, refusal(503, expect.any(String))]);

    const person = await aCustomer(registration, own.client);
    own.startService('orders');
    await own.ready();
    await until(async () => {
      const { body } = await own.client.get<OrderPage>('/me/orders', person.auth);
      return body.items.some(({ _id }) => _id === order._id);
    });
  });

  test('identity: who is signed in stays so, and goes on buying', async () => {
    const person = await aCustomer({}, own.client);
    await own.stopService('identity');
    expect(await own.whatIsAway()).toContain('identity');
    const login = await own.client.post('/auth/login', { login: 'ivan', password: 'secret1', clientId: 'b' });
    expect([login.status, login.body]).toEqual([503, refusal(503, expect.any(String))]);
    const order = await own.client.post<Order>('/orders', orderFor([lineOf(product)]), person.auth);
    expect([order.status, order.body.customerId]).toEqual([201, person.customer.id]);
    own.startService('identity');
    await own.ready();
    expect((await own.client.get('/me', person.auth)).status).toBe(200);
  });
});
