import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCatalog, aProcessOf, type CatalogSystem } from '../../test/builders.ts';
import { importProducts } from '../import/service.ts';
import { createManufacturer } from '../manufacturer/service.ts';
import { changeProduct, removeProduct } from '../product/service.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());

const get = (url: string, headers: Record<string, string> = {}, { app }: Pick<CatalogSystem, 'app'> = catalog) =>
  app.inject({ url, headers });
const found = async (url: string) => {
  const response = await get(url);
  expect(response.statusCode, response.body).toBe(200);
  const { items, total } = response.json<{ items: { id: string; title: string; price: number }[]; total: number }>();
  return { ids: items.map(({ id }) => id), titles: items.map(({ title }) => title), total };
};

describe('GET /products/:idOrSlug', () => {
  test('answers the product as the document shows it', async () => {
    const parent = await catalog.aCategory({ slug: 'restoration' });
    const category = await catalog.aCategory({
      slug: 'composites',
      parentId: parent.id,
      name: { uk: 'Композити', ru: 'Композиты', en: 'Composites' },
    });
    const maker = await catalog.aManufacturer({ uk: 'Кайзер', ru: null, en: 'Kaiser' });
    const country = await catalog.aCountry('DE', { uk: 'Німеччина', ru: 'Германия', en: 'Germany' });
    const product = await catalog.aProduct({
      sku: 'KAI-4G',
      title: { uk: 'Композит', ru: 'Композит (ру)', en: 'Composite' },
      description: { uk: 'Опис', ru: null, en: 'Text' },
      price: 35_050n,
      categoryId: category.id,
      manufacturerId: maker.id,
      countryId: country.id,
      tags: ['нове'],
      images: ['https://images.example.com/a.jpg'],
      options: [{ name: 'shade', values: ['A1', 2] }],
    });
    const expected = {
      id: product.id,
      number: Number(product.number),
      slug: 'kompozyt',
      sku: 'KAI-4G',
      title: 'Композит',
      description: 'Опис',
      price: 350.5,
      currency: 'UAH',
      unit: 'шт',
      category: 'composites',
      categoryId: category.id,
      categoryName: 'Композити',
      manufacturerId: maker.id,
      manufacturerName: 'Кайзер',
      countryId: country.id,
      countryName: 'Німеччина',
      tags: ['нове'],
      images: ['https://images.example.com/a.jpg'],
      options: [{ name: 'shade', values: ['A1', 2] }],
      inStock: true,
    };
    for (const path of [product.id, product.slug, product.slug.toUpperCase()])
      expect((await get(`/products/${path}`)).json()).toEqual(expected);
    expect((await get('/products?limit=1')).json()).toMatchObject({ items: [expected], page: 1, limit: 1 });

    const english = await get(`/products/${product.id}`, { 'accept-language': 'en-GB, uk;q=0.5' });
    expect(english.json()).toMatchObject({
      title: 'Composite',
      description: 'Text',
      categoryName: 'Composites',
      countryName: 'Germany',
    });
    const russian = await get(`/products/${product.id}`, { 'accept-language': 'ru' });
    expect(russian.json()).toMatchObject({ title: 'Композит (ру)', description: 'Опис', manufacturerName: 'Кайзер' });
    const georgian = await get(`/products/${product.id}`, { 'accept-language': 'ka' });
    expect(georgian.json()).toMatchObject({ title: 'Композит' });
  });

  test('of a package it says what a period of it promises', async () => {
    const contents = [{ name: 'download', value: 100, unit: 'Mbit/s' }];
    const terms = { period: { unit: 'month', count: 1 }, renews: true, line: 'internet', contents } as const;
    const { id, slug } = await catalog.aProduct({ package: terms });
    for (const name of [id, slug]) expect((await get(`/products/${name}`)).json()).toMatchObject({ package: terms });
  });

  test.each(['65f1a2b3c4d5e6f7a8b9c0ff', 'nothing-of-the-kind', '%D0%B1%D0%BE%D1%80', "x'--", '%25'])(
    '%s is a 404',
    async (path) => {
      const response = await get(`/products/${path}`);
      expect(response.statusCode).toBe(404);
      expect(response.json()).toMatchObject({ statusCode: 404, error: 'Not Found', message: expect.any(String) });
    },
  );

  test('a product that was renamed is found by its old slug, and shows the new one', async () => {
    const product = await catalog.aProduct({ slug: 'old-name' });
    await changeProduct(catalog.deps, product.id, () => ({ slug: 'new-name' }), {
      actor: 'test',
      expectedVersion: undefined,
    });
    expect((await get('/products/old-name')).json()).toMatchObject({ id: product.id, slug: 'new-name' });
    expect((await get('/products/new-name')).json()).toMatchObject({ id: product.id });
  });

  test('an inactive or removed product is not there', async () => {
    const inactive = await catalog.aProduct({ active: false });
    const removed = await catalog.aProduct();
    expect((await get(`/products/${removed.slug}`)).statusCode).toBe(200);
    await removeProduct(catalog.deps, removed.id, { actor: 'test', expectedVersion: undefined });
    for (const { id, slug } of [inactive, removed]) {
      expect((await get(`/products/${id}`)).statusCode).toBe(404);
      expect((await get(`/products/${slug}`)).statusCode).toBe(404);
    }
  });
});

describe('GET /products filters', () => {
  test('a category takes its sub-categories in, by slug or id', async () => {
    const parent = await catalog.aCategory({ slug: 'endodontics' });
    const child = await catalog.aCategory({ parentId: parent.id });
    const inside = await catalog.aProduct({ categoryId: child.id });
    const above = await catalog.aProduct({ categoryId: parent.id });
    expect((await found('/products?category=endodontics')).ids.sort()).toEqual([inside.id, above.id].sort());
    expect((await found(`/products?category=${child.id}`)).ids).toEqual([inside.id]);
    expect(await found('/products?category=unknown')).toEqual({ ids: [], titles: [], total: 0 });
  });

  test.each([
    (a: string, b: string) => `manufacturerId=${a}&manufacturerId=${b}`,
    (a: string, b: string) => `manufacturerId[]=${a}&manufacturerId[]=${b}`,
    (a: string, b: string) => `manufacturerId[0]=${a}&manufacturerId[1]=${b}`,
    (a: string, b: string) => `manufacturerId%5B%5D=${a}&manufacturerId=${b}`,
  ])('every spelling of an array is understood: %s', async (spelling) => {
    const [one, two, three] = [
      await catalog.aManufacturer(),
      await catalog.aManufacturer(),
      await catalog.aManufacturer(),
    ];
    const products = await Promise.all([one, two, three].map(({ id }) => catalog.aProduct({ manufacturerId: id })));
    const { ids, total } = await found(`/products?${spelling(one.id, two.id)}`);
    expect(ids.sort()).toEqual(
      products
        .slice(0, 2)
        .map(({ id }) => id)
        .sort(),
    );
    expect(total).toBe(2);
  });

  test('filters go together, values of one are alternatives', async () => {
    const country = await catalog.aCountry('JP');
    const category = await catalog.aCategory();
    const [cheap, dear] = [
      await catalog.aProduct({ categoryId: category.id, countryId: country.id, tags: ['акція'], price: 1_000n }),
      await catalog.aProduct({ categoryId: category.id, countryId: country.id, tags: ['хіт', 'акція'], price: 9_000n }),
    ];
    await catalog.aProduct({ categoryId: category.id, tags: ['хіт'] });
    const base = `/products?category=${category.id}&countryId[]=${country.id}`;
    expect((await found(`${base}&tags=хіт&tags=АКЦІЯ`)).ids.sort()).toEqual([cheap.id, dear.id].sort());
    expect((await found(`${base}&tags[0]=хіт`)).ids).toEqual([dear.id]);
    expect((await found(`${base}&priceFrom=10.01`)).ids).toEqual([dear.id]);
    expect((await found(`${base}&priceTo=10`)).ids).toEqual([cheap.id]);
    expect((await found(`${base}&priceFrom=10&priceTo=90&sort=-price`)).ids).toEqual([dear.id, cheap.id]);
  });

  test('what a form leaves empty was not asked for', async () => {
    const all = await found('/products?limit=1');
    expect(await found('/products?limit=1&q=&category=&tags[]=&manufacturerId=&priceFrom=&sort=')).toEqual(all);
  });

  test.each([
    ['x=1', ['property x should not exist']],
    ['page=0', ['page must not be less than 1']],
    ['page=abc', expect.any(Array)],
    ['page=1.5', ['page must be an integer number']],
    ['limit=0', ['limit must not be less than 1']],
    ['limit=101', ['limit must not be greater than 100']],
    ['limit=1e6', expect.any(Array)],
    ['limit=-1', ['limit must not be less than 1']],
    ['sort=cheap', ['sort must be one of the following values: relevance, newest, price, -price, title']],
    ['manufacturerId=acme', ['manufacturerId.0 must be a mongodb id']],
    ['priceFrom=free', expect.any(Array)],
    ['priceFrom=-1', ['priceFrom must not be less than 0']],
    ['priceFrom=20&priceTo=10', expect.any(Array)],
    ['q=a&q=b', expect.any(Array)],
    [`q=${'я'.repeat(201)}`, ['q must be shorter than or equal to 200 characters']],
    ['q=%00', ['q must not contain control characters']],
    ['page=5002', ['page must not be greater than 5001']],
    ['page=1002&limit=100', ['page must not be greater than 1001']],
    ['page=999999999999', ['page must not be greater than 5001']],
    ['facets=2', expect.any(Array)],
    ['__proto__=1', expect.any(Array)],
  ])('%s is a 400 that says so', async (query, message) => {
    const response = await get(`/products?${query}`);
    expect(response.statusCode, response.body).toBe(400);
    expect(response.json()).toEqual({ statusCode: 400, message, error: 'Bad Request' });
  });

  test('more decimals than the currency has are a 400', async () => {
    expect((await get('/products?priceFrom=1.001')).statusCode).toBe(400);
  });
});

describe('GET /products pages', () => {
  test.each<[string, string, { price?: bigint; title?: { uk: string; ru: null; en: null } }]>([
    ['price', 'up', { price: 900n }],
    ['-price', 'down', { price: 1n }],
    ['title', 'up', { title: { uk: 'Ящик', ru: null, en: null } }],
  ])(
    'leafing through 500 equals by %s while others come behind neither repeats nor skips one',
    async (sort, ids, behind) => {
      const category = await catalog.aCategory();
      const rows = Array.from({ length: 500 }, (_, index) => ({
        sku: `EQ-${sort}-${index}`,
        title_uk: 'Рівний',
        price: 5,
        category: category.id,
      }));
      const file = {
        discard: async () => {},
        rows: async function* () {
          yield* rows;
        },
      };
      for await (const _line of importProducts(catalog.deps, file, { dryRun: false, atomic: false, actor: 'test' }));

      const seen: string[] = [];
      for (let page = 1; page <= 10; page += 1) {
        const { ids: some, total } = await found(
          `/products?category=${category.id}&sort=${sort}&limit=50&page=${page}`,
        );
        expect(total).toBe(500 + page - 1);
        seen.push(...some);
        await catalog.aProduct({ categoryId: category.id, ...behind });
      }
      expect(new Set(seen).size).toBe(500);
      const inOrder = seen.toSorted();
      expect(seen).toEqual(ids === 'up' ? inOrder : inOrder.reverse());
      expect(await found(`/products?category=${category.id}&page=900`)).toMatchObject({ ids: [], total: 510 });
    },
  );

  test('sorts by price to pay now, by title in the reader’s alphabet, by newest', async () => {
    const category = await catalog.aCategory();
    const make = (uk: string, price: bigint) =>
      catalog.aProduct({ categoryId: category.id, title: { uk, ru: null, en: null }, price });
    const ghe = await make('Ґанок', 300n);
    catalog.runtime.clock.advance(1000);
    const ie = await make('Єнот', 100n);
    catalog.runtime.clock.advance(1000);
    const a = await make('абрикос', 200n);
    const sorted = async (sort: string) => (await found(`/products?category=${category.id}&sort=${sort}`)).ids;
    expect(await sorted('title')).toEqual([a.id, ghe.id, ie.id]);
    expect(await sorted('price')).toEqual([ie.id, a.id, ghe.id]);
    expect(await sorted('-price')).toEqual([ghe.id, a.id, ie.id]);
    expect(await sorted('newest')).toEqual([a.id, ie.id, ghe.id]);
    expect(await sorted('relevance')).toEqual([a.id, ie.id, ghe.id]);
  });
});

describe('facets', () => {
  test('each counts what it would leave, were it chosen alone in its own filter', async () => {
    const [red, blue] = [
      await catalog.aManufacturer({ uk: 'Червоний', ru: null, en: null }),
      await catalog.aManufacturer(),
    ];
    const parent = await catalog.aCategory();
    const child = await catalog.aCategory({ parentId: parent.id });
    await catalog.aProduct({ categoryId: child.id, manufacturerId: red.id, price: 100n, tags: ['a', 'b'] });
    await catalog.aProduct({ categoryId: parent.id, manufacturerId: blue.id, price: 900n, tags: ['a'] });
    const { facets, total } = (await get(`/products?category=${parent.id}&manufacturerId=${red.id}&facets=1`)).json();
    expect(total).toBe(1);
    expect(facets.manufacturers).toEqual(
      expect.arrayContaining([
        { id: red.id, name: 'Червоний', count: 1 },
        { id: blue.id, name: expect.any(String), count: 1 },
      ]),
    );
    expect(facets.categories).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: parent.id, slug: parent.slug, count: 1 })]),
    );
    expect(facets.tags).toEqual([
      { tag: 'a', count: 1 },
      { tag: 'b', count: 1 },
    ]);
    expect(facets.price).toEqual({ min: 1, max: 1 });
  });

  test('offer nothing that the lists hide', async () => {
    const { id: categoryId } = await catalog.aCategory({ active: false });
    const { id: manufacturerId } = await createManufacturer(
      catalog.deps,
      { name: { uk: 'Прихований', ru: null, en: null }, active: false },
      'test',
    );
    await catalog.aProduct({ categoryId, manufacturerId });
    const { facets, total } = (await get(`/products?category=${categoryId}&facets=1`)).json();
    expect(total).toBe(1);
    expect(facets).toMatchObject({ manufacturers: [] });
    const ids = facets.categories.map(({ id }: { id: string }) => id);
    expect(ids).not.toContain(categoryId);
  });

  test('are left out unless asked for, and empty when nothing matches', async () => {
    expect((await get('/products')).json()).not.toHaveProperty('facets');
    expect((await get('/products?category=unknown&facets=true')).json().facets).toEqual({
      categories: [],
      manufacturers: [],
      countries: [],
      tags: [],
      price: null,
    });
  });
});

describe('the lists of what products point at', () => {
  test('hold active ones alone, in the reader’s language', async () => {
    const system = await aCatalog();
    const parent = await system.aCategory({ slug: 'a', position: 2, name: { uk: 'Бори', ru: 'Боры', en: 'Burs' } });
    const first = await system.aCategory({ slug: 'b', position: 1 });
    const child = await system.aCategory({ slug: 'c', parentId: parent.id });
    await system.aCategory({ slug: 'hidden', active: false });
    const german = { 'accept-language': 'en' };
    const categories = (await get('/categories', german, system)).json();
    expect(categories.map(({ id }: { id: string }) => id)).toEqual([first.id, parent.id, child.id]);
    expect(categories[1]).toEqual({ id: parent.id, slug: 'a', name: 'Burs', parentId: null, path: [parent.id] });
    await system.aManufacturer({ uk: 'Яна', ru: null, en: null });
    await system.aManufacturer({ uk: 'Єва', ru: null, en: null });
    expect((await get('/manufacturers', {}, system)).json().map(({ name }: { name: string }) => name)).toEqual([
      'Єва',
      'Яна',
    ]);
    const country = await system.aCountry('UA', { uk: 'Україна', ru: 'Украина', en: 'Ukraine' });
    expect((await get('/countries', german, system)).json()).toEqual([{ id: country.id, code: 'UA', name: 'Ukraine' }]);
    expect((await get('/countries?x=1', {}, system)).statusCode).toBe(400);
    await system.runtime.close();
  });
});

describe('what was answered once', () => {
  test('is not sent again to whoever has it', async () => {
    const { slug } = await catalog.aProduct();
    for (const path of [`/products/${slug}`, '/products?limit=1', '/categories', '/manufacturers', '/countries']) {
      const first = await get(path);
      const { etag } = first.headers;
      expect(first.headers['cache-control']).toBe('public, no-cache');
      expect(first.headers.vary).toContain('Accept-Language');
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await get(path, { 'if-none-match': String(known) });
        expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
      }
      expect((await get(path, { 'if-none-match': '"other"' })).statusCode).toBe(200);
    }
  });

  test('says at which revision it was right, and for how long, to a gateway that may keep it', async () => {
    const system = await aCatalog();
    const ask = async (path: string) => (await get(path, {}, system)).headers;
    const revisionNow = async () => (await get('/internal/revision', {}, system)).json().revision;
    const product = await system.aProduct({ price: 100n });
    const { 'x-internal-revision': revision, ...headers } = await ask(`/products/${product.id}`);
    expect(revision).toBe(await revisionNow());
    expect(headers).not.toHaveProperty('x-internal-good-for');

    const ends = new Date(system.runtime.clock().getTime() + 60_000);
    const discount = { name: 'x', type: 'percent', value: 5, scope: 'everything', to: ends.toISOString() };
    const created = await system.app.inject({
      method: 'POST',
      url: '/admin/discounts',
      headers: await system.operator(),
      payload: discount,
    });
    expect(created.statusCode, created.body).toBe(201);
    expect(await revisionNow()).not.toBe(revision);
    system.runtime.clock.advance(1000);
    expect(await ask(`/products/${product.id}`)).toMatchObject({
      'x-internal-revision': await revisionNow(),
      'x-internal-good-for': '59000',
    });
    const other = await aProcessOf(system.runtime);
    expect((await get('/internal/revision', {}, other)).json().revision).not.toBe(await revisionNow());
    await other.app.close();
    await system.runtime.close();
  });

  test('of one product says so, and outlives what changes of others', async () => {
    const system = await aCatalog();
    const [one, other] = [await system.aProduct(), await system.aProduct()];
    const statementsOf = (path: string) => countStatements(system.runtime, () => get(path, {}, system));
    const news = async (since: string) => (await get(`/internal/revision?since=${since}`, {}, system)).json();
    const { headers } = await get(`/products/${one.slug}`, {}, system);
    expect(headers['x-internal-about']).toBe(one.id);
    await get('/products', {}, system);
    const known = headers['x-internal-revision'] as string;
    expect(await news(known)).toEqual({ revision: known, changed: [] });

    const price = { actor: 'test', expectedVersion: undefined };
    await changeProduct(system.deps, other.id, () => ({ price: 200n }), price);
    const { revision, changed } = await news(known);
    expect(revision).not.toBe(known);
    expect(changed).toContain(other.id);
    expect(changed).not.toContain(one.id);
    const again = await statementsOf(`/products/${one.slug}`);
    expect(again.statements).toEqual([]);
    expect(again.result.headers['x-internal-revision']).toBe(revision);
    // The page, and the one product that is not at hand any more.
    expect((await statementsOf('/products')).statements).toHaveLength(2);
    expect((await statementsOf(`/products/${other.slug}`)).result.json().price).toBe(2);

    await system.aManufacturer();
    expect((await news(revision)).changed).toBeNull();
    expect((await news('somebody-else.7')).changed).toBeNull();
    await system.runtime.close();
  });

  test('is never stale in the process that changed it', async () => {
    const product = await catalog.aProduct({ price: 100n });
    const before = await get(`/products/${product.id}`);
    await changeProduct(catalog.deps, product.id, () => ({ price: 200n }), {
      actor: 'test',
      expectedVersion: undefined,
    });
    const after = await get(`/products/${product.id}`, { 'if-none-match': String(before.headers.etag) });
    expect([after.statusCode, after.json().price]).toEqual([200, 2]);
  });

  test('is at most a quarter of a second stale in another process', async () => {
    const other = await aProcessOf(catalog.runtime);
    const product = await catalog.aProduct({ price: 100n });
    expect((await get(`/products/${product.id}`, {}, other)).json().price).toBe(1);
    await changeProduct(catalog.deps, product.id, () => ({ price: 200n }), {
      actor: 'test',
      expectedVersion: undefined,
    });
    catalog.runtime.clock.advance(250);
    expect((await get(`/products/${product.id}`, {}, other)).json().price).toBe(2);
    await other.app.close();
  });

  test('is not stale in another process that was told to look', async () => {
    const other = await aProcessOf(catalog.runtime);
    const product = await catalog.aProduct({ price: 100n });
    expect((await get(`/products/${product.id}`, {}, other)).json().price).toBe(1);
    await changeProduct(catalog.deps, product.id, () => ({ price: 200n }), {
      actor: 'test',
      expectedVersion: undefined,
    });
    await get('/internal/revision?anew=1', {}, other);
    expect((await get(`/products/${product.id}`, {}, other)).json().price).toBe(2);
    await other.app.close();
  });

  test('changes of transactions that were open at the last look are noticed, whatever their order of commit', async () => {
    const { current } = catalog.deps.revisions;
    const client = await catalog.runtime.database.pool.connect();
    const insert = `INSERT INTO change_log (at, kind, thing_id, version, change, actor, data) VALUES (now(), 'product', 'x', 1, 'changed', 'test', '{}')`;
    await client.query('BEGIN');
    await client.query(insert);
    await catalog.runtime.database.pool.query(insert);
    catalog.runtime.clock.advance(250);
    const early = await current();
    catalog.runtime.clock.advance(250);
    expect(await current()).toEqual(early);
    await client.query('COMMIT');
    client.release();
    catalog.runtime.clock.advance(250);
    const late = await current();
    expect(late.catalogue).toBe(early.catalogue + 1);
    expect(late.directory).toBe(early.directory);
  });
});

describe('statements a request', () => {
  const statementsOf = async (path: string) => (await countStatements(catalog.runtime, () => get(path))).statements;
  const warm = async () => {
    await catalog.aProduct({ title: { uk: 'Термопласт', ru: null, en: null } });
    await get('/categories');
    await catalog.deps.vocabulary.meaningsOf([]);
  };

  test.each([
    ['/products?sort=title', 1],
    ['/products?q=термопласт', 1],
    ['/products?q=термопалст', 1],
    ['/products?q=термопласт&facets=1&limit=3', 2],
  ])('%s takes %i and one for products not seen yet, and none the second time', async (path, count) => {
    await warm();
    expect(await statementsOf(path)).toHaveLength(count + 1);
    expect(await statementsOf(path)).toEqual([]);
    expect(await statementsOf(`${path}&priceFrom=0`)).toHaveLength(count);
  });

  test.each([
    '/products?limit=20',
    '/products?limit=100&sort=price',
    '/products?limit=100&sort=-price',
    '/products?limit=3&facets=1',
  ])('%s takes one for what has changed and one for products not seen yet, another filter none', async (path) => {
    await get('/products');
    await warm();
    expect(await statementsOf(path)).toHaveLength(2);
    expect(await statementsOf(path)).toEqual([]);
    expect(await statementsOf(`${path}&priceFrom=0`)).toEqual([]);
  });

  test('a product that a list has shown takes none, by id or by slug', async () => {
    const { id, slug, categoryId } = await catalog.aProduct();
    await warm();
    const [item] = (await get(`/products?category=${categoryId}`)).json().items;
    expect(item.id).toBe(id);
    for (const name of [id, slug]) {
      const { result, statements } = await countStatements(catalog.runtime, () => get(`/products/${name}`));
      expect(result.json()).toEqual(item);
      expect(statements).toEqual([]);
    }
  });

  test('facets that another page had counted are not counted again', async () => {
    await warm();
    const path = '/products?q=термопласт&facets=1';
    await statementsOf(path);
    expect(await statementsOf(`${path}&page=2`)).toHaveLength(1);
    expect((await statementsOf(`${path}&sort=price&limit=2`)).join()).not.toContain(' AS categories');
  });

  test('products that are asked for at the same time share one, and each asker gets theirs', async () => {
    const products = await Promise.all(Array.from({ length: 6 }, () => catalog.aProduct()));
    await warm();
    const asked = [...products.map(({ slug }) => slug), products[0]?.id ?? '', 'no-such-product'];
    const { result, statements } = await countStatements(catalog.runtime, () =>
      Promise.all(asked.map((idOrSlug) => get(`/products/${idOrSlug}`))),
    );
    expect(result.map((answer) => answer.json().id)).toEqual([
      ...products.map(({ id }) => id),
      products[0]?.id,
      undefined,
    ]);
    expect(result.at(-1)?.statusCode).toBe(404);
    expect(statements.length).toBeLessThanOrEqual(2);
  });

  test('a product takes one, by id or by slug, and none by either after that', async () => {
    const [one, other] = [await catalog.aProduct(), await catalog.aProduct()];
    await warm();
    expect(await statementsOf(`/products/${one.id}`)).toHaveLength(1);
    expect(await statementsOf(`/products/${one.slug}`)).toEqual([]);
    expect(await statementsOf(`/products/${other.slug}`)).toHaveLength(1);
    expect(await statementsOf(`/products/${other.id}`)).toEqual([]);
  });

  test('twenty equal questions at once are one', async () => {
    await warm();
    const { statements, result } = await countStatements(catalog.runtime, () =>
      Promise.all(Array.from({ length: 20 }, () => get('/products?limit=7'))),
    );
    expect(statements).toHaveLength(2);
    expect(new Set(result.map(({ body }) => body)).size).toBe(1);
  });

  test('with nothing changed, looking whether something has takes one a quarter of a second', async () => {
    await warm();
    await get('/products');
    catalog.runtime.clock.advance(250);
    expect(await statementsOf('/products')).toHaveLength(1);
    expect(await statementsOf('/products')).toEqual([]);
  });
});
