import { orderPlaced } from '@forecourt/contracts';
import { countStatements } from '@forecourt/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aDiscount, anId, anOrderBody, aProduct } from '../../test/builders.ts';
import { openShop, type Shop } from '../../test/shop.ts';
import { createOrdersApp } from '../app.ts';
import { catalogueOver } from '../offer/catalogue.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
beforeEach(() => Object.assign(shop.catalogue, { known: [], away: false, asked: 0 }));

const key = (word: string) => ({ 'x-idempotency-key': word });
const countOrders = async () => {
  const [row] = await shop.runtime.database.$queryRaw<[{ count: bigint }]>`SELECT count(*) FROM orders`;
  return Number(row.count);
};

describe('what an order leaves behind', () => {
  test('the event holds what others need, in the language of the request', async () => {
    const product = aProduct();
    await shop.sell(product);
    const customerId = anId();
    const headers = { ...(await shop.asCustomer(customerId)), 'accept-language': 'en' };
    const { body } = await shop.place(anOrderBody([product], { deliveryFee: 50 }), headers);

    const event = (await shop.told(orderPlaced.subject)).at(-1);
    expect(orderPlaced.data.parse(event)).toEqual({
      orderId: body._id,
      version: 1,
      number: expect.stringMatching(/^.{4}-.{4}$/),
      customerId,
      phone: '+380971112233',
      language: 'en',
      total: 40_000n,
      currency: 'UAH',
      items: [{ productId: product.productId, sku: product.sku, title: 'Bur 801', quantity: 1, price: 35_000n }],
      deliveryFee: 5_000n,
      placedAt: shop.runtime.clock(),
    });
  });

  test('a refused order leaves nothing', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.count(product, 1);
    const before = [await countOrders(), await shop.told(orderPlaced.subject)];
    const line = { productId: product.productId, sku: product.sku, price: 350 };
    await shop.place(anOrderBody([], { items: [{ ...line, quantity: 2 }] }), key('refused'));
    expect([await countOrders(), await shop.told(orderPlaced.subject)]).toEqual(before);
    expect(await shop.left(product)).toBe(1);
  });
});

describe('statements', () => {
  const items = 50;
  let body: ReturnType<typeof anOrderBody>;
  beforeAll(async () => {
    const products = Array.from({ length: items }, () => aProduct());
    await shop.sell(...products);
    for (const product of products.slice(0, 5)) await shop.count(product, 1_000);
    body = anOrderBody(products, { clientId: 'statements' });
  });

  test('an order takes two, however many items it has: a look and a write; and one when its products are remembered', async () => {
    const first = await countStatements(shop.runtime, () => shop.place(body, key('first')));
    expect(first.result.status).toBe(201);
    expect(first.statements).toHaveLength(2);

    const second = await countStatements(shop.runtime, () => shop.place(body, key('second')));
    expect(second.result.status).toBe(201);
    expect(second.statements).toHaveLength(1);
  });

  test('the lists of a customer and of a browser take one, whatever the page', async () => {
    const customerId = anId();
    const bearer = await shop.asCustomer(customerId);
    for (const _ of Array(5)) await shop.place(body, bearer);
    for (const limit of [1, 3, 100]) {
      const { result, statements } = await countStatements(shop.runtime, () =>
        shop.get(`/me/orders?limit=${limit}`, bearer),
      );
      expect(result.body).toMatchObject({ total: 5, limit });
      expect(statements).toHaveLength(limit > 5 ? 1 : 2);
    }
    const history = await countStatements(shop.runtime, () =>
      shop.get(`/orders/history?phone=%2B380971112233&clientId=${body.clientId}`),
    );
    expect(history.result.body).toHaveLength(7);
    expect(history.statements).toHaveLength(1);
  });
});

describe('an idempotency key', () => {
  test('answers the same bytes, whatever became of the order and of its price', async () => {
    const product = aProduct();
    await shop.sell(product);
    const body = anOrderBody([product], { comment: 'Дзвонити після 18:00' });
    const first = await shop.place(body, key('replayed'));
    await shop.post(`/admin/orders/${first.body._id}/move`, { to: 'processing' }, await shop.asOperator());
    await shop.sell({ ...product, version: 2, price: 1n, active: false });
    shop.runtime.clock.advance(3_600_000);

    const again = await shop.place(body, key('replayed'));
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    expect(again.body._id).toBe(first.body._id);
  });

  test('does not see how a body is spelt, and does see another body', async () => {
    const product = aProduct();
    await shop.sell(product);
    const body = anOrderBody([product]);
    const { items, ...rest } = body;
    const first = await shop.place(body, key('spelt'));
    expect((await shop.place({ items, ...rest } as typeof body, key('spelt'))).text).toBe(first.text);

    const other = await shop.place({ ...body, name: 'Іван' }, key('spelt'));
    expect(other.status).toBe(409);
    expect(other.body).toEqual({
      statusCode: 409,
      message: 'Цей ключ ідемпотентності вже використано з іншим замовленням',
      error: 'Conflict',
    });
  });

  test('of another customer, guest or browser is another key: nothing leaks', async () => {
    const product = aProduct();
    await shop.sell(product);
    const body = anOrderBody([product]);
    const [one, two] = [await shop.asCustomer(anId()), await shop.asCustomer(anId())];
    const answers = [
      await shop.place(body, { ...one, ...key('scoped') }),
      await shop.place(body, { ...two, ...key('scoped') }),
      await shop.place(body, key('scoped')),
      await shop.place({ ...body, clientId: 'another browser' }, key('scoped')),
      await shop.place({ ...body, phone: '+380971112234' }, key('scoped')),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ body: { _id } }) => _id)).size).toBe(5);
  });

  test('is free again after a refusal', async () => {
    const product = aProduct();
    await shop.sell(product);
    const body = anOrderBody([product]);
    const dear = anOrderBody([{ ...product, price: 1n }]);
    expect((await shop.place({ ...body, extra: 1 }, key('refused first'))).status).toBe(400);
    expect((await shop.place(dear, key('refused first'))).status).toBe(409);
    expect((await shop.place(body, key('refused first'))).status).toBe(201);
  });

  test('works after a failure of ours', async () => {
    const product = aProduct();
    await shop.sell(product);
    await shop.runtime.database.$executeRaw`ALTER TABLE order_history RENAME TO gone`;
    expect((await shop.place(anOrderBody([product]), key('failed first'))).status).toBe(500);
    await shop.runtime.database.$executeRaw`ALTER TABLE gone RENAME TO order_history`;
    const { status, headers } = await shop.place(anOrderBody([product]), key('failed first'));
    expect([status, headers['idempotent-replayed']]).toEqual([201, undefined]);
  });
});

describe('prices', () => {
  test('a discount is recorded, and a later price does not touch the order', async () => {
    const [root, category, elsewhere] = [anId(), anId(), anId()];
    const product = aProduct({ categoryPath: [root, category] });
    await shop.sell(product);
    const percent = aDiscount({ percentHundredths: 3_333, scope: 'category', targetId: category });
    const fixed = aDiscount({
      type: 'fixed',
      percentHundredths: null,
      amount: 1_050n,
      name: 'Вітальна',
      scope: 'category',
      targetId: root,
    });
    await shop.discount(percent, fixed, aDiscount({ scope: 'category', targetId: elsewhere }));
    const { body } = await shop.place(anOrderBody([product], { clientId: 'discounted' }));
    expect(body.items[0]).toMatchObject({
      price: 222.85,
      priceOriginal: 350,
      discountsApplied: [
        {
          discountId: percent.discountId,
          name: 'Весняний',
          type: 'percent',
          value: 33.33,
          priceBefore: 350,
          priceAfter: 233.35,
        },
        {
          discountId: fixed.discountId,
          name: 'Вітальна',
          type: 'fixed',
          value: 10.5,
          priceBefore: 233.35,
          priceAfter: 222.85,
        },
      ],
    });

    await shop.sell({ ...product, version: 2, price: 99_900n, title: { uk: 'Інший', ru: null, en: null } });
    await shop.discount({ ...percent, version: 2, active: false });
    const url = `/orders/history?phone=%2B380971112233&clientId=${body.clientId}`;
    expect((await shop.get(url)).body).toEqual([body]);
  });

  test('a discount that begins, ends or changes counts from the next order on, though prices are remembered', async () => {
    const product = aProduct();
    await shop.sell(product);
    const { clock } = shop.runtime;
    const pay = async () => (await shop.place(anOrderBody([product]))).body.total;
    const day = 24 * 3_600_000;
    const from = new Date(clock().getTime() + day);
    const to = new Date(clock().getTime() + 2 * day);

    expect(await pay()).toBe(350);
    const discount = aDiscount({ scope: 'product', targetId: product.productId, from, to });
    await shop.discount(discount);
    expect(await pay()).toBe(350);
    clock.set(new Date(from.getTime() - 1));
    expect(await pay()).toBe(350);
    clock.set(from);
    expect(await pay()).toBe(315);
    await shop.discount({ ...discount, version: 2, percentHundredths: 2_000 });
    expect(await pay()).toBe(280);
    clock.set(to);
    expect(await pay()).toBe(350);
  });

  test('a product that changes while its price is remembered is sold at its new price, or not', async () => {
    const product = aProduct();
    await shop.sell(product);
    const place = () => shop.place(anOrderBody([product]));
    expect((await place()).status).toBe(201);
    await shop.sell({ ...product, version: 2, price: 36_000n });
    expect((await place()).body).toMatchObject({
      statusCode: 409,
      message: 'Ціна товару «Бор 801» змінилася: зараз 360 UAH',
    });
    await shop.sell({ ...product, version: 3, price: 35_000n });
    expect((await place()).status).toBe(201);
    await shop.sell({ ...product, version: 4, active: false });
    expect((await place()).body).toMatchObject({ statusCode: 400, message: expect.stringContaining('Бор 801') });
  });
});

describe('a copy of the catalogue that is behind', () => {
  test('a product that it lacks is asked for once and sold', async () => {
    const product = aProduct();
    shop.catalogue.known = [product];
    expect((await shop.place(anOrderBody([product]))).status).toBe(201);
    expect((await shop.place(anOrderBody([product]))).status).toBe(201);
    expect(shop.catalogue.asked).toBe(1);
  });

  test('a product that nobody has is a 404 that names it', async () => {
    const product = aProduct();
    const { status, body } = await shop.place(anOrderBody([product]));
    expect(status).toBe(404);
    expect(body.message).toContain(product.productId);
    expect(body.message).toContain(product.sku);
  });

  test('without the catalogue, a product that it lacks is a 503 with Retry-After, never a made-up price', async () => {
    shop.catalogue.away = true;
    const { status, headers, body } = await shop.place(anOrderBody([aProduct()]), key('away'));
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('2');
    expect(body.message).toBe('Ціни саме оновлюються, спробуйте за мить');
  });

  test('without the catalogue, what it has is sold, and refused, by what it knows', async () => {
    const product = aProduct();
    await shop.sell(product);
    shop.catalogue.away = true;
    expect((await shop.place(anOrderBody([product]))).status).toBe(201);
    expect((await shop.place(anOrderBody([{ ...product, price: 1n }]))).status).toBe(409);
  });

  test('a price that the buyer is ahead of is fetched instead of refused', async () => {
    const product = aProduct();
    await shop.sell(product);
    const newer = { ...product, version: 2, price: 30_000n };
    shop.catalogue.known = [newer];
    expect((await shop.place(anOrderBody([newer]))).body.total).toBe(300);
  });

  test('a discount that the buyer is ahead of is fetched instead of refused', async () => {
    const product = aProduct();
    await shop.sell(product);
    const begun = aDiscount({ scope: 'product', targetId: product.productId });
    shop.catalogue.knownDiscounts = [begun];
    expect((await shop.place(anOrderBody([{ ...product, price: 31_500n }]))).body.total).toBe(315);

    // As after a restore of the database: the change of the discount was heard before, and will not be told again.
    shop.catalogue.knownDiscounts = [{ ...begun, version: 2, percentHundredths: 2_000 }];
    expect((await shop.place(anOrderBody([{ ...product, price: 28_000n }]))).body.total).toBe(280);
  });

  test('an id that cannot exist is not asked about', async () => {
    const body = anOrderBody([aProduct({ productId: 'nonsense' })]);
    expect((await shop.place(body)).status).toBe(404);
    expect(shop.catalogue.asked).toBe(0);
  });
});

test('with NATS away, what is known is sold, and what is not is a 503', async () => {
  const product = aProduct();
  await shop.sell(product);
  const cutOff = await createOrdersApp(
    { ...shop.deps, catalogue: catalogueOver(() => shop.runtime.nats) },
    shop.runtime,
  );
  const place = async (sold: typeof product) => {
    const { statusCode } = await cutOff.inject({ method: 'POST', url: '/orders', body: anOrderBody([sold]) });
    return statusCode;
  };
  expect(shop.runtime.nats.isConnected()).toBe(false);
  expect(await place(product)).toBe(201);
  expect(await place(aProduct())).toBe(503);
  await cutOff.close();
});

describe('a new deployment', () => {
  let fresh: Shop;
  beforeEach(async () => {
    fresh = await openShop({ discountsKnown: false });
  });
  afterEach(() => fresh.close());

  test('sells nothing until it knows the discounts', async () => {
    const product = aProduct();
    await fresh.sell(product);
    fresh.catalogue.away = true;
    expect((await fresh.place(anOrderBody([product]))).status).toBe(503);

    fresh.catalogue.away = false;
    fresh.catalogue.knownDiscounts = [aDiscount()];
    expect((await fresh.place(anOrderBody([product]))).body.total).toBe(315);
    fresh.catalogue.away = true;
    expect((await fresh.place(anOrderBody([product]))).body.total).toBe(315);
  });

  test('is not fooled by an old discount that its stream tells it later', async () => {
    const product = aProduct();
    await fresh.sell(product);
    const over = aDiscount({ version: 5, active: false });
    fresh.catalogue.knownDiscounts = [over];
    expect((await fresh.place(anOrderBody([product]))).body.total).toBe(350);
    await fresh.discount({ ...over, version: 1, active: true });
    expect((await fresh.place(anOrderBody([product]))).body.total).toBe(350);
  });
});
