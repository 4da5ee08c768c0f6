import { expect, test } from 'vitest';
import { type ProjectionMaterial, projections } from './projections.ts';

const product = { id: 'p1', version: 3, removed: false, sku: 'A', price: '1000' };
const level = { id: 'p1', version: 9, in_stock: false };
const discount = { id: 'd1', version: 1, name: 'Spring', active: true, from: new Date(0) };
const wallet = { id: 'c1', version: 4, currency: 'UAH', available: '500' };

const sound: ProjectionMaterial = {
  products: [product],
  offers: [{ ...product }],
  discounts: [discount],
  discountCopies: [{ ...discount, from: new Date(0) }],
  stock: [level],
  stockCopies: [{ ...level }],
  wallets: [wallet],
  walletCopies: [{ ...wallet }],
  shown: [{ id: 'p1', inStock: false, truth: false }],
};

test('the check of projections passes equal copies', () => {
  expect(projections.judge(sound)).toMatchObject({ checked: 5, violations: [] });
});

test('the check of projections proves nothing when there is nothing to compare', () => {
  const nothing = {
    products: [],
    offers: [],
    discounts: [],
    discountCopies: [],
    stock: [],
    stockCopies: [],
    wallets: [],
    walletCopies: [],
    shown: [],
  };
  expect(projections.judge(nothing).violations).toEqual([
    'saw no offers',
    'saw no stock levels',
    'saw no products shown',
  ]);
});

test.each<[string, Partial<ProjectionMaterial>, RegExp]>([
  ['an offer at an older price', { offers: [{ ...product, price: '900' }] }, /offers: of p1 .*"1000".*"900"/],
  ['an offer at an older version', { offers: [{ ...product, version: 2 }] }, /offers: of p1/],
  ['an offer that is missing', { offers: [] }, /offers: of p1 .* the copy nothing/],
  ['an offer of nothing', { offers: [product, { ...product, id: 'p2' }] }, /offers: of p2 the owner has nothing/],
  ['a discount that goes on', { discounts: [{ ...discount, active: false }] }, /discounts: of d1/],
  ['a level that is behind', { stockCopies: [{ ...level, version: 8, in_stock: true }] }, /stock levels: of p1/],
  ['a wallet that is behind', { walletCopies: [{ ...wallet, version: 3 }] }, /wallets: of c1/],
  ['a shop that shows what is gone', { shown: [{ id: 'p1', inStock: true, truth: false }] }, /shows p1 inStock true/],
])('the check of projections sees %s', (_, wrong, sentence) => {
  expect(projections.judge({ ...sound, ...wrong }).violations).toContainEqual(expect.stringMatching(sentence));
});
