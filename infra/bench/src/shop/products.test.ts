import { expect, test } from 'vitest';
import { benchCategories, benchProduct, benchProducts } from './products.ts';
import { visitsOf } from './visits.ts';

const shopOf = (count: number, seed = 1) =>
  benchProducts(0, count, seed).map((product) => ({ ...product, manufacturerId: `id of ${product.manufacturer}` }));

test('the same seed makes the same shop, another seed another one', () => {
  expect(benchProducts(0, 50, 7)).toEqual(benchProducts(0, 50, 7));
  expect(benchProducts(0, 50, 7)).not.toEqual(benchProducts(0, 50, 8));
});

test('a larger shop begins with the smaller one', () => {
  expect(benchProducts(0, 100, 1).slice(60)).toEqual(benchProducts(60, 100, 1));
});

test('no two products share a slug or a SKU', () => {
  const products = benchProducts(0, 2000, 1);
  expect(new Set(products.map(({ slug }) => slug)).size).toBe(2000);
  expect(new Set(products.map(({ sku }) => sku)).size).toBe(2000);
});

test('every category has products, some have many more than others', () => {
  const counts = new Map<string, number>();
  for (const { category } of benchProducts(0, 5000, 1)) counts.set(category, (counts.get(category) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual([...benchCategories].sort());
  expect(Math.max(...counts.values())).toBeGreaterThan(3 * Math.min(...counts.values()));
});

test('most products are counted, and some are not', () => {
  const counted = benchProducts(0, 1000, 1).filter(({ stock }) => stock !== null).length;
  expect(counted).toBeGreaterThan(650);
  expect(counted).toBeLessThan(850);
});

test('the n-th visit is the same for both sides and in every run', () => {
  const [one, other] = [visitsOf(shopOf(500), 1), visitsOf(shopOf(500), 1)];
  for (const flow of Object.keys(one) as (keyof typeof one)[]) expect(one[flow](42)).toBe(other[flow](42));
});

test('rare filters hardly repeat, popular ones do nothing else', () => {
  const visits = visitsOf(shopOf(10_000), 1);
  const distinct = (address: (n: number) => string) => new Set(Array.from({ length: 2000 }, (_, n) => address(n))).size;
  expect(distinct(visits.rareFilter)).toBeGreaterThan(1900);
  expect(distinct(visits.popularFilter)).toBe(140);
  expect(distinct(visits.popularProduct)).toBe(20);
});

test('a misspelt search has exactly one letter of the maker wrong', () => {
  const products = shopOf(1000);
  const makers = products.map(({ manufacturer }) => manufacturer);
  const visits = visitsOf(products, 1);
  for (let n = 0; n < 200; n++) {
    const typed =
      decodeURIComponent(visits.misspelt(n).split('q=')[1] ?? '')
        .split(' ')
        .at(-1) ?? '';
    const slips = makers.filter((maker) => maker.length === typed.length).map((maker) => differences(maker, typed));
    expect(Math.min(...slips)).toBe(1);
  }
});

test('whatever is looked up exists', () => {
  const slugs = new Set(benchProducts(0, 300, 1).map(({ slug }) => slug));
  const visits = visitsOf(shopOf(300), 1);
  for (let n = 0; n < 500; n++) expect(slugs).toContain(visits.anyProduct(n).replace('/products/', ''));
  expect(visits.anyProduct(1)).not.toBe(visits.anyProduct(2));
  expect(benchProduct(5, 1).slug).toBe('bench-000005');
});

const differences = (a: string, b: string) => [...a].filter((letter, at) => letter !== b[at]).length;
