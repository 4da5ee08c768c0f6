import { afterAll, beforeAll, expect, test } from 'vitest';
import { anOrderBody, aProduct } from '../../test/builders.ts';
import { openShop, type Shop } from '../../test/shop.ts';
import { sweepIdempotencyKeys } from './store.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

test('a key is kept for more than a day, and forgotten in time', async () => {
  const product = aProduct();
  await shop.sell(product);
  const { database, clock } = shop.runtime;
  const body = anOrderBody([product]);
  const key = { 'x-idempotency-key': 'kept' };
  await shop.place(body, key);

  clock.advance(24 * 3_600_000);
  expect(await sweepIdempotencyKeys(database, clock())).toBe(0);
  expect((await shop.place(body, key)).headers['idempotent-replayed']).toBe('true');
  clock.advance(24 * 3_600_000 + 1);
  expect(await sweepIdempotencyKeys(database, clock())).toBe(1);
  expect((await shop.place(body, key)).headers).not.toHaveProperty('idempotent-replayed');
});
