import { orderPlaced, stockChanged } from '@forecourt/contracts';
import { lockAggregate } from '@forecourt/messaging';
import { countStatements, until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrderBody, aProduct } from '../../test/builders.ts';
import { type Answer, openShop, type Shop } from '../../test/shop.ts';
import { saveOffers } from '../offer/store.ts';
import { placeOrder } from './service.ts';

let shop: Shop;
let other: Pick<Shop, 'place' | 'deps'>;

beforeAll(async () => {
  shop = await openShop();
  other = await shop.secondProcess();
});
afterAll(() => shop.close());

const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const withStatus = (answers: readonly Answer[], status: number) => answers.filter((answer) => answer.status === status);
const processOf = (index: number) => (index % 2 === 0 ? shop : other);

describe('stock', () => {
  test('of 5 pieces, 50 buyers over two processes get exactly 5', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.count(product, 5);
    const answers = await times(50, (index) => processOf(index).place(anOrderBody([product])));

    expect(withStatus(answers, 201)).toHaveLength(5);
    const refused = withStatus(answers, 409);
    expect(refused).toHaveLength(45);
    for (const { body } of refused) expect(body.message).toBe('Недостатньо товару «Бор 801»: залишилося 0');
    expect(await shop.left(product)).toBe(0);
  });

  test('of 5 pieces, two lines of 2 and 2 leave 1, and one piece too many takes none', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.count(product, 5);
    const line = { productId: product.productId, sku: product.sku, price: 350 };
    const order = (...quantities: number[]) =>
      shop.place(anOrderBody([], { items: quantities.map((quantity) => ({ ...line, quantity })) }));

    expect((await order(3, 3)).status).toBe(409);
    expect(await shop.left(product)).toBe(5);
    expect((await order(2, 2)).status).toBe(201);
    expect(await shop.left(product)).toBe(1);
    expect((await order(1, 1)).body.message).toContain('залишилося 1');
  });

  test('an order of two products takes both or neither', async () => {
    const [plenty, scarce] = [aProduct(), aProduct()];
    await shop.sell(plenty, scarce);
    await shop.count(plenty, 100);
    await shop.count(scarce, 3);
    const answers = await times(20, (index) =>
      processOf(index).place(anOrderBody(index % 3 === 0 ? [plenty, scarce] : [scarce, plenty])),
    );
    expect(withStatus(answers, 201)).toHaveLength(3);
    expect(withStatus(answers, 409)).toHaveLength(17);
    expect([await shop.left(plenty), await shop.left(scarce)]).toEqual([97, 0]);
  });

  test('of all the pieces that are sold at once only the last is told, as the next version', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.count(product, 20);
    const answers = await times(30, (index) => processOf(index).place(anOrderBody([product])));
    expect(withStatus(answers, 201)).toHaveLength(20);

    const levels = (await shop.told(stockChanged.subject))
      .map((data) => stockChanged.data.parse(data))
      .filter(({ productId }) => productId === product.productId);
    expect(levels).toMatchObject([
      { version: 1, quantity: 20, inStock: true },
      { version: 2, quantity: 0, inStock: false },
    ]);
  });

  test('an order waits for the lock of the stock before it has a transaction id', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.count(product, 5);
    const { database } = shop.runtime;
    const waiting = () => database.$queryRaw<{ xid: string | null }[]>`
      SELECT backend_xid::text AS xid FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event = 'advisory' AND state = 'active'`;

    let placing: Promise<Answer> | undefined;
    await database.transaction(async (tx) => {
      await lockAggregate(tx, 'stock', product.productId);
      placing = shop.place(anOrderBody([product]), { 'x-idempotency-key': 'waits' });
      expect(await until(async () => (await waiting())[0])).toEqual({ xid: null });
    });
    expect((await placing)?.status).toBe(201);
  });
});

describe('an idempotency key', () => {
  test('of 50 equal orders at once, over two processes, one is placed and all are answered the same', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.count(product, 50);
    const body = anOrderBody([product]);
    const key = { 'x-idempotency-key': 'fifty at once' };
    const answers = await times(50, (index) => processOf(index).place(body, key));

    expect(withStatus(answers, 201)).toHaveLength(50);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(49);
    expect(await shop.left(product)).toBe(49);
  });

  test('of 20 different orders at once, one is placed and the others are told so', async () => {
    const product = aProduct();
    await shop.sell(product);
    const answers = await times(20, (index) =>
      processOf(index).place(anOrderBody([product], { comment: `order ${index}` }), { 'x-idempotency-key': 'twenty' }),
    );
    expect(withStatus(answers, 201)).toHaveLength(1);
    expect(withStatus(answers, 409)).toHaveLength(19);
  });
});

test('while a price changes all the time, every order has one price that was true, and its event says the same', async () => {
  const product = aProduct({ price: 100n });
  await shop.sell(product);
  let version = 1;
  const changing = (async () => {
    for (; version < 40; version += 1) {
      const next = { ...product, version: version + 1, price: version % 2 === 0 ? 100n : 200n };
      await saveOffers(shop.runtime.database, [next]);
    }
  })();
  const lines = [1, 2].map(() => ({ productId: product.productId, sku: product.sku, quantity: 1, price: 1 }));
  const answers = await times(40, (index) => processOf(index).place(anOrderBody([], { items: lines })));
  await changing;

  const placed = withStatus(answers, 201);
  expect(placed.length + withStatus(answers, 409).length + withStatus(answers, 503).length).toBe(40);
  for (const { body } of placed) expect(body).toMatchObject({ total: 2, items: [{ price: 1 }, { price: 1 }] });
});

test('a number that is taken is drawn again', async () => {
  const product = aProduct();
  await shop.sell(product);
  const numbers = ['AAAA-AAAA', 'AAAA-AAAA', 'BBBB-BBBB'];
  const { deps } = shop;
  const drawing = { ...deps, newOrderNumber: () => numbers.shift() ?? 'none left' };
  const request = {
    customerId: null,
    phone: '+380971112233',
    clientId: 'numbers',
    name: null,
    comment: null,
    language: 'uk' as const,
    lines: [{ productId: product.productId, sku: product.sku, quantity: 1, price: product.price, options: {} }],
    deliveryFee: null,
    intention: null,
  };
  expect((await placeOrder(drawing, request)).order.number).toBe('AAAA-AAAA');
  expect((await placeOrder(drawing, request)).order.number).toBe('BBBB-BBBB');
});

describe('orders that come together', () => {
  test('share their statements, and each gets its own answer', async () => {
    const products = Array.from({ length: 8 }, () => aProduct());
    await shop.sell(...products);
    const { result, statements } = await countStatements(shop.runtime, () =>
      Promise.all(products.map((product, index) => shop.place(anOrderBody([product], { comment: `order ${index}` })))),
    );
    expect(result.map(({ body }) => [body.items[0].productId, body.comment])).toEqual(
      products.map(({ productId }, index) => [productId, `order ${index}`]),
    );
    expect(new Set(result.map(({ body }) => body._id)).size).toBe(8);
    expect(statements.length).toBeLessThanOrEqual(8);
  });

  test('do not fail for one another: too few pieces, a price that moved, a key that is taken', async () => {
    const [good, scarce, moved, keyed] = [aProduct(), aProduct(), aProduct(), aProduct()];
    await shop.sell(good, scarce, moved, keyed);
    await shop.count(scarce, 1);
    const key = { 'x-idempotency-key': 'together' };
    const body = anOrderBody([keyed]);
    const first = await shop.place(body, key);
    // remembered by this process: what comes next is stored without a look, and must be refused by the statement
    await Promise.all([good, moved].map((product) => shop.place(anOrderBody([product]))));
    expect((await shop.place(anOrderBody([scarce]))).status).toBe(201);
    await shop.sell({ ...moved, version: moved.version + 1, price: moved.price + 100n });

    const answers = await Promise.all([
      shop.place(anOrderBody([good])),
      shop.place(anOrderBody([scarce])),
      shop.place(anOrderBody([moved])),
      shop.place(body, key),
      shop.place(anOrderBody([good])),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 409, 409, 201, 201]);
    expect(answers[3]?.text).toBe(first.text);
    expect(await shop.left(scarce)).toBe(0);
  });

  test('each tell their own event, and leave their own history', async () => {
    const products = Array.from({ length: 5 }, () => aProduct());
    await shop.sell(...products);
    const placed = await Promise.all(products.map((product) => shop.place(anOrderBody([product]))));
    const told = await shop.told(orderPlaced.subject);
    const operator = await shop.asOperator();
    for (const { body } of placed) {
      expect(told.filter(({ orderId }) => orderId === body._id)).toMatchObject([
        { items: [{ productId: body.items[0].productId }], placedAt: body.createdAt },
      ]);
      const { body: order } = await shop.get(`/admin/orders/${body._id}`, operator);
      expect(order.history).toMatchObject([{ what: 'placed' }]);
    }
  });
});
