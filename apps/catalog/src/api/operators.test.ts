import { productChanged } from '@forecourt/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { aCatalog, type CatalogSystem, operatorId } from '../../test/builders.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());
beforeEach(async () => {
  await catalog.told();
  await catalog.logged();
});

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
const call = async (method: Method, url: string, payload?: object, headers: Record<string, string> = {}) =>
  catalog.app.inject({
    method,
    url,
    headers: { ...(await catalog.operator()), ...headers },
    ...(payload && { payload }),
  });
const done = async (method: Method, url: string, payload?: object, headers?: Record<string, string>) => {
  const response = await call(method, url, payload, headers);
  expect(response.statusCode, response.body).toBeLessThan(300);
  return response.statusCode === 204 ? undefined : response.json();
};
const refusal = async (method: Method, url: string, payload?: object, headers?: Record<string, string>) => {
  const response = await call(method, url, payload, headers);
  expect(response.headers['content-type']).toContain('application/problem+json');
  return { status: response.statusCode, ...response.json() };
};

describe('who may', () => {
  const paths: [Method, string][] = ['products', 'categories', 'manufacturers', 'countries', 'discounts'].flatMap(
    (things) => [
      ['GET', `/admin/${things}`],
      ['POST', `/admin/${things}`],
      ['GET', `/admin/${things}/65f1a2b3c4d5e6f7a8b9c001`],
      ['PATCH', `/admin/${things}/65f1a2b3c4d5e6f7a8b9c001`],
      ['DELETE', `/admin/${things}/65f1a2b3c4d5e6f7a8b9c001`],
    ],
  );
  test.each<[Method, string]>([...paths, ['POST', '/admin/products/import'], ['GET', '/admin/catalogue/changes']])(
    '%s %s is for operators alone',
    async (method, url) => {
      const customer = await catalog.runtime.issuer.bearer({ customerId: operatorId });
      expect((await catalog.app.inject({ method, url })).statusCode).toBe(401);
      expect((await catalog.app.inject({ method, url, headers: customer })).statusCode).toBe(403);
      expect((await call(method, url, method === 'GET' || method === 'DELETE' ? undefined : {})).statusCode).not.toBe(
        403,
      );
    },
  );
});

describe('products', () => {
  test('are created, told and logged', async () => {
    const category = await catalog.aCategory();
    await catalog.logged();
    const product = await done('POST', '/admin/products', {
      sku: 'NEW-1',
      title: { uk: 'Новий товар', en: 'New' },
      price: 12.5,
      categoryId: category.id,
      tags: ['Хіт', 'хіт'],
      options: [{ name: 'shade', values: ['A1', 'A2'] }],
    });
    expect(product).toMatchObject({
      version: 1,
      sku: 'NEW-1',
      slug: 'novyi-tovar',
      title: { uk: 'Новий товар', ru: null, en: 'New' },
      description: { uk: null, ru: null, en: null },
      price: 12.5,
      currency: 'UAH',
      unit: null,
      tags: ['хіт'],
      images: [],
      active: true,
      inStock: true,
    });
    const [event, ...others] = await catalog.told();
    expect(others).toEqual([]);
    expect(event?.subject).toBe(productChanged.subject);
    expect(z.parse(productChanged.data, event?.data)).toMatchObject({
      productId: product.id,
      version: 1,
      price: 1250n,
      currency: 'UAH',
      categoryPath: [category.id],
      options: [{ name: 'shade', values: ['A1', 'A2'] }],
    });
    expect(await catalog.logged()).toEqual([
      { kind: 'product', thingId: product.id, version: 1, change: 'created', actor: operatorId },
    ]);
    expect(await done('GET', `/admin/products/${product.id}`)).toEqual(product);
  });

  test('change only in what is sent', async () => {
    const before = await catalog.aProduct({ title: { uk: 'Було', ru: 'Было', en: null }, tags: ['a'] });
    await catalog.told();
    const after = await done('PATCH', `/admin/products/${before.id}`, { title: { uk: 'Стало' }, price: 7 });
    expect(after).toMatchObject({
      version: 2,
      title: { uk: 'Стало', ru: 'Было' },
      price: 7,
      tags: ['a'],
      slug: before.slug,
    });
    expect((await catalog.told()).map(({ data }) => data)).toMatchObject([
      { productId: before.id, version: 2, price: 700 },
    ]);
  });

  test('saying what is so already tells nothing', async () => {
    const { id } = await catalog.aProduct({ price: 700n });
    await catalog.told();
    await catalog.logged();
    expect(await done('PATCH', `/admin/products/${id}`, { price: 7 })).toMatchObject({ version: 1 });
    expect(await catalog.told()).toEqual([]);
    expect(await catalog.logged()).toEqual([]);
  });

  test('of two changes of one version the second is refused', async () => {
    const { id } = await catalog.aProduct();
    const seen = await call('GET', `/admin/products/${id}`);
    expect(seen.headers.etag).toBe('"1"');
    await done('PATCH', `/admin/products/${id}`, { price: 1 }, { 'if-match': '"1"' });
    expect(await refusal('PATCH', `/admin/products/${id}`, { price: 2 }, { 'if-match': '"1"' })).toMatchObject({
      status: 409,
      code: 'version_conflict',
    });
    expect(await refusal('PATCH', `/admin/products/${id}`, { price: 2, version: 1 })).toMatchObject({
      status: 409,
      code: 'version_conflict',
    });
    expect(await refusal('DELETE', `/admin/products/${id}`, undefined, { 'if-match': '"1"' })).toMatchObject({
      status: 409,
    });
    expect(await refusal('PATCH', `/admin/products/${id}`, { price: 2 }, { 'if-match': 'soon' })).toMatchObject({
      status: 400,
    });
    await done('PATCH', `/admin/products/${id}`, { price: 2, version: 2 });
  });

  test('twenty changes at once make twenty versions, told in their order', async () => {
    const { id } = await catalog.aProduct({ price: 0n });
    await catalog.told();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => done('PATCH', `/admin/products/${id}`, { price: index + 1 })),
    );
    expect((await catalog.told()).map(({ data }) => data.version)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 2),
    );
  });

  test('are removed for good, and give their SKU and slug free', async () => {
    const category = await catalog.aCategory();
    const { id, sku, slug } = await catalog.aProduct({ sku: 'GONE', slug: 'gone', categoryId: category.id });
    await catalog.told();
    await done('DELETE', `/admin/products/${id}`);
    expect(await catalog.told()).toMatchObject([
      { subject: 'catalog.product.removed.v1', data: { productId: id, version: 2 } },
    ]);
    expect((await catalog.logged()).at(-1)).toMatchObject({
      kind: 'product',
      thingId: id,
      version: 2,
      change: 'removed',
    });
    expect(await refusal('GET', `/admin/products/${id}`)).toMatchObject({ status: 404, code: 'product_not_found' });
    expect(await refusal('DELETE', `/admin/products/${id}`)).toMatchObject({ status: 404 });
    await done('POST', '/admin/products', { sku, slug, title: { uk: 'Знову' }, price: 1, categoryId: category.id });
    expect(await refusal('DELETE', `/admin/categories/${category.id}`)).toMatchObject({
      status: 409,
      code: 'still_in_use',
    });
  });

  test('keep their names to themselves', async () => {
    const first = await catalog.aProduct({ sku: 'ONE', slug: 'taken' });
    const base = { title: { uk: 'Інший' }, price: 1, categoryId: first.categoryId };
    expect(await refusal('POST', '/admin/products', { ...base, sku: 'ONE' })).toMatchObject({
      status: 409,
      code: 'sku_taken',
    });
    expect(await refusal('POST', '/admin/products', { ...base, sku: 'TWO', slug: 'taken' })).toMatchObject({
      status: 409,
      code: 'slug_taken',
    });
    const twin = await done('POST', '/admin/products', { ...base, sku: 'Two/2', title: { uk: 'Taken' } });
    expect(twin.slug).toBe('taken-two-2');
  });

  test.each<[string, object, string]>([
    ['an unknown field', { colour: 'red' }, '/colour'],
    ['no title in Ukrainian', { title: { en: 'x' } }, '/title/uk'],
    ['a negative price', { price: -1 }, '/price'],
    ['a price as text', { price: '12' }, '/price'],
    ['a slug that looks like an id', { slug: '65f1a2b3c4d5e6f7a8b9c001' }, '/slug'],
    ['a slug with capitals', { slug: 'Bur' }, '/slug'],
    ['an image over http', { images: ['http://example.com/a.jpg'] }, '/images/0'],
    ['a script for an image', { images: ['javascript:alert(1)'] }, '/images/0'],
    [
      'an option twice',
      {
        options: [
          { name: 'a', values: ['1'] },
          { name: 'a', values: ['2'] },
        ],
      },
      '/options',
    ],
    ['an option without values', { options: [{ name: 'a', values: [] }] }, '/options/0/values'],
    ['a NUL', { sku: 'A\u0000' }, '/sku'],
    ['a lone surrogate', { title: { uk: '\ud800' } }, '/title/uk'],
  ])('%s is refused, and named', async (_what, wrong, pointer) => {
    const { id } = await catalog.aCategory();
    const body = { sku: 'X-1', title: { uk: 'Товар' }, price: 1, categoryId: id, ...wrong };
    const { status, violations } = await refusal('POST', '/admin/products', body);
    expect(status).toBe(400);
    expect(violations.map((violation: { pointer: string }) => violation.pointer)).toContain(pointer);
  });

  test('a price with more decimals than the currency has is refused', async () => {
    const { id } = await catalog.aCategory();
    const body = { sku: 'X-2', title: { uk: 'Товар' }, price: 1.005, categoryId: id };
    expect(await refusal('POST', '/admin/products', body)).toMatchObject({ status: 400, code: 'amount_precision' });
  });

  test.each([
    ['categoryId', 'category_not_found'],
    ['manufacturerId', 'manufacturer_not_found'],
    ['countryId', 'country_not_found'],
  ])('a %s that nobody has is refused', async (field, code) => {
    const { id } = await catalog.aCategory();
    const body = { sku: 'X-3', title: { uk: 'Товар' }, price: 1, categoryId: id, [field]: '65f1a2b3c4d5e6f7a8b9c0ff' };
    expect(await refusal('POST', '/admin/products', body)).toMatchObject({ status: 404, code });
  });

  test('are listed with filters, inactive ones too', async () => {
    const category = await catalog.aCategory();
    const off = await catalog.aProduct({
      categoryId: category.id,
      active: false,
      title: { uk: 'Вимкнений', ru: null, en: null },
    });
    catalog.runtime.clock.advance(1000);
    const on = await catalog.aProduct({ categoryId: category.id });
    const listed = async (query: string) =>
      (await done('GET', `/admin/products?categoryId=${category.id}&${query}`)).items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await listed('')).toEqual([on.id, off.id]);
    expect(await listed('active=false')).toEqual([off.id]);
    expect(await listed('q=вимкнений')).toEqual([off.id]);
    expect(await listed(`sku=${on.sku}`)).toEqual([on.id]);
    expect(await done('GET', `/admin/products?categoryId=${category.id}&limit=1&page=2`)).toMatchObject({
      total: 2,
      items: [{ id: off.id }],
    });
    expect(await done('GET', `/admin/products?categoryId=${category.id}&page=9`)).toMatchObject({
      total: 2,
      items: [],
    });
  });
});

describe('categories', () => {
  test('that move take everything below along, and tell every product of its new path', async () => {
    const [from, to] = [await catalog.aCategory(), await catalog.aCategory()];
    const moved = await catalog.aCategory({ parentId: from.id });
    const leaf = await catalog.aCategory({ parentId: moved.id });
    const inside = await catalog.aProduct({ categoryId: leaf.id });
    await catalog.aProduct({ categoryId: from.id });
    await catalog.told();
    await done('PATCH', `/admin/categories/${moved.id}`, { parentId: to.id });
    const path = [to.id, moved.id, leaf.id];
    expect(await catalog.logged()).toEqual(
      expect.arrayContaining([
        { kind: 'category', thingId: moved.id, version: 2, change: 'changed', actor: operatorId },
        { kind: 'category', thingId: leaf.id, version: 2, change: 'changed', actor: operatorId },
      ]),
    );
    expect((await catalog.told()).map(({ data }) => data)).toMatchObject([
      { productId: inside.id, version: 2, categoryPath: path },
    ]);
    expect(await done('GET', `/admin/categories/${leaf.id}`)).toMatchObject({ path, version: 2 });
    const listed = await catalog.app.inject(`/products?category=${to.slug}`);
    expect(listed.json()).toMatchObject({ total: 1, items: [{ id: inside.id }] });
  });

  test('cannot move into themselves', async () => {
    const parent = await catalog.aCategory();
    const child = await catalog.aCategory({ parentId: parent.id });
    expect(await refusal('PATCH', `/admin/categories/${parent.id}`, { parentId: child.id })).toMatchObject({
      status: 409,
      code: 'category_cycle',
    });
    expect(await refusal('PATCH', `/admin/categories/${parent.id}`, { parentId: parent.id })).toMatchObject({
      status: 409,
      code: 'category_cycle',
    });
  });

  test('in use stay', async () => {
    const parent = await catalog.aCategory();
    const child = await catalog.aCategory({ parentId: parent.id });
    expect(await refusal('DELETE', `/admin/categories/${parent.id}`)).toMatchObject({
      status: 409,
      code: 'still_in_use',
    });
    await done('DELETE', `/admin/categories/${child.id}`);
    await done('DELETE', `/admin/categories/${parent.id}`);
    expect(await refusal('GET', `/admin/categories/${parent.id}`)).toMatchObject({
      status: 404,
      code: 'category_not_found',
    });
  });
});

describe.each([
  ['categories', 'category', { name: { uk: 'Перша' }, slug: 'first' }],
  ['manufacturers', 'manufacturer', { name: { uk: 'Перший' }, slug: 'first' }],
  ['countries', 'country', { name: { uk: 'Польща' }, code: 'PL' }],
])('%s', (things, kind, body) => {
  test('are created, changed, listed and removed, each time logged', async () => {
    const made = await done('POST', `/admin/${things}`, body);
    expect(made).toMatchObject({ ...body, name: { uk: body.name.uk, ru: null, en: null }, version: 1, active: true });
    expect(await refusal('POST', `/admin/${things}`, body)).toMatchObject({ status: 409, code: 'slug_taken' });
    const changed = await done(
      'PATCH',
      `/admin/${things}/${made.id}`,
      { name: { en: 'Named' }, active: false },
      { 'if-match': '"1"' },
    );
    expect(changed).toMatchObject({ version: 2, name: { uk: body.name.uk, en: 'Named' }, active: false });
    expect(await done('PATCH', `/admin/${things}/${made.id}`, { active: false })).toMatchObject({ version: 2 });
    expect(await refusal('PATCH', `/admin/${things}/${made.id}`, { active: true, version: 1 })).toMatchObject({
      code: 'version_conflict',
    });
    expect(await done('GET', `/admin/${things}`)).toEqual(expect.arrayContaining([changed]));
    await done('DELETE', `/admin/${things}/${made.id}`);
    expect(await refusal('DELETE', `/admin/${things}/${made.id}`)).toMatchObject({
      status: 404,
      code: `${kind}_not_found`,
    });
    const about = { kind, thingId: made.id, actor: operatorId };
    expect(await catalog.logged()).toEqual([
      { ...about, version: 1, change: 'created' },
      { ...about, version: 2, change: 'changed' },
      { ...about, version: 3, change: 'removed' },
    ]);
  });
});

test.each(['categories', 'manufacturers'])(
  '%s whose names cannot be written in Latin letters have slugs all the same',
  async (things) => {
    const [one, other] = [
      await done('POST', `/admin/${things}`, { name: { uk: '三金' } }),
      await done('POST', `/admin/${things}`, { name: { uk: '森田' } }),
    ];
    for (const { slug } of [one, other]) expect(slug).toMatch(/^[a-z0-9-]+$/);
    expect(one.slug).not.toBe(other.slug);
  },
);

test('a manufacturer or country in use stays', async () => {
  const [maker, country] = [await catalog.aManufacturer(), await catalog.aCountry('FR')];
  const product = await catalog.aProduct({ manufacturerId: maker.id, countryId: country.id });
  expect(await refusal('DELETE', `/admin/manufacturers/${maker.id}`)).toMatchObject({ code: 'still_in_use' });
  expect(await refusal('DELETE', `/admin/countries/${country.id}`)).toMatchObject({ code: 'still_in_use' });
  await done('DELETE', `/admin/products/${product.id}`);
  await done('DELETE', `/admin/manufacturers/${maker.id}`);
  await done('DELETE', `/admin/countries/${country.id}`);
});

test('the change log shows who did what, newest first, and goes on below a position', async () => {
  const { id } = await catalog.aProduct();
  await done('PATCH', `/admin/products/${id}`, { price: 3 });
  const { items } = await done('GET', `/admin/catalogue/changes?kind=product&id=${id}`);
  expect(items).toMatchObject([
    { kind: 'product', id, version: 2, change: 'changed', actor: operatorId, data: { productId: id, price: 300 } },
    { kind: 'product', id, version: 1, change: 'created' },
  ]);
  const below = await done('GET', `/admin/catalogue/changes?id=${id}&before=${items[0].position}`);
  expect(below.items).toEqual([items[1]]);
});
