import { orderChanged, stockChanged } from '@forecourt/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anId, anOrderBody, aProduct } from '../../test/builders.ts';
import { openShop, type Shop } from '../../test/shop.ts';
import { moveOrder } from '../order/service.ts';

let shop: Shop;
let staff: Record<string, string>;
const bur = aProduct();

beforeAll(async () => {
  shop = await openShop();
  staff = await shop.asOperator();
  await shop.sell(bur);
});
afterAll(() => shop.close());
beforeEach(() => shop.runtime.clock.advance(1_000));

const place = async (wishes: object = {}, headers?: Record<string, string>) =>
  (await shop.place(anOrderBody([bur], wishes), headers)).body._id as string;
const move = (orderId: string, to: string, reason?: string) =>
  shop.post(`/admin/orders/${orderId}/move`, { to, ...(reason && { reason }) }, staff);

test.each([
  ['GET', '/admin/orders'],
  ['GET', '/admin/orders/65f1a2b3c4d5e6f7a8b9c001'],
  ['POST', '/admin/orders/65f1a2b3c4d5e6f7a8b9c001/move'],
  ['GET', '/admin/stock'],
  ['PUT', '/admin/stock/65f1a2b3c4d5e6f7a8b9c001'],
  ['POST', '/admin/stock/import'],
  ['GET', '/admin/delivery-settings'],
  ['PUT', '/admin/delivery-settings'],
] as const)('%s %s is for operators alone', async (method, url) => {
  const customer = await shop.asCustomer(anId());
  const statusFor = async (headers: Record<string, string>) =>
    (await shop.app.inject({ method, url, headers })).statusCode;
  expect(await statusFor({})).toBe(401);
  expect(await statusFor(customer)).toBe(403);
});

describe('orders', () => {
  test('are found by status, phone, number, customer and time', async () => {
    const customerId = anId();
    const before = shop.runtime.clock();
    shop.runtime.clock.advance(5_000);
    const mine = await place({ phone: '+380509998877' }, await shop.asCustomer(customerId));
    await move(mine, 'processing');
    shop.runtime.clock.advance(5_000);
    const after = shop.runtime.clock();
    await place();

    const find = async (query: Record<string, string>) => {
      const { status, body } = await shop.get(`/admin/orders?${new URLSearchParams(query)}`, staff);
      expect(status).toBe(200);
      return body.items.map(({ id }: { id: string }) => id);
    };
    const { number } = (await shop.get(`/admin/orders/${mine}`, staff)).body;
    expect(await find({ status: 'processing' })).toEqual([mine]);
    expect(await find({ phone: '050 999 88 77' })).toEqual([mine]);
    expect(await find({ number: number.toLowerCase() })).toEqual([mine]);
    expect(await find({ customerId })).toEqual([mine]);
    expect(await find({ from: before.toISOString(), to: after.toISOString() })).toEqual([mine]);
    expect(await find({ status: 'done' })).toEqual([]);
  });

  test('are listed newest first in pages that join up while new ones come in', async () => {
    for (let index = 0; index < 4; index += 1) {
      await place();
      shop.runtime.clock.advance(1_000);
    }
    const all = (await shop.get('/admin/orders?limit=100', staff)).body;
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const { items, next } = (await shop.get(`/admin/orders?limit=3${after}`, staff)).body;
      seen.push(...items.map(({ id }: { id: string }) => id));
      if (!next) break;
      after = `&after=${next}`;
      await place();
    }
    expect(seen).toEqual(all.items.map(({ id }: { id: string }) => id));
  });

  test('are read with their history, and never with the key of a guest’s browser', async () => {
    const orderId = await place({ clientId: 'secret-browser' });
    await move(orderId, 'processing');
    shop.runtime.clock.advance(60_000);
    await move(orderId, 'cancelled', 'Покупець передумав');

    const { status, body, text } = await shop.get(`/admin/orders/${orderId}`, staff);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: orderId, status: 'cancelled', version: 3, customerId: null, total: 350 });
    const by = expect.stringMatching(/^[0-9a-f]{24}$/);
    expect(body.history).toMatchObject([
      { what: 'placed', status: 'new', by: null, reason: null },
      { what: 'moved', status: 'processing', by, reason: null },
      { what: 'moved', status: 'cancelled', by, reason: 'Покупець передумав' },
    ]);
    expect(text).not.toContain('secret-browser');
  });

  test('one that does not exist is a 404 problem', async () => {
    const { status, headers, body } = await shop.get(`/admin/orders/${anId()}`, staff);
    expect([status, body.code]).toEqual([404, 'order_not_found']);
    expect(headers['content-type']).toContain('application/problem+json');
    expect((await move(anId(), 'done')).body.code).toBe('order_not_found');
  });
});

describe('moving', () => {
  test('is told, with the language of the buyer', async () => {
    const orderId = await place({}, { 'accept-language': 'ru' });
    await move(orderId, 'processing');
    await move(orderId, 'done');
    const events = (await shop.told(orderChanged.subject))
      .map((data) => orderChanged.data.parse(data))
      .filter((event) => event.orderId === orderId);
    expect(events).toMatchObject([
      { version: 2, from: 'new', status: 'processing', language: 'ru', phone: '+380971112233', total: 35_000n },
      { version: 3, from: 'processing', status: 'done', language: 'ru' },
    ]);
  });

  test('against the table is a 409, and to where it is already changes nothing', async () => {
    const orderId = await place();
    expect((await move(orderId, 'done')).body).toMatchObject({ status: 409, code: 'order_move_refused' });
    expect((await move(orderId, 'new')).body).toMatchObject({ status: 'new', version: 1 });
    expect((await move(orderId, 'sold')).status).toBe(400);
    expect((await shop.get(`/admin/orders/${orderId}`, staff)).body.history).toHaveLength(1);
  });

  test('history cannot be rewritten', async () => {
    const { database } = shop.runtime;
    await expect(database.$executeRaw`UPDATE order_history SET status = 'done'`).rejects.toThrow('append-only');
    await expect(database.$executeRaw`DELETE FROM order_history`).rejects.toThrow('append-only');
    await expect(database.$executeRaw`DELETE FROM orders`).rejects.toThrow('append-only');
    await expect(database.$executeRaw`TRUNCATE orders`).rejects.toThrow('append-only');
  });
});

const levelsOf = async (product: { productId: string }) =>
  (await shop.told(stockChanged.subject)).filter(({ productId }) => productId === product.productId);

describe('cancelling', () => {
  test('50 times at once gives the stock back once', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.count(product, 5);
    const line = { productId: product.productId, sku: product.sku, price: 350 };
    const { body } = await shop.place(anOrderBody([], { items: [1, 2].map((quantity) => ({ ...line, quantity })) }));
    expect(await shop.left(product)).toBe(2);

    const other = await shop.secondProcess();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0
          ? move(body._id, 'cancelled').then(({ body: { status } }) => status)
          : moveOrder(other.deps, { orderId: body._id, to: 'cancelled', by: anId(), reason: null }).then(
              ({ status }) => status,
            ),
      ),
    );
    expect(new Set(answers)).toEqual(new Set(['cancelled']));
    expect(await shop.left(product)).toBe(5);
    expect((await shop.get(`/admin/orders/${body._id}`, staff)).body.history).toHaveLength(2);
  });

  test('gives back what the order took, and nothing for what was not counted then or is not now', async () => {
    const [counted, countedLater, nowUncounted] = [aProduct(), aProduct(), aProduct()];
    await shop.sell(counted, countedLater, nowUncounted);
    await shop.count(counted, 5);
    await shop.count(nowUncounted, 5);
    const { body } = await shop.place(anOrderBody([counted, countedLater, nowUncounted]));
    await shop.count(countedLater, 10);
    await shop.count(nowUncounted, null);
    await move(body._id, 'cancelled');
    expect(await shop.left(counted)).toBe(5);
    expect(await shop.left(countedLater)).toBe(10);
    expect(await shop.left(nowUncounted)).toBeNull();
  });

  test('while others buy, no piece is lost or made', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.count(product, 10);
    const orders = await Promise.all(Array.from({ length: 10 }, () => shop.place(anOrderBody([product]))));
    const [again] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => shop.place(anOrderBody([product])))),
      ...orders.map(({ body }) => move(body._id, 'cancelled')),
    ]);
    const sold = again.filter(({ status }) => status === 201).length;
    expect(await shop.left(product)).toBe(10 - sold);
    const told = await levelsOf(product);
    expect(told.map(({ version }) => version)).toEqual(told.map((_, index) => index + 1));
    expect(told.map(({ inStock }) => inStock)).toEqual(told.map((_, index) => index % 2 === 0));
  });

  test('tells that a product is to be had again, and nothing of one that always was', async () => {
    const [last, plenty] = [aProduct(), aProduct()];
    await shop.sell(last, plenty);
    await shop.count(last, 2);
    await shop.count(plenty, 3);
    const order = async () => {
      const items = [last, plenty].map(({ productId, sku }) => ({ productId, sku, price: 350, quantity: 2 }));
      return (await shop.place(anOrderBody([], { items }))).body._id;
    };
    await move(await order(), 'cancelled');
    await order();
    expect(await levelsOf(last)).toMatchObject([
      { version: 1, quantity: 2, inStock: true },
      { version: 2, quantity: 0, inStock: false },
      { version: 3, quantity: 2, inStock: true },
      { version: 4, quantity: 0, inStock: false },
    ]);
    expect(await levelsOf(plenty)).toMatchObject([{ version: 1, quantity: 3 }]);
    await shop.count(plenty, 7);
    expect(await levelsOf(plenty)).toMatchObject([{ quantity: 3 }, { version: 2, quantity: 7 }]);
  });
});

describe('stock', () => {
  const list = async (query: string) => (await shop.get(`/admin/stock?${query}`, staff)).body;

  test('is counted, told, found and no longer counted', async () => {
    const product = aProduct({ sku: 'STOCK-ONE', title: { uk: 'Гель 15%', ru: null, en: null } });
    await shop.sell(product);
    const mine = (page: { items: unknown[] }) => page.items;
    expect(mine(await list('q=stock-o'))).toEqual([
      { productId: product.productId, sku: 'STOCK-ONE', title: 'Гель 15%', quantity: null, countedAt: null },
    ]);
    await shop.count(product, 0);
    expect(mine(await list(`q=${encodeURIComponent('гель 15%')}&counted=true&atMost=0`))).toMatchObject([
      { quantity: 0 },
    ]);
    expect(mine(await list('q=STOCK-ONE&counted=false'))).toEqual([]);
    await shop.count(product, null);
    expect(mine(await list('q=STOCK-ONE&counted=false'))).toHaveLength(1);

    expect(await levelsOf(product)).toMatchObject([
      { version: 1, quantity: 0, inStock: false },
      { version: 2, quantity: null, inStock: true },
    ]);
  });

  test('pages join up', async () => {
    const all = await list('limit=100');
    const seen: unknown[] = [];
    for (let after = ''; ; ) {
      const { items, next } = await list(`limit=2${after}`);
      seen.push(...items);
      if (!next) break;
      after = `&after=${next}`;
    }
    expect(seen).toEqual(all.items);
  });

  test.each([-1, 0.5, '5', 1e10])('a count of %s is a 400', async (quantity) => {
    expect((await shop.put(`/admin/stock/${bur.productId}`, { quantity }, staff)).status).toBe(400);
  });

  test('of a product that is so new that the copy lacks it is taken; without the catalogue it is a 503', async () => {
    const product = aProduct();
    const count = () => shop.put(`/admin/stock/${product.productId}`, { quantity: 3 }, staff);
    shop.catalogue.away = true;
    expect((await count()).status).toBe(503);
    shop.catalogue.away = false;
    shop.catalogue.known = [product];
    expect((await count()).status).toBe(204);
    expect(await shop.left(product)).toBe(3);
  });

  test('of a product that there is not is a 404', async () => {
    const { body } = await shop.put(`/admin/stock/${anId()}`, { quantity: 1 }, staff);
    expect(body).toMatchObject({ status: 404, code: 'product_not_found' });
  });
});

describe('importing stock', () => {
  test.each([
    ['text/csv', (sku: string) => `sku,quantity\n${sku},7\nNO-SUCH,1\n${sku},8\n${sku}-2,\nX,minus\n`],
    [
      'application/x-ndjson',
      (sku: string) =>
        [
          { sku, quantity: 7 },
          { sku: 'NO-SUCH', quantity: 1 },
          { sku, quantity: 8 },
          { sku: `${sku}-2`, quantity: null },
          { sku: 'X', quantity: 'minus' },
        ]
          .map((row) => JSON.stringify(row))
          .join('\n'),
    ],
  ])('from %s sets what it can and reports every row', async (type, file) => {
    const sku = `IMPORT-${type}`;
    const [one, two] = [aProduct({ sku }), aProduct({ sku: `${sku}-2` })];
    await shop.sell(one, two);
    const { status, body } = await shop.post('/admin/stock/import', file(sku), { ...staff, 'content-type': type });
    expect(status).toBe(200);
    expect(body.counted).toBe(2);
    expect(body.rows.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'counted',
      'unknown_sku',
      'repeated',
      'counted',
      'malformed',
    ]);
    expect([await shop.left(one), await shop.left(two)]).toEqual([7, null]);
  });

  test('of something else is a 415', async () => {
    const { body } = await shop.post('/admin/stock/import', { sku: 'A', quantity: 1 }, staff);
    expect(body.status).toBe(415);
  });

  test('as a JSON array is a 415, and counts nothing: only the readers of files check rows', async () => {
    const rows = [{ line: 1, sku: bur.sku, quantity: 1_000_000_001 }];
    const before = await shop.left(bur);
    expect((await shop.post('/admin/stock/import', rows, staff)).body.status).toBe(415);
    expect((await shop.post('/admin/stock/import', ['text'], staff)).body.status).toBe(415);
    expect(await shop.left(bur)).toBe(before);
  });
});

describe('delivery settings', () => {
  const put = (body: object) => shop.put('/admin/delivery-settings', body, staff);

  test('are none at first, decide the fee while there are any, and can be removed', async () => {
    const read = async () => (await shop.get('/admin/delivery-settings', staff)).body;
    expect(await read()).toEqual({ fee: null, freeFrom: null, changedAt: null, changedBy: null });
    const order = async (deliveryFee?: number, quantity = 1) => {
      const item = { productId: bur.productId, sku: bur.sku, quantity, price: 350 };
      return shop.place(anOrderBody([], { items: [item], ...(deliveryFee !== undefined && { deliveryFee }) }));
    };
    expect((await order(33)).body.deliveryFee).toBe(33);

    expect((await put({ fee: 60.5, freeFrom: 700 })).body).toMatchObject({ fee: 60.5, freeFrom: 700 });
    expect(await read()).toMatchObject({ fee: 60.5, freeFrom: 700, changedBy: expect.any(String) });
    expect((await order(33)).body).toEqual({
      statusCode: 409,
      message: 'Вартість доставки змінилася: зараз 60.5 UAH',
      error: 'Conflict',
    });
    expect((await order(60.5)).body).toMatchObject({ deliveryFee: 60.5, total: 410.5 });
    expect((await order()).body.deliveryFee).toBe(60.5);
    expect((await order(60.5, 2)).status).toBe(409);
    expect((await order(0, 2)).body).toMatchObject({ deliveryFee: 0, total: 700 });

    await put({ fee: null });
    expect((await order(33)).body.deliveryFee).toBe(33);
  });

  test.each([{}, { fee: -1 }, { fee: 0.001 }, { fee: null, freeFrom: 5 }, { fee: '5' }])(
    '%j is a 400',
    async (body) => {
      expect((await put(body)).status).toBe(400);
    },
  );
});
