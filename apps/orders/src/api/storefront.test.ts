import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aDiscount, anId, anOrderBody, aProduct } from '../../test/builders.ts';
import { openShop, type Shop } from '../../test/shop.ts';

let shop: Shop;
const bur = aProduct({
  options: [{ name: 'shade', values: ['A1', 'A2'] }],
  manufacturerId: anId(),
  countryId: anId(),
  unit: 'шт',
});
const sale = aProduct({ price: 1_006_900n });

beforeAll(async () => {
  shop = await openShop();
  await shop.sell(bur, sale);
  await shop.discount(aDiscount({ scope: 'product', targetId: sale.productId, percentHundredths: 1_250 }));
});
afterAll(() => shop.close());

const phone = '+380971112233';
const plainOrder = {
  _id: expect.stringMatching(/^[0-9a-f]{24}$/),
  phone,
  clientId: expect.any(String),
  items: [
    {
      productId: bur.productId,
      sku: bur.sku,
      quantity: 1,
      price: 350,
      title: 'Бор 801',
      options: {},
      manufacturerId: bur.manufacturerId,
      countryId: bur.countryId,
      unit: 'шт',
    },
  ],
  itemsTotal: 350,
  deliveryFee: 0,
  total: 350,
  status: 'new',
  createdAt: '2026-02-19T12:00:00.000Z',
  updatedAt: '2026-02-19T12:00:00.000Z',
};

describe('POST /orders', () => {
  test('a guest gets the order with exactly the documented keys; what there is not is absent', async () => {
    const { status, body } = await shop.place(anOrderBody([bur]));
    expect(status).toBe(201);
    expect(body).toEqual(plainOrder);
  });

  test('every optional field that there is comes back', async () => {
    const customerId = anId();
    const body = anOrderBody([], {
      items: [
        {
          productId: sale.productId,
          sku: sale.sku,
          quantity: 3,
          price: 8810.38,
          title: 'as the shop window said',
          options: {},
          manufacturerId: 'whatever',
          countryId: 'whatever',
          unit: 'whatever',
        },
        { productId: bur.productId, sku: bur.sku, quantity: 1, price: 350, options: { shade: 'A2' } },
      ],
      deliveryFee: 60.5,
      name: '  Іван ',
      comment: 'Під’їзд 2\nкод 17',
    });
    const answer = await shop.place(body, await shop.asCustomer(customerId));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ customerId, name: 'Іван', comment: 'Під’їзд 2\nкод 17' });
    expect(answer.body).toMatchObject({ itemsTotal: 26_781.14, deliveryFee: 60.5, total: 26_841.64 });
    expect(answer.body.items).toEqual([
      {
        productId: sale.productId,
        sku: sale.sku,
        quantity: 3,
        price: 8810.38,
        priceOriginal: 10069,
        title: 'Бор 801',
        options: {},
        discountsApplied: [
          {
            discountId: expect.any(String),
            name: 'Весняний',
            type: 'percent',
            value: 12.5,
            priceBefore: 10069,
            priceAfter: 8810.38,
          },
        ],
      },
      { ...plainOrder.items[0], options: { shade: 'A2' } },
    ]);
  });

  test.each(['0971112233', '380 97 111 22 33', '+38 (097) 111-22-33', '00380971112233'])(
    'the phone %s is kept in E.164',
    async (spelling) => {
      expect((await shop.place(anOrderBody([bur], { phone: spelling }))).body.phone).toBe(phone);
    },
  );

  test('a bearer that is sent but wrong, expired or of an ended session is a 401, never a guest order', async () => {
    const customerId = anId();
    const expired = await shop.runtime.issuer.bearer({ customerId, ttlSeconds: -3_600 });
    const ended = await shop.runtime.issuer.bearer({ customerId, sessionId: 'ended' });
    shop.runtime.issuer.revoke('ended');
    for (const headers of [expired, ended, { authorization: 'Bearer nonsense' }, { authorization: 'Basic eDp5' }]) {
      const { status, body } = await shop.place(anOrderBody([bur]), headers);
      expect(status).toBe(401);
      expect(body).toMatchObject({ statusCode: 401, error: 'Unauthorized' });
    }
  });

  const line = { productId: bur.productId, sku: bur.sku, quantity: 1, price: 350 };
  const withItem = (wishes: object) => ({ items: [{ ...line, ...wishes }] });
  test.each<[string, object, string]>([
    ['no phone', { phone: undefined }, 'phone'],
    ['no clientId', { clientId: undefined }, 'clientId'],
    ['an empty clientId', { clientId: '  ' }, 'clientId'],
    ['a long clientId', { clientId: 'x'.repeat(65) }, 'clientId'],
    ['no items', { items: undefined }, 'items'],
    ['an empty list', { items: [] }, 'items'],
    ['201 items', { items: Array(201).fill(line) }, 'items'],
    ['a quantity of 0', withItem({ quantity: 0 }), 'items.0.quantity'],
    ['a negative quantity', withItem({ quantity: -1 }), 'items.0.quantity'],
    ['half a piece', withItem({ quantity: 0.5 }), 'items.0.quantity'],
    ['a milliard pieces', withItem({ quantity: 1e9 }), 'items.0.quantity'],
    ['a quantity in quotes', withItem({ quantity: '1' }), 'items.0.quantity'],
    ['no quantity', withItem({ quantity: null }), 'items.0.quantity'],
    ['no price', withItem({ price: undefined }), 'items.0.price'],
    ['a negative price', withItem({ price: -350 }), 'items.0.price'],
    ['an endless price', withItem({ price: 1e300 }), 'items.0.price'],
    ['a price in quotes', withItem({ price: '350' }), 'items.0.price'],
    ['a nested option', withItem({ options: { shade: { a: 1 } } }), 'items.0.options.shade'],
    ['a list of options', withItem({ options: ['A2'] }), 'items.0.options'],
    ['an unknown field of an item', withItem({ total: 1 }), 'items.0.property total'],
    ['a long name', { name: 'x'.repeat(121) }, 'name'],
    ['a long comment', { comment: 'x'.repeat(501) }, 'comment'],
    ['a NUL in the comment', { comment: 'a\u0000b' }, 'comment'],
    ['a lone surrogate in the name', { name: '\ud800' }, 'name'],
    ['a negative delivery fee', { deliveryFee: -1 }, 'deliveryFee'],
    ['a status', { status: 'done' }, 'status'],
    ['a total', { total: 1 }, 'total'],
    ['a customer', { customerId: anId() }, 'customerId'],
  ])('%s is a 400 that begins with the field', async (_what, wishes, path) => {
    const { status, body } = await shop.place(anOrderBody([bur], wishes));
    expect(status).toBe(400);
    expect(body).toMatchObject({ statusCode: 400, error: 'Bad Request', message: expect.any(Array) });
    expect(body.message.some((phrase: string) => phrase.includes(path))).toBe(true);
  });

  test.each<[string, object, RegExp]>([
    ['a phone that is none', { phone: '+380000000000' }, /phone/i],
    ['a price with three decimals', withItem({ price: 350.001 }), /UAH/],
    ['a price with a tiny fraction', withItem({ price: 1e-7 }), /UAH/],
    ['0.1 + 0.2', withItem({ price: 0.1 + 0.2 }), /UAH/],
    ['a fee with three decimals', { deliveryFee: 0.005 }, /UAH/],
    ['an option that the product lacks', withItem({ options: { colour: 'red' } }), /Бор 801.*colour: red/],
    ['a value that the option lacks', withItem({ options: { shade: 'B9' } }), /Бор 801.*shade: B9/],
  ])('%s is a 400', async (_what, wishes, message) => {
    const { status, body } = await shop.place(anOrderBody([bur], wishes));
    expect(status).toBe(400);
    expect(body).toEqual({ statusCode: 400, message: expect.stringMatching(message), error: 'Bad Request' });
  });

  test.each([0, 0.01, 349.99, 350.01, 35_000])(
    'a price of %d is a 409 with the item and its price now',
    async (price) => {
      const { status, body } = await shop.place(anOrderBody([bur], withItem({ price })));
      expect(status).toBe(409);
      expect(body).toEqual({
        statusCode: 409,
        message: 'Ціна товару «Бор 801» змінилася: зараз 350 UAH',
        error: 'Conflict',
      });
    },
  );

  test.each(['', 'x'.repeat(129)])('the idempotency key “%s” is a 400', async (key) => {
    const { status, body } = await shop.place(anOrderBody([bur]), { 'x-idempotency-key': key });
    expect(status).toBe(400);
    expect(body.message[0]).toMatch(/^x-idempotency-key/i);
  });

  test('200 items in one order are fine, with long words all over', async () => {
    const items = Array(200).fill({ ...line, title: 'ю'.repeat(500), unit: 'ю'.repeat(64), options: { shade: 'A1' } });
    const { status, body } = await shop.place(anOrderBody([], { items }));
    expect(status).toBe(201);
    expect(body.total).toBe(70_000);
  });

  test('a total beyond exact numbers is a 400', async () => {
    const dear = aProduct({ price: BigInt(Number.MAX_SAFE_INTEGER) - 991n });
    await shop.sell(dear);
    const items = [{ productId: dear.productId, sku: dear.sku, quantity: 10_000, price: 90_071_992_547_400 }];
    const { status } = await shop.place(anOrderBody([], { items }));
    expect(status).toBe(400);
  });
});

describe('GET /me/orders', () => {
  test('pages newest first, with what there is in all, the last page and those past the end', async () => {
    const bearer = await shop.asCustomer(anId());
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      if (index === 3) shop.runtime.clock.advance(1_000);
      ids.push((await shop.place(anOrderBody([bur]), bearer)).body._id);
    }
    const page = async (query: string) => (await shop.get(`/me/orders${query}`, bearer)).body;
    const all = await page('');
    expect(all).toMatchObject({ page: 1, limit: 20, total: 5 });
    const listed = all.items.map(({ _id }: { _id: string }) => _id);
    expect([...listed].sort()).toEqual([...ids].sort());
    expect(listed.slice(0, 2).sort()).toEqual(ids.slice(3).sort());

    const pages = [await page('?page=1&limit=2'), await page('?page=2&limit=2'), await page('?page=3&limit=2')];
    expect(pages.flatMap(({ items }) => items)).toEqual(all.items);
    expect(pages.map(({ total }) => total)).toEqual([5, 5, 5]);
    expect(await page('?page=4&limit=2')).toEqual({ items: [], page: 4, limit: 2, total: 5 });
    expect(await page('?page=1000000&limit=100')).toMatchObject({ items: [], total: 5 });
  });

  test("shows nobody else's, and nothing is an empty page", async () => {
    expect((await shop.get('/me/orders', await shop.asCustomer(anId()))).body).toEqual({
      items: [],
      page: 1,
      limit: 20,
      total: 0,
    });
    expect((await shop.get('/me/orders')).status).toBe(401);
  });

  test.each([
    'page=0',
    'page=-1',
    'page=1.5',
    'page=x',
    'page=',
    'page=1e3',
    'limit=0',
    'limit=101',
    'limit=1&limit=2',
  ])('?%s is a 400', async (query) => {
    const { status, body } = await shop.get(`/me/orders?${query}`, await shop.asCustomer(anId()));
    expect(status).toBe(400);
    expect(body.message[0]).toMatch(/^(page|limit)/);
  });
});

test.each(['/me/orders?x=1', '/orders/history?phone=%2B380971112233&clientId=c&x=1'])(
  'a parameter that is not known is a 400: %s',
  async (url) => {
    const { status, body } = await shop.get(url, await shop.asCustomer(anId()));
    expect([status, body.message]).toEqual([400, ['property x should not exist']]);
  },
);

describe('GET /orders/history', () => {
  const clientId = 'history-browser';
  const history = (query: string) => shop.get(`/orders/history?${query}`);

  test('is the orders of exactly that phone and browser, newest first', async () => {
    const first = await shop.place(anOrderBody([bur], { clientId }));
    shop.runtime.clock.advance(1);
    const second = await shop.place(anOrderBody([sale], { clientId }));
    const query = new URLSearchParams({ phone, clientId }).toString();
    expect((await history(query)).body).toEqual([second.body, first.body]);
  });

  test.each(['+380971112233', ' 380971112233', '0971112233', '%2B380971112233', '%20380971112233'])(
    'finds the phone written as “%s”',
    async (spelling) => expect((await history(`phone=${spelling}&clientId=${clientId}`)).body).toHaveLength(2),
  );

  test.each([
    ['another browser', `phone=%2B380971112233&clientId=history-browse`],
    ['another phone', `phone=%2B380971112234&clientId=${clientId}`],
    ['a pattern', 'phone=%2B380971112233&clientId=%25'],
  ])('%s sees nothing, and nothing says that there is something', async (_who, query) => {
    const { status, body } = await history(query);
    expect([status, body]).toEqual([200, []]);
  });

  test.each(['', `phone=%2B380971112233`, `clientId=${clientId}`, `phone=&clientId=${clientId}`, `phone=1&clientId=1`])(
    '?%s is a 400',
    async (query) => expect((await history(query)).status).toBe(400),
  );
});
