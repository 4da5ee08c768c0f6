import { getProducts, listDiscounts } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { answer } from '@forecourt/messaging';
import { createTestNats, type TestNats } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDiscount, aProduct } from '../../test/builders.ts';
import { catalogueOver } from './catalogue.ts';

let nats: TestNats;
beforeAll(async () => {
  nats = await createTestNats();
});
afterAll(() => nats.close());

test('nobody there is null, at once', async () => {
  const catalogue = catalogueOver(() => nats);
  const asked = performance.now();
  expect(await catalogue.products([aProduct().productId])).toBeNull();
  expect(await catalogue.discounts()).toBeNull();
  expect(performance.now() - asked).toBeLessThan(1_000);
});

test('what the catalogue answers is handed on, amounts as minor units', async () => {
  const [product, discount] = [aProduct(), aDiscount({ from: new Date('2026-01-01T00:00:00.000Z') })];
  const answering = [
    answer(nats, getProducts, async ({ productIds }) => ({
      products: productIds.includes(product.productId) ? [product] : [],
    })),
    answer(nats, listDiscounts, async () => ({ discounts: [discount] })),
  ];
  const catalogue = catalogueOver(() => nats);
  expect(await catalogue.products([product.productId])).toEqual([product]);
  expect(await catalogue.discounts()).toEqual([discount]);
  await Promise.all(answering.map((one) => one.close()));
});

test('discounts that come in several answers are handed on together', async () => {
  const discounts = [aDiscount(), aDiscount(), aDiscount()];
  const answering = answer(nats, listDiscounts, async ({ after }) => {
    const index = discounts.findIndex(({ discountId }) => discountId === after) + 1;
    const discount = discounts[index];
    if (!discount) throw new AppError('internal', 'asked beyond the end');
    return { discounts: [discount], ...(index < 2 && { next: discount.discountId }) };
  });
  expect(await catalogueOver(() => nats).discounts()).toEqual(discounts);
  await answering.close();
});

test('a catalogue that is too busy is null; a question that it refuses is a bug of ours', async () => {
  const refusals = [
    new AppError('overloaded', 'Too busy.'),
    new AppError('validation_failed', 'That is no question.'),
  ] as const;
  const [busy, wrong] = refusals;
  let refusal: AppError = busy;
  const answering = answer(nats, listDiscounts, async () => {
    throw refusal;
  });
  const catalogue = catalogueOver(() => nats);
  expect(await catalogue.discounts()).toBeNull();
  refusal = wrong;
  await expect(catalogue.discounts()).rejects.toMatchObject({ code: 'validation_failed' });
  await answering.close();
});
