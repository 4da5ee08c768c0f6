import { AppError } from '@forecourt/errors';
import { describe, expect, test } from 'vitest';
import { aDiscount, anId, aPackage, aProduct } from '../../test/builders.ts';
import type { DeliverySettings } from '../delivery/delivery.ts';
import type { Offer } from '../offer/offer.ts';
import { type Basis, type Line, type OrderRequest, priceOrder } from './placement.ts';

const now = new Date('2026-02-19T12:00:00.000Z');
const bur = aProduct({ price: 35_000n });
const resin = aProduct({
  title: { uk: 'Композит', ru: null, en: 'Resin' },
  price: 100n,
  options: [
    { name: 'shade', values: ['A1', 'A2'] },
    { name: 'grams', values: [4, 8] },
  ],
});

const aBasis = (offers: readonly Offer[], wishes: Partial<Basis> = {}): Basis => ({
  offers: new Map(offers.map((offer) => [offer.productId, offer])),
  discounts: [],
  delivery: null,
  left: new Map(),
  currency: 'UAH',
  ...wishes,
});

const aLine = (offer: Offer, wishes: Partial<Line> = {}): Line => ({
  productId: offer.productId,
  sku: offer.sku,
  quantity: 1,
  price: offer.price,
  options: {},
  ...wishes,
});

const aRequest = (lines: readonly Line[], wishes: Partial<OrderRequest> = {}): OrderRequest => ({
  customerId: null,
  phone: '+380971112233',
  clientId: 'browser',
  name: null,
  comment: null,
  language: 'uk',
  lines,
  deliveryFee: null,
  intention: null,
  ...wishes,
});

function refusalOf(work: () => unknown): Pick<AppError, 'code' | 'params'> {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, params: error.params };
    throw error;
  }
  throw new Error('nothing was refused');
}

test('sums are exact, line by line and in all', () => {
  const lines = [aLine(bur, { quantity: 3 }), aLine(resin, { quantity: 10_000 })];
  expect(priceOrder(aRequest(lines, { deliveryFee: 7n }), aBasis([bur, resin]), now)).toMatchObject({
    itemsTotal: 1_105_000n,
    deliveryFee: 7n,
    total: 1_105_007n,
  });
});

describe('the price that the buyer saw', () => {
  const discounts = [aDiscount({ percentHundredths: 1_000 })];
  const price = (seen: bigint) =>
    priceOrder(aRequest([aLine(bur, { price: seen })]), aBasis([bur], { discounts }), now);

  test.each([35_000n, 31_500n])('%d, before or after discounts, is accepted; the discounted one is paid', (seen) => {
    expect(price(seen)).toMatchObject({ total: 31_500n, items: [{ price: 31_500n, priceOriginal: 35_000n }] });
  });

  test.each([0n, 1n, 31_499n, 31_501n, 34_999n, 35_001n])('%d is refused with the title and the price now', (seen) => {
    expect(refusalOf(() => price(seen))).toEqual({
      code: 'price_changed',
      params: { product: 'Бор 801', price: '315 UAH' },
    });
  });
});

test.each([
  [3_333, 10_000n, 6_667n],
  [3_333, 100n, 67n],
  [5_000, 1n, 1n],
  [10_000, 35_000n, 0n],
] as const)('%d hundredths of a percent off %d leaves %d, rounded once a piece', (percentHundredths, price, paid) => {
  const product = aProduct({ price });
  const basis = aBasis([product], { discounts: [aDiscount({ percentHundredths })] });
  expect(priceOrder(aRequest([aLine(product, { quantity: 3 })]), basis, now).itemsTotal).toBe(paid * 3n);
});

describe('what cannot be sold', () => {
  test('an unknown product is named', () => {
    const line = aLine(bur);
    const { code, params } = refusalOf(() => priceOrder(aRequest([line]), aBasis([]), now));
    expect(code).toBe('product_not_found');
    expect(params.product).toContain(line.sku);
    expect(params.product).toContain(line.productId);
  });

  test('an id and a SKU of two products name none', () => {
    const line = aLine(bur, { sku: resin.sku });
    expect(refusalOf(() => priceOrder(aRequest([line]), aBasis([bur, resin]), now)).code).toBe('product_not_found');
  });

  test('an inactive product is named', () => {
    const basis = aBasis([{ ...bur, active: false }]);
    expect(refusalOf(() => priceOrder(aRequest([aLine(bur)]), basis, now))).toEqual({
      code: 'product_inactive',
      params: { product: 'Бор 801' },
    });
  });

  test('a package is no goods: paid for so it would never begin', () => {
    const month = aPackage({ title: { uk: 'Інтернет 100', ru: null, en: null } });
    expect(refusalOf(() => priceOrder(aRequest([aLine(month)]), aBasis([month]), now))).toEqual({
      code: 'product_inactive',
      params: { product: 'Інтернет 100' },
    });
  });

  test('a price in another currency is never taken for ours', () => {
    const basis = aBasis([bur], { currency: 'EUR' });
    expect(() => priceOrder(aRequest([aLine(bur)]), basis, now)).toThrow('priced in UAH');
  });
});

describe('options', () => {
  const price = (options: Line['options']) =>
    priceOrder(aRequest([aLine(resin, { options })]), aBasis([resin, bur]), now);

  test.each<Line['options']>([{}, { shade: 'A2' }, { shade: 'A1', grams: 8 }])('%j is kept as chosen', (options) => {
    expect(price(options).items[0]?.options).toEqual(options);
  });

  test.each([
    [{ shade: 'B3' }, 'shade: B3'],
    [{ grams: '8' }, 'grams: 8'],
    [{ colour: 'A1' }, 'colour: A1'],
    [{ shade: 'A1', toString: 'x' }, 'toString: x'],
  ])('%j is refused', (options, option) => {
    expect(refusalOf(() => price(options))).toEqual({
      code: 'option_unknown',
      params: { product: 'Композит', option },
    });
  });
});

describe('delivery', () => {
  const fee = (delivery: DeliverySettings | null, deliveryFee: bigint | null) =>
    priceOrder(aRequest([aLine(bur)], { deliveryFee }), aBasis([bur], { delivery }), now).deliveryFee;

  test.each([
    ['without settings the sent fee is taken', null, 5_000n, 5_000n],
    ['without settings and fee it is free', null, null, 0n],
    ['settings decide when none was shown', { fee: 6_000n, freeFrom: null }, null, 6_000n],
    ['the shown fee is the settings’', { fee: 6_000n, freeFrom: 35_001n }, 6_000n, 6_000n],
    ['it is free from the threshold on', { fee: 6_000n, freeFrom: 35_000n }, 0n, 0n],
  ] as const)('%s', (_rule, delivery, shown, expected) => expect(fee(delivery, shown)).toBe(expected));

  test.each([0n, 5_999n, 6_001n])('a shown fee of %d is not the fee of 6000', (shown) => {
    expect(refusalOf(() => fee({ fee: 6_000n, freeFrom: null }, shown))).toEqual({
      code: 'delivery_fee_changed',
      params: { price: '60 UAH' },
    });
  });
});

describe('stock', () => {
  const place = (lines: readonly Line[], left: number) =>
    priceOrder(aRequest(lines), aBasis([bur, resin], { left: new Map([[bur.productId, left]]) }), now);

  test('two lines of one product count together', () => {
    const lines = [aLine(bur, { quantity: 2 }), aLine(resin), aLine(bur, { quantity: 2 })];
    expect(place(lines, 4).items).toHaveLength(3);
    expect(refusalOf(() => place(lines, 3))).toEqual({
      code: 'out_of_stock',
      params: { product: 'Бор 801', available: 3 },
    });
  });

  test('what is not counted is always to be had', () => {
    expect(place([aLine(resin, { quantity: 10_000 })], 0).items).toHaveLength(1);
  });
});

test('a total beyond what JSON can say exactly is refused', () => {
  const dear = aProduct({ price: BigInt(Number.MAX_SAFE_INTEGER) });
  const order = (quantity: number) => priceOrder(aRequest([aLine(dear, { quantity })]), aBasis([dear]), now);
  expect(order(1).total).toBe(9_007_199_254_740_991n);
  expect(refusalOf(() => order(2)).code).toBe('validation_failed');
});

test.each([
  ['uk', 'Бор 801'],
  ['ru', 'Бор алмазный 801'],
  ['en', 'Bur 801'],
  ['ka', 'Бор 801'],
] as const)('a buyer who reads %s gets the title %s', (language, title) => {
  const offer = { ...bur, productId: anId() };
  expect(priceOrder(aRequest([aLine(offer)], { language }), aBasis([offer]), now).items[0]?.title).toBe(title);
});
