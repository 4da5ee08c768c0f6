import { expect, test } from 'vitest';
import { change, type Product } from './product.ts';

const before = new Date('2026-01-01T00:00:00.000Z');
const now = new Date('2026-02-01T00:00:00.000Z');
const product: Product = {
  id: 'p',
  sku: 'S',
  slug: 's',
  title: { uk: 'Бор', ru: null, en: null },
  description: { uk: null, ru: null, en: null },
  price: 100n,
  unit: null,
  categoryId: 'c',
  categoryPath: ['c'],
  manufacturerId: null,
  countryId: null,
  tags: ['a'],
  images: [],
  options: [{ name: 'shade', values: ['A1'] }],
  active: true,
  externalId: null,
  package: null,
  stockImported: null,
  version: 3,
  createdAt: before,
  updatedAt: before,
};

test('saying what is so already changes nothing, not even the version', () => {
  const same = {
    price: 100n,
    tags: ['a'],
    title: { uk: 'Бор', ru: null, en: null },
    options: [{ name: 'shade', values: ['A1'] }],
  };
  expect(change(product, same, now)).toBe(product);
  expect(change(product, { price: undefined } as Partial<Product>, now)).toBe(product);
});

test('news makes one new version, and leaves the rest', () => {
  expect(change(product, { price: 120n, tags: [] }, now)).toEqual({
    ...product,
    price: 120n,
    tags: [],
    version: 4,
    updatedAt: now,
  });
});
