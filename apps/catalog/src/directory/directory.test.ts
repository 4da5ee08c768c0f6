import type { Discount } from '@forecourt/pricing';
import { expect, test } from 'vitest';
import { type Category, createDirectory, inTreeOrder, nextBoundary } from './directory.ts';

const name = (uk: string) => ({ uk, ru: null, en: null });
const aCategory = (id: string, parentId: string | null, position: number): Category => ({
  id,
  parentId,
  path: [],
  slug: id,
  name: name(id),
  position,
  active: true,
});
const aDiscount = (over: Partial<Discount>): Discount => ({
  discountId: 'd',
  name: 'd',
  type: 'percent',
  percentHundredths: 100,
  amount: null,
  scope: 'everything',
  targetId: null,
  from: null,
  to: null,
  active: true,
  ...over,
});

test('each category comes before its children, siblings by position', () => {
  const tree = [aCategory('leaf', 'second', 0), aCategory('second', null, 2), aCategory('first', null, 1)];
  expect(inTreeOrder(tree).map(({ id }) => id)).toEqual(['first', 'second', 'leaf']);
});

test('the discounts for a product are those on everything, on it, and on any category above it', () => {
  const discounts = [
    aDiscount({ discountId: 'all' }),
    aDiscount({ discountId: 'own', scope: 'product', targetId: 'p' }),
    aDiscount({ discountId: 'root', scope: 'category', targetId: 'root' }),
    aDiscount({ discountId: 'other', scope: 'category', targetId: 'other' }),
  ];
  const directory = createDirectory({ categories: [], manufacturers: [], countries: [], discounts });
  const found = directory.discountsFor('p', ['root', 'leaf']).map(({ discountId }) => discountId);
  expect(found.sort()).toEqual(['all', 'own', 'root']);
});

test('a manufacturer is found by id, slug or name, whatever the case', () => {
  const maker = { id: 'm1', slug: 'kaiser', name: { uk: 'Кайзер', ru: null, en: 'Kaiserzahn' }, active: true };
  const { findManufacturer } = createDirectory({
    categories: [],
    manufacturers: [maker],
    countries: [],
    discounts: [],
  });
  for (const word of ['m1', 'kaiser', 'КАЙЗЕР', 'kaiserzahn']) expect(findManufacturer(word)).toBe(maker);
  expect(findManufacturer('kais')).toBeUndefined();
});

test('the next boundary is the earliest beginning or end that is still to come', () => {
  const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
  const discounts = [
    aDiscount({ from: at(1), to: at(9) }),
    aDiscount({ from: at(5) }),
    aDiscount({ from: at(3), active: false }),
  ];
  expect(nextBoundary(discounts, at(2))).toEqual(at(5));
  expect(nextBoundary(discounts, at(5))).toEqual(at(9));
  expect(nextBoundary(discounts, at(9))).toBeNull();
});
