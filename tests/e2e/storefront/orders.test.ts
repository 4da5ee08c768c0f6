import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { aManufacturer, aProduct, changeProduct } from '../catalogue.ts';
import { historyOf, lineOf, orderFor, placedOrder, placeOrder } from '../orders.ts';
import { aCustomer, aPhone } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { Order, type Product, type Refusal, refusal } from '../storefront-shapes.ts';

let composite: Product;
let gloves: Product;

beforeAll(async () => {
  const manufacturer = await aManufacturer();
  composite = await aProduct({
    title: 'Композит Estelite',
    price: 350,
    unit: 'шт',
    manufacturerId: manufacturer.id,
    options: [{ name: 'shade', values: ['A1', 'A2'] }],
  });
  gloves = await aProduct({ title: 'Рукавички нітрилові', price: 12.5 });
});

const refused = (body: unknown) => placeOrder<Refusal<string | string[]>>(body);

describe('POST /orders', () => {
  test('a guest order needs no account, and is answered whole', async () => {
    const body = orderFor(
      [lineOf(composite, { quantity: 2, options: { shade: 'A2' } }), lineOf(gloves, { quantity: 3 })],
      {
        name: 'Іван',
        comment: 'Подзвоніть за годину',
        deliveryFee: 70,
      },
    );
    const { status, body: order } = await placeOrder(body);
    expect(status).toBe(201);
    expect(Order.parse(order)).toMatchObject({
      phone: body.phone,
      clientId: body.clientId,
      itemsTotal: 737.5,
      deliveryFee: 70,
      total: 807.5,
      status: 'new',
      name: 'Іван',
      comment: 'Подзвоніть за годину',
    });
    expect(order).not.toHaveProperty('customerId');
    expect(order.items).toEqual([
      {
        productId: composite.id,
        sku: composite.sku,
        quantity: 2,
        price: 350,
        title: 'Композит Estelite',
        options: { shade: 'A2' },
        manufacturerId: composite.manufacturerId,
        unit: 'шт',
      },
      expect.objectContaining({ productId: gloves.id, quantity: 3, price: 12.5, options: {} }),
    ]);
    for (const item of order.items) {
      expect(item).not.toHaveProperty('priceOriginal');
    }
  });

  test('without a delivery fee it is 0, without name and comment they are absent', async () => {
    const order = await placedOrder(orderFor([lineOf(gloves)]));
    expect(order).toMatchObject({ itemsTotal: 12.5, deliveryFee: 0, total: 12.5 });
    expect(order).not.toHaveProperty('name');
    expect(order).not.toHaveProperty('comment');
  });

  test('with a bearer it belongs to the account', async () => {
    const { auth, customer } = await aCustomer();
    const order = await placedOrder(orderFor([lineOf(gloves)]), auth);
    expect(order.customerId).toBe(customer.id);
    expect((await gateway.get<{ items: unknown[] }>('/me/orders', auth)).body.items).toEqual([order]);
  });

  test.each([
    ['garbage', 'garbage'],
    ['an unsigned token', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiI2NWYxYTJiM2M0ZDVlNmY3YThiOWMwMDEifQ.'],
  ])('a bearer that is %s is a 401, never a guest order', async (_, bearer) => {
    const body = orderFor([lineOf(gloves)]);
    const answer = await gateway.post('/orders', body, { bearer });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(refusal(401, expect.any(String)));
    expect((await historyOf(body)).body).toEqual([]);
  });

  test('the phone is kept in E.164, however it is written', async () => {
    const phone = aPhone();
    const order = await placedOrder(orderFor([lineOf(gloves)], { phone: `0${phone.slice(4)}` }));
    expect(order.phone).toBe(phone);
  });

  test("the title that is stored is the catalogue's, whatever was sent", async () => {
    const order = await placedOrder(orderFor([lineOf(composite, { title: 'Щось дешевше' })]));
    expect(order.items[0]?.title).toBe('Композит Estelite');
  });

  test('what the page may send along is accepted', async () => {
    const line = lineOf(composite, {
      title: composite.title,
      options: { shade: 'A1' },
      unit: 'шт',
      manufacturerId: composite.manufacturerId ?? '',
    });
    expect((await placeOrder(orderFor([line]))).status).toBe(201);
  });

  test('a price that the buyer did not see now is a 409 that names the item and its price', async () => {
    const { status, body } = await refused(orderFor([lineOf(gloves), lineOf(composite, { price: 300 })]));
    expect(status).toBe(409);
    expect(body).toEqual(refusal(409, expect.stringContaining('Композит Estelite')));
    expect(body.message).toContain('350');
  });

  test('a product that nobody knows is a 404 that names it', async () => {
    const stranger = { ...lineOf(gloves), productId: '65f1a2b3c4d5e6f7a8b9c001', sku: 'NO-SUCH-SKU' };
    const { status, body } = await refused(orderFor([stranger]));
    expect(status).toBe(404);
    expect(body).toEqual(refusal(404, expect.stringMatching(/65f1a2b3c4d5e6f7a8b9c001|NO-SUCH-SKU/)));
  });

  test('id and sku must name one product', async () => {
    const { status, body } = await refused(orderFor([{ ...lineOf(composite), sku: gloves.sku }]));
    expect(status).toBe(404);
    expect(body).toEqual(refusal(404, expect.any(String)));
  });

  test('an inactive product is a 400 that names it', async () => {
    const retired = await aProduct({ title: 'Дзеркало, зняте з продажу', price: 90 });
    await placedOrder(orderFor([lineOf(retired)]));
    await changeProduct(retired, { active: false });
    const { status, body } = await until(async () => {
      const answer = await refused(orderFor([lineOf(retired)]));
      return answer.status === 201 ? undefined : answer;
    });
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, expect.stringContaining('Дзеркало, зняте з продажу')));
  });

  test.each([
    ['an unknown value', { shade: 'Z9' }],
    ['an unknown option', { colour: 'red' }],
  ])('%s of an option is a 400', async (_, options) => {
    const { status, body } = await refused(orderFor([lineOf(composite, { options })]));
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, expect.anything()));
  });

  test('two lines of one product are one order', async () => {
    const lines = [lineOf(composite, { options: { shade: 'A1' } }), lineOf(composite, { options: { shade: 'A2' } })];
    const order = await placedOrder(orderFor(lines));
    expect(order.items.map(({ options }) => options)).toEqual([{ shade: 'A1' }, { shade: 'A2' }]);
    expect(order.total).toBe(700);
  });

  const bad: [field: string, why: string, wishes: (body: ReturnType<typeof orderFor>) => unknown][] = [
    ['phone', 'missing', (body) => ({ ...body, phone: undefined })],
    ['phone', 'no phone', (body) => ({ ...body, phone: 'call me' })],
    ['clientId', 'missing', (body) => ({ ...body, clientId: undefined })],
    ['clientId', 'empty', (body) => ({ ...body, clientId: '' })],
    ['clientId', 'of 65 characters', (body) => ({ ...body, clientId: 'c'.repeat(65) })],
    ['items', 'missing', (body) => ({ ...body, items: undefined })],
    ['items', 'empty', (body) => ({ ...body, items: [] })],
    ['items', 'of 201 lines', (body) => ({ ...body, items: Array(201).fill(body.items[0]) })],
    ['items', 'not an array', (body) => ({ ...body, items: body.items[0] })],
    ['items.0.productId', 'missing', (body) => withLine(body, { productId: undefined })],
    ['items.0.sku', 'missing', (body) => withLine(body, { sku: undefined })],
    ['items.0.quantity', 'missing', (body) => withLine(body, { quantity: undefined })],
    ['items.0.quantity', 'zero', (body) => withLine(body, { quantity: 0 })],
    ['items.0.quantity', 'negative', (body) => withLine(body, { quantity: -1 })],
    ['items.0.quantity', 'fractional', (body) => withLine(body, { quantity: 0.5 })],
    ['items.0.quantity', 'a string', (body) => withLine(body, { quantity: '1' })],
    ['items.0.quantity', 'beyond reason', (body) => withLine(body, { quantity: 1e15 })],
    ['items.0.price', 'missing', (body) => withLine(body, { price: undefined })],
    ['items.0.price', 'negative', (body) => withLine(body, { price: -1 })],
    ['items.0.price', 'a string', (body) => withLine(body, { price: '12.5' })],
    ['items.0.options', 'an array', (body) => withLine(body, { options: ['A2'] })],
    ['deliveryFee', 'negative', (body) => ({ ...body, deliveryFee: -1 })],
    ['deliveryFee', 'a string', (body) => ({ ...body, deliveryFee: '70' })],
    ['name', 'of 121 characters', (body) => ({ ...body, name: 'n'.repeat(121) })],
    ['comment', 'of 501 characters', (body) => ({ ...body, comment: 'c'.repeat(501) })],
  ];
  test.each(bad)('%s %s is a 400 that names it', async (field, _, broken) => {
    const { status, body } = await refused(broken(orderFor([lineOf(gloves)])));
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, expect.anything()));
    if (Array.isArray(body.message)) {
      expect(body.message).toEqual(expect.arrayContaining([expect.stringMatching(`^${field} `)]));
    }
  });

  test.each(['total', 'itemsTotal', 'status', 'customerId', 'discount'])('nobody sends %s', async (field) => {
    const { status, body } = await refused({ ...orderFor([lineOf(gloves)]), [field]: 1 });
    expect([status, body]).toEqual([400, refusal(400, [`property ${field} should not exist`])]);
  });

  test('an unknown field of an item is a 400', async () => {
    const { status, body } = await refused(withLine(orderFor([lineOf(gloves)]), { total: 1 }));
    expect(status).toBe(400);
    expect(body.message).toEqual([expect.stringContaining('property total should not exist')]);
  });

  test.each([
    ['deliveryFee', (body: ReturnType<typeof orderFor>) => ({ ...body, deliveryFee: 0.001 })],
    ['a price', (body: ReturnType<typeof orderFor>) => withLine(body, { price: 12.505 })],
  ])('%s with more decimals than the currency has is a 400', async (_, broken) => {
    const { status, body } = await refused(broken(orderFor([lineOf(gloves)])));
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, expect.anything()));
  });

  test('name of 120 and comment of 500 characters are accepted', async () => {
    const order = await placedOrder(orderFor([lineOf(gloves)], { name: 'ї'.repeat(120), comment: 'ю'.repeat(500) }));
    expect(order.name).toHaveLength(120);
    expect(order.comment).toHaveLength(500);
  });

  test('two hundred lines are accepted', async () => {
    const order = await placedOrder(orderFor(Array.from({ length: 200 }, () => lineOf(gloves))));
    expect(order.items).toHaveLength(200);
    expect(order.total).toBe(2500);
  });
});

describe('GET /orders/history', () => {
  test('is the array of orders of that phone and clientId, newest first', async () => {
    const buyer = { phone: aPhone(), clientId: randomUUID() };
    const first = await placedOrder(orderFor([lineOf(gloves)], buyer));
    const second = await placedOrder(orderFor([lineOf(composite)], buyer));
    const { status, body } = await historyOf(buyer);
    expect(status).toBe(200);
    expect(body).toEqual([second, first]);
  });

  test('is empty for a phone with another clientId, and for a clientId with another phone', async () => {
    const buyer = { phone: aPhone(), clientId: randomUUID() };
    await placedOrder(orderFor([lineOf(gloves)], buyer));
    expect((await historyOf({ ...buyer, clientId: randomUUID() })).body).toEqual([]);
    expect((await historyOf({ ...buyer, phone: aPhone() })).body).toEqual([]);
  });

  test('finds the phone in whatever way it is spelt', async () => {
    const buyer = { phone: aPhone(), clientId: randomUUID() };
    const order = await placedOrder(orderFor([lineOf(gloves)], buyer));
    expect((await historyOf({ ...buyer, phone: `0${buyer.phone.slice(4)}` })).body).toEqual([order]);
    const unescaped = `/orders/history?phone=${buyer.phone}&clientId=${buyer.clientId}`;
    expect((await gateway.get(unescaped)).body).toEqual([order]);
  });

  test.each([
    ['phone', 'clientId=browser'],
    ['clientId', 'phone=%2B380971112233'],
  ])('%s is required', async (field, query) => {
    const { status, body } = await gateway.get<Refusal<string[]>>(`/orders/history?${query}`);
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, [expect.stringMatching(`^${field} `)]));
  });
});

const withLine = (body: ReturnType<typeof orderFor>, wishes: Record<string, unknown>) => ({
  ...body,
  items: [{ ...body.items[0], ...wishes }],
});
