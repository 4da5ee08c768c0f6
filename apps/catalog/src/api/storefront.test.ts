import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());

const get = (url: string, headers: Record<string, string> = {}) => catalog.app.inject({ url, headers });

test('a product answers as the document shows it', async () => {
  const product = await catalog.aProduct({
    title: { uk: 'Композит світлий', ru: 'Композит светлый', en: 'Light composite' },
  });
  const response = await get(`/products/${product.slug}`);
  expect(response.statusCode, JSON.stringify(catalog.runtime.logged.at(-1))).toBe(200);
  expect(response.json()).toMatchObject({ id: product.id, title: 'Композит світлий', price: 100 });
  const list = await get('/products?q=композит');
  expect(list.json()).toMatchObject({ total: 1, items: [{ id: product.id }] });
  const typo = await get('/products?q=компазит&facets=1');
  expect(typo.json()).toMatchObject({ total: 1, fuzzy: true });
});
