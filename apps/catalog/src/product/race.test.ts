import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());

test.each([
  ['SKU', { sku: 'SAME' }, 'sku_taken'],
  ['slug', { slug: 'same' }, 'slug_taken'],
])('of ten products made at once with one %s, one is made and nine are refused', async (_what, same, code) => {
  const { id: categoryId } = await catalog.aCategory();
  const headers = await catalog.operator();
  const responses = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      catalog.app.inject({
        method: 'POST',
        url: '/admin/products',
        headers,
        payload: { sku: `S-${index}-${code}`, title: { uk: `Товар ${index} ${code}` }, price: 1, categoryId, ...same },
      }),
    ),
  );
  const refused = responses.filter(({ statusCode }) => statusCode !== 201);
  expect(refused).toHaveLength(9);
  expect(new Set(refused.map((response) => `${response.statusCode} ${response.json().code}`))).toEqual(
    new Set([`409 ${code}`]),
  );
});

test('ten products made at once with one title have ten slugs', async () => {
  const { id: categoryId } = await catalog.aCategory();
  const title = { uk: 'Однаковісінький', ru: null, en: null };
  const made = await Promise.all(Array.from({ length: 10 }, () => catalog.aProduct({ title, categoryId })));
  expect(new Set(made.map(({ slug }) => slug)).size).toBe(10);
});
