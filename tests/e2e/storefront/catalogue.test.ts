import { until } from '@forecourt/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  aCategory,
  aCountry,
  aManufacturer,
  aProduct,
  changeProduct,
  removeProduct,
  seenProduct,
} from '../catalogue.ts';
import { gateway } from '../storefront-client.ts';
import { Product, ProductPage, type Refusal, refusal } from '../storefront-shapes.ts';

interface Named {
  id: string;
  slug: string;
}

const list = (query: string) => gateway.get<ProductPage>(`/products?${query}`);
const titles = async (query: string) => (await list(query)).body.items.map(({ title }) => title);

/** A small shop of its own, under one category, so that no other test's products are in the way. */
let shop: { root: Named; burs: Named; diamond: Named; maker: Named; other: Named; country: { id: string } };
let tag: string;

beforeAll(async () => {
  const root = await aCategory();
  const burs = await aCategory({ parentId: root.id });
  const diamond = await aCategory({ parentId: burs.id });
  const [maker, other, country] = await Promise.all([aManufacturer(), aManufacturer(), aCountry()]);
  shop = { root, burs, diamond, maker, other, country };
  tag = root.slug;
  const bur = { manufacturerId: maker.id, countryId: country.id };
  await aProduct({ ...bur, title: 'Бор алмазний', price: 50, categoryId: diamond.id, tags: [tag, 'hit'] });
  await aProduct({ ...bur, title: 'Бор твердосплавний', price: 70, categoryId: burs.id, tags: [tag, 'new'] });
  await aProduct({
    title: 'Апекслокатор',
    price: 5000,
    categoryId: root.id,
    manufacturerId: other.id,
    tags: [tag, 'hit', 'new'],
  });
  await aProduct({ title: 'Вініри', price: 80, categoryId: root.id, tags: [tag] });
});

describe('GET /products', () => {
  test('is a page of products, each with at least the keys of the document', async () => {
    const { status, body } = await list(`category=${shop.root.slug}`);
    expect(status).toBe(200);
    expect(ProductPage.parse(body)).toMatchObject({ page: 1, limit: 20, total: 4 });
    for (const product of body.items) {
      expect(Object.keys(product)).toEqual(
        expect.arrayContaining(['category', 'categoryId', 'manufacturerId', 'countryId', 'options', 'unit']),
      );
    }
  });

  test.each([
    ['the slug of a category, sub-categories included', () => `category=${shop.root.slug}`, 4],
    ['the id of a category, sub-categories included', () => `category=${shop.burs.id}`, 2],
    ['a leaf category', () => `category=${shop.diamond.slug}`, 1],
    ['a category that nobody knows', () => 'category=no-such-category', 0],
    ['one manufacturer', () => `manufacturerId=${shop.maker.id}`, 2],
    ['two manufacturers, repeated', () => `manufacturerId=${shop.maker.id}&manufacturerId=${shop.other.id}`, 3],
    ['two manufacturers, bracketed', () => `manufacturerId[]=${shop.maker.id}&manufacturerId[]=${shop.other.id}`, 3],
    ['two manufacturers, indexed', () => `manufacturerId[0]=${shop.maker.id}&manufacturerId[1]=${shop.other.id}`, 3],
    ['brackets written as an encoder writes them', () => `manufacturerId%5B%5D=${shop.maker.id}`, 2],
    ['a manufacturer that nobody knows', () => 'manufacturerId=65f1a2b3c4d5e6f7a8b9c001', 0],
    ['a country', () => `category=${shop.root.id}&countryId[]=${shop.country.id}`, 2],
    ['a price from', () => `category=${shop.root.id}&priceFrom=70`, 3],
    ['a price to', () => `category=${shop.root.id}&priceTo=70`, 2],
    ['a range of prices, both ends included', () => `category=${shop.root.id}&priceFrom=70&priceTo=80`, 2],
    ['a tag', () => `category=${shop.root.id}&tags=hit`, 2],
    [
      'everything at once',
      () =>
        `category=${shop.root.slug}&manufacturerId[]=${shop.maker.id}&countryId=${shop.country.id}&tags[0]=hit&priceTo=60`,
      1,
    ],
  ])('filters by %s', async (_, query, total) => {
    const { status, body } = await list(query());
    expect([status, body.total, body.items.length]).toEqual([200, total, total]);
  });

  test('the three spellings of an array are one question', async () => {
    const spellings = ['tags=hit&tags=new', 'tags[]=hit&tags[]=new', 'tags[0]=hit&tags[1]=new'];
    const answers = await Promise.all(spellings.map((tags) => list(`category=${shop.root.id}&sort=title&${tags}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body.total).toBeGreaterThan(0);
  });

  test.each([
    ['price', ['Бор алмазний', 'Бор твердосплавний', 'Вініри', 'Апекслокатор']],
    ['-price', ['Апекслокатор', 'Вініри', 'Бор твердосплавний', 'Бор алмазний']],
    ['title', ['Апекслокатор', 'Бор алмазний', 'Бор твердосплавний', 'Вініри']],
    ['newest', ['Вініри', 'Апекслокатор', 'Бор твердосплавний', 'Бор алмазний']],
  ])('sorts by %s', async (sort, expected) => {
    expect(await titles(`category=${shop.root.id}&sort=${sort}`)).toEqual(expected);
  });

  test('without a sort, newest is first', async () => {
    expect(await titles(`category=${shop.root.id}`)).toEqual(await titles(`category=${shop.root.id}&sort=newest`));
  });

  test('pages neither repeat nor leave out, also where prices are equal', async () => {
    const category = await aCategory();
    for (let n = 0; n < 7; n++) await aProduct({ price: 33, categoryId: category.id });
    const ids: string[] = [];
    for (let page = 1; page <= 4; page++) {
      const { body } = await list(`category=${category.id}&sort=price&limit=2&page=${page}`);
      expect(body).toMatchObject({ page, limit: 2, total: 7 });
      ids.push(...body.items.map(({ id }) => id));
    }
    expect(new Set(ids).size).toBe(7);
    expect((await list(`category=${category.id}&page=9`)).body).toEqual({ items: [], page: 9, limit: 20, total: 7 });
  });

  test.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['limit', 'limit=ten'],
    ['page', 'page=0'],
    ['page', 'page=99999999999999999999'],
    ['sort', 'sort=password'],
    ['priceFrom', 'priceFrom=cheap'],
    ['priceTo', 'priceTo=-1'],
    ['priceTo', 'priceFrom=100&priceTo=10'],
  ])('a bad %s is a 400 that names it: %s', async (field, query) => {
    const { status, body } = await gateway.get<Refusal<string[]>>(`/products?${query}`);
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, expect.arrayContaining([expect.stringMatching(`^${field} `)])));
  });

  test('limit 100 is accepted', async () => {
    expect((await list('limit=100')).body.limit).toBe(100);
  });

  test('facets are counted when asked for', async () => {
    const { body } = await list(`category=${shop.root.slug}&facets=1`);
    expect(body).toHaveProperty('facets');
    expect(JSON.stringify(body)).toContain(shop.maker.id);
    expect((await list(`category=${shop.root.slug}`)).body).not.toHaveProperty('facets');
  });

  test('an unchanged page is a 304 without a body', async () => {
    const path = `/products?category=${shop.diamond.slug}`;
    const etag = (await gateway.get(path)).headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    const again = await gateway.get(path, { headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
  });
});

describe('search', () => {
  let word: string;

  beforeAll(async () => {
    word = `Zirkon${Math.random()
      .toString(36)
      .replaceAll(/[^a-z]/g, '')
      .slice(0, 6)}`;
    const category = await aCategory();
    await aProduct({
      title: `Диск ${word}`,
      titleEn: `${word} disc`,
      titleRu: `Диск ${word} белый`,
      categoryId: category.id,
    });
    await aProduct({ title: 'Пломбувальний матеріал', description: `Для роботи з ${word}`, categoryId: category.id });
  });

  test('finds in title and description, the better match first', async () => {
    expect(await titles(`q=${word}`)).toEqual([`Диск ${word}`, 'Пломбувальний матеріал']);
  });

  test('does not mind case', async () => {
    expect((await list(`q=${word.toUpperCase()}`)).body.total).toBe(2);
    expect((await list(`q=${word.toLowerCase()}`)).body.total).toBe(2);
  });

  test('finds the beginning of a word', async () => {
    expect((await list(`q=${word.slice(0, -2)}`)).body.total).toBe(2);
  });

  test('forgives a typo', async () => {
    const typo = `${word.slice(0, 4)}x${word.slice(5)}`;
    expect(await titles(`q=${typo}`)).toContain(`Диск ${word}`);
  });

  test.each([
    ['Ukrainian', 'диски'],
    ['Russian', 'белые'],
    ['English', 'discs'],
  ])('knows the forms of a word in %s', async (_, form) => {
    expect(await titles(`q=${encodeURIComponent(`${word} ${form}`)}`)).toContain(`Диск ${word}`);
  });

  test('a word that nothing is like finds nothing', async () => {
    expect((await list('q=qqxxzzyyww')).body).toMatchObject({ items: [], total: 0 });
  });

  test.each([
    "'",
    '"',
    '%',
    '_',
    '&',
    '!',
    ':*',
    '()',
    '\\',
    '<->',
    'а',
    ' ',
    "'; DROP TABLE product;--",
    'a:b&c|!d',
    '🦷',
  ])('q=%s is a question like any other', async (q) => {
    expect((await list(`q=${encodeURIComponent(q)}`)).status).toBe(200);
  });

  test('can be sorted otherwise, and filtered', async () => {
    const { body } = await list(`q=${word}&sort=title&limit=1&page=2`);
    expect(body).toMatchObject({ total: 2, page: 2, limit: 1 });
    expect(body.items[0]?.title).toBe('Пломбувальний матеріал');
  });
});

describe('GET /products/:idOrSlug', () => {
  test('is one product, by id and by slug alike', async () => {
    const made = await aProduct({ title: 'Наконечник турбінний', price: 4200.5 });
    const [byId, bySlug] = await Promise.all([
      gateway.get(`/products/${made.id}`),
      gateway.get(`/products/${made.slug}`),
    ]);
    expect([byId.status, bySlug.status]).toEqual([200, 200]);
    expect(Product.parse(byId.body)).toMatchObject({ title: 'Наконечник турбінний', price: 4200.5, currency: 'UAH' });
    expect(bySlug.text).toBe(byId.text);
  });

  test.each(['65f1a2b3c4d5e6f7a8b9c001', 'no-such-product', '%D0%B1%D0%BE%D1%80', '..%2f..%2fetc'])(
    '%s is a 404',
    async (key) => {
      const { status, body } = await gateway.get(`/products/${key}`);
      expect([status, body]).toEqual([404, refusal(404, expect.any(String))]);
    },
  );

  test('an inactive one, and a removed one, are a 404 and out of the list', async () => {
    const category = await aCategory();
    const [inactive, removed] = [
      await aProduct({ categoryId: category.id }),
      await aProduct({ categoryId: category.id }),
    ];
    await changeProduct(inactive, { active: false });
    await removeProduct(removed);
    await until(async () => (await list(`category=${category.id}`)).body.total === 0);
    expect((await gateway.get(`/products/${inactive.id}`)).status).toBe(404);
    expect((await gateway.get(`/products/${removed.slug}`)).status).toBe(404);
  });

  test('an unchanged product is a 304, a changed one is sent again', async () => {
    const made = await aProduct({ price: 10 });
    const etag = (await gateway.get(`/products/${made.slug}`)).headers.get('etag') ?? '';
    const ask = () => gateway.get<Product>(`/products/${made.slug}`, { headers: { 'if-none-match': etag } });
    expect((await ask()).status).toBe(304);
    await changeProduct(made, { price: 11 });
    const { body } = await until(async () => {
      const answer = await ask();
      return answer.status === 200 ? answer : undefined;
    });
    expect(body.price).toBe(11);
  });

  test('speaks the language that is asked for, Ukrainian otherwise', async () => {
    const made = await aProduct({ title: 'Скальпель', titleEn: 'Scalpel', titleRu: 'Скальпель стальной' });
    const titleIn = async (language: string) =>
      (await gateway.get<Product>(`/products/${made.slug}`, { headers: { 'accept-language': language } })).body.title;
    expect(await titleIn('en-GB, en;q=0.9')).toBe('Scalpel');
    expect(await titleIn('ru')).toBe('Скальпель стальной');
    expect(await titleIn('*')).toBe('Скальпель');
    expect((await seenProduct(made.id)).title).toBe('Скальпель');
  });
});

describe.each(['categories', 'manufacturers', 'countries'] as const)('GET /%s', (path) => {
  test('is an array of all active ones', async () => {
    const { status, body } = await gateway.get<Named[]>(`/${path}`);
    expect(status).toBe(200);
    const ours = { categories: shop.diamond, manufacturers: shop.other, countries: shop.country }[path];
    expect(body.map(({ id }) => id)).toContain(ours.id);
  });
});
