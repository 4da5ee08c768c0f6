import { stockChanged, stockImported } from '@forecourt/contracts';
import { aMessage, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aProduct } from '../../test/builders.ts';
import { openShop, type Shop } from '../../test/shop.ts';
import { countOnStockImported } from './consumers.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const transact = () => ({ transact: shop.runtime.database.transaction });
const anImport = (product: ReturnType<typeof aProduct>, version: number, quantity: number | null) => {
  shop.runtime.clock.advance(1_000);
  return aMessage(stockImported, { productId: product.productId, version, quantity, importedAt: shop.runtime.clock() });
};
const levelsOf = async ({ productId }: { productId: string }) =>
  (await shop.told(stockChanged.subject))
    .filter((level) => level.productId === productId)
    .map(({ version, quantity }) => [version, quantity]);

test('imports of one product end at the latest, in whatever order and how often they come', async () => {
  const product = aProduct();
  const [one, two, three] = [anImport(product, 1, 10), anImport(product, 2, null), anImport(product, 3, 30)];
  for (const message of [two, one, three, three, two]) await deliver(countOnStockImported, message, transact());
  expect(await shop.left(product)).toBe(30);
  expect(await levelsOf(product)).toEqual([
    [1, null],
    [2, 30],
  ]);
});

test('an import that comes late does not undo what an operator counted since', async () => {
  const product = aProduct();
  await shop.sell(product);
  const late = anImport(product, 1, 10);
  shop.runtime.clock.advance(1_000);
  await shop.count(product, 3);
  await deliver(countOnStockImported, late, transact());
  expect(await shop.left(product)).toBe(3);
  await deliver(countOnStockImported, anImport(product, 2, 20), transact());
  expect(await shop.left(product)).toBe(20);
});

test('an import that cannot be read is a dead letter', async () => {
  const message = aMessage(
    stockImported,
    { productId: aProduct().productId, version: 1, quantity: 1, importedAt: new Date() },
    { payload: '{"quantity":-1}' },
  );
  expect(await deliver(countOnStockImported, message, transact())).toBe('dead');
});
