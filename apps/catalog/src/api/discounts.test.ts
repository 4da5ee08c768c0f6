import { discountChanged, productChanged } from '@forecourt/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import { repriceWhatTurned } from '../discount/repricing.ts';
import { listEveryDiscount } from '../discount/service.ts';
import { removeProduct } from '../product/service.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());

const operate = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  catalog.app.inject({ method, url, headers: await catalog.operator(), ...(payload && { payload }) });
const shown = async (id: string) => (await catalog.app.inject(`/products/${id}`)).json();
const listed = async (query: string) =>
  (await catalog.app.inject(`/products?${query}`)).json().items.map(({ id }: { id: string }) => id);

describe('a discount', () => {
  test('is told, logged, shown, filtered and sorted by, from creation to removal', async () => {
    const category = await catalog.aCategory();
    const product = await catalog.aProduct({ price: 20_000n, categoryId: category.id });
    const other = await catalog.aProduct({ price: 15_000n, categoryId: category.id });
    await catalog.told();
    await catalog.logged();

    const created = await operate('POST', '/admin/discounts', {
      name: 'Весна',
      type: 'percent',
      value: 33.33,
      scope: 'product',
      targetId: product.id,
    });
    expect(created.statusCode, created.body).toBe(201);
    const { id } = created.json();
    expect(created.json()).toMatchObject({
      version: 1,
      value: 33.33,
      scope: 'product',
      targetId: product.id,
      from: null,
      to: null,
      active: true,
    });
    expect(await shown(product.id)).toMatchObject({
      price: 133.34,
      priceOriginal: 200,
      discounts: [
        { discountId: id, name: 'Весна', type: 'percent', value: 33.33, priceBefore: 200, priceAfter: 133.34 },
      ],
    });
    expect(await shown(other.id)).not.toHaveProperty('priceOriginal');
    expect(await listed(`category=${category.id}&sort=price`)).toEqual([product.id, other.id]);
    expect(await listed(`category=${category.id}&priceTo=133.34`)).toEqual([product.id]);

    const changed = await operate('PATCH', `/admin/discounts/${id}`, { type: 'fixed', value: 10.5 });
    expect(changed.json()).toMatchObject({ version: 2, type: 'fixed', value: 10.5, name: 'Весна' });
    expect(await shown(product.id)).toMatchObject({ price: 189.5, discounts: [{ type: 'fixed', value: 10.5 }] });
    expect(await listed(`category=${category.id}&sort=price`)).toEqual([other.id, product.id]);

    expect((await operate('DELETE', `/admin/discounts/${id}`)).statusCode).toBe(204);
    expect(await shown(product.id)).not.toHaveProperty('discounts');
    expect(await listed(`category=${category.id}&priceFrom=200`)).toEqual([product.id]);
    expect((await operate('GET', `/admin/discounts/${id}`)).statusCode).toBe(404);

    const told = Map.groupBy(await catalog.told(), ({ subject }) => subject);
    const dataOf = ({ subject, data: schema }: typeof discountChanged | typeof productChanged) =>
      told.get(subject)?.map(({ data }) => z.parse<z.ZodType>(schema, data));
    expect([...told.keys()].sort()).toEqual([discountChanged.subject, productChanged.subject]);
    expect(dataOf(productChanged)).toMatchObject(
      [13_334n, 18_950n, 20_000n].map((priceNow, at) => ({ productId: product.id, version: at + 2, priceNow })),
    );
    expect(dataOf(discountChanged)).toMatchObject([
      { discountId: id, version: 1, percentHundredths: 3333, amount: null, active: true },
      { discountId: id, version: 2, percentHundredths: null, amount: 1050n, active: true },
      { discountId: id, version: 3, active: false },
    ]);
    expect((await catalog.logged()).map(({ kind, change }) => `${kind} ${change}`)).toEqual([
      'discount created',
      'price changed',
      'discount changed',
      'price changed',
      'discount removed',
      'price changed',
    ]);
    expect(await listEveryDiscount(catalog.deps, { limit: 100 })).toEqual(
      expect.arrayContaining([expect.objectContaining({ id, active: false, version: 3 })]),
    );
  });

  test('on a category reaches its sub-categories, and stops reaching what moves away', async () => {
    const [parent, elsewhere] = [await catalog.aCategory(), await catalog.aCategory()];
    const child = await catalog.aCategory({ parentId: parent.id });
    const product = await catalog.aProduct({ categoryId: child.id, price: 1_000n });
    await catalog.aDiscount({ scope: 'category', targetId: parent.id, percentHundredths: 5000 });
    expect((await shown(product.id)).price).toBe(5);
    expect(await listed(`category=${parent.id}&priceTo=5`)).toEqual([product.id]);
    await operate('PATCH', `/admin/categories/${child.id}`, { parentId: elsewhere.id });
    expect((await shown(product.id)).price).toBe(10);
    expect(await listed(`category=${elsewhere.id}&priceFrom=10`)).toEqual([product.id]);
  });

  test('applies to products made or changed after it', async () => {
    const category = await catalog.aCategory();
    await catalog.aDiscount({ scope: 'category', targetId: category.id, percentHundredths: 1000 });
    const product = await catalog.aProduct({ categoryId: category.id, price: 1_000n });
    expect(await listed(`category=${category.id}&priceTo=9`)).toEqual([product.id]);
    await operate('PATCH', `/admin/products/${product.id}`, { price: 20 });
    expect(await listed(`category=${category.id}&priceFrom=18&priceTo=18`)).toEqual([product.id]);
  });

  test.each([
    [{ value: 0 }, '/value'],
    [{ value: 100.01 }, '/value'],
    [{ value: 12.345 }, '/value'],
    [{ scope: 'product' }, '/targetId'],
    [{ targetId: '65f1a2b3c4d5e6f7a8b9c0ff' }, '/targetId'],
    [{ from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }, '/to'],
    [{ from: 'tomorrow' }, '/from'],
    [{ type: 'gift' }, '/type'],
    [{ percent: 5 }, '/percent'],
  ])('%j is refused', async (wrong, pointer) => {
    const response = await operate('POST', '/admin/discounts', { name: 'X', type: 'percent', value: 5, ...wrong });
    expect(response.statusCode, response.body).toBe(400);
    expect(response.json().violations).toEqual(expect.arrayContaining([expect.objectContaining({ pointer })]));
  });

  test('on what is not there is refused', async () => {
    const body = { name: 'X', type: 'fixed', value: 5, scope: 'category', targetId: '65f1a2b3c4d5e6f7a8b9c0ff' };
    expect((await operate('POST', '/admin/discounts', body)).json()).toMatchObject({
      status: 404,
      code: 'category_not_found',
    });
  });
});

test('a discount on a product that was removed can still be switched off', async () => {
  const product = await catalog.aProduct();
  const discount = await catalog.aDiscount({ scope: 'product', targetId: product.id });
  await removeProduct(catalog.deps, product.id, { actor: 'test', expectedVersion: undefined });
  const response = await operate('PATCH', `/admin/discounts/${discount.id}`, { active: false });
  expect(response.json()).toMatchObject({ version: 2, active: false });
});

describe('at the instant that a discount begins or ends', () => {
  test('the price shown is right at once, also in an answer kept from before', async () => {
    const { clock } = catalog.runtime;
    const from = new Date(clock().getTime() + 60_000);
    const to = new Date(clock().getTime() + 120_000);
    const product = await catalog.aProduct({ price: 1_000n });
    await catalog.aDiscount({ scope: 'product', targetId: product.id, percentHundredths: 1000, from, to });
    const prices: number[] = [];
    for (const at of [from.getTime() - 1, from.getTime(), to.getTime() - 1, to.getTime()]) {
      clock.set(new Date(at));
      const list = (await catalog.app.inject(`/products?category=${product.categoryId}`)).json();
      expect(list.items[0].price).toBe((await shown(product.id)).price);
      prices.push(list.items[0].price);
    }
    expect(prices).toEqual([10, 9, 9, 10]);
  });

  test('filters and sorts follow with the sweep, which does each turn once', async () => {
    const { clock } = catalog.runtime;
    await repriceWhatTurned(catalog.deps);
    const category = await catalog.aCategory();
    const from = new Date(clock().getTime() + 60_000);
    const to = new Date(clock().getTime() + 120_000);
    const dear = await catalog.aProduct({ price: 1_000n, categoryId: category.id });
    const cheap = await catalog.aProduct({ price: 950n, categoryId: category.id });
    await catalog.aDiscount({ scope: 'product', targetId: dear.id, percentHundredths: 1000, from, to });
    const order = () => listed(`category=${category.id}&sort=price`);
    expect(await repriceWhatTurned(catalog.deps)).toBe(0);
    expect(await order()).toEqual([cheap.id, dear.id]);

    clock.set(from);
    const turned = await Promise.all([repriceWhatTurned(catalog.deps), repriceWhatTurned(catalog.deps)]);
    expect(turned.sort()).toEqual([0, 1]);
    expect(await order()).toEqual([dear.id, cheap.id]);
    expect(await listed(`category=${category.id}&priceTo=9`)).toEqual([dear.id]);

    clock.set(to);
    expect(await repriceWhatTurned(catalog.deps)).toBe(1);
    expect(await repriceWhatTurned(catalog.deps)).toBe(0);
    expect(await order()).toEqual([cheap.id, dear.id]);
  });

  test('a process that slept over both instants catches up', async () => {
    const { clock } = catalog.runtime;
    const category = await catalog.aCategory();
    const product = await catalog.aProduct({ price: 1_000n, categoryId: category.id });
    const from = new Date(clock().getTime() + 1_000);
    await catalog.aDiscount({ scope: 'category', targetId: category.id, percentHundredths: 1000, from });
    clock.advance(86_400_000);
    expect(await repriceWhatTurned(catalog.deps)).toBe(1);
    expect(await listed(`category=${category.id}&priceTo=9`)).toEqual([product.id]);
  });
});
