import { stockChanged } from '@forecourt/contracts';
import { aMessage, countStatements, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import { importProducts } from '../import/service.ts';
import { notesStockOnStockChanged } from './consumers.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());

const changedAt = new Date('2026-02-19T12:00:00.000Z');
const stock = (productId: string, version: number, quantity: number | null) =>
  aMessage(stockChanged, { productId, version, quantity, inStock: quantity !== 0, changedAt });
const give = (message: ReturnType<typeof stock>) =>
  deliver(notesStockOnStockChanged(catalog.runtime.clock), message, { transact: catalog.deps.transact });
const inStock = async (id: string) => (await catalog.app.inject(`/products/${id}`)).json().inStock;

test('a product out of stock shows it at once, and again when it is back', async () => {
  const { id } = await catalog.aProduct();
  expect(await inStock(id)).toBe(true);
  expect(await give(stock(id, 1, 0))).toBe('applied');
  expect(await inStock(id)).toBe(false);
  await give(stock(id, 2, 5));
  expect(await inStock(id)).toBe(true);
  await give(stock(id, 3, null));
  expect(await inStock(id)).toBe(true);
});

test('what is older than what is known changes nothing, nor does what comes again', async () => {
  const { id } = await catalog.aProduct();
  const last = stock(id, 7, 0);
  await give(last);
  await catalog.logged();
  await give(stock(id, 6, 10));
  await give(last);
  await give(last);
  expect(await inStock(id)).toBe(false);
  expect(await catalog.logged()).toEqual([]);
});

test('only turning is a change of the catalogue, not every piece sold', async () => {
  const { id } = await catalog.aProduct();
  await catalog.logged();
  for (const [version, quantity] of [10, 9, 8, 0].entries()) await give(stock(id, version + 1, quantity));
  expect(await catalog.logged()).toEqual([
    { kind: 'stock', thingId: id, version: 4, change: 'changed', actor: 'orders' },
  ]);
});

test('what many orders change is noted together, each product once and as it is in the end', async () => {
  const [one, other] = [await catalog.aProduct(), await catalog.aProduct()];
  await catalog.logged();
  const heard = [
    [one.id, 1, 5],
    [other.id, 1, 0],
    [one.id, 3, 0],
    [one.id, 2, 4],
  ] as const;
  const events = heard.map(([productId, version, quantity]) => ({
    data: { productId, version, quantity, inStock: quantity !== 0, changedAt },
    meta: { id: `${productId} ${version}`, time: changedAt, aggregateId: productId, deliveryCount: 1 },
  }));
  const { statements } = await countStatements(catalog.runtime, () =>
    catalog.deps.transact((tx) => notesStockOnStockChanged(catalog.runtime.clock).handle(tx, events)),
  );
  expect(statements).toHaveLength(5);
  expect([await inStock(one.id), await inStock(other.id)]).toEqual([false, false]);
  const logged = (await catalog.logged()).map(({ kind, thingId, version }) => `${kind} ${thingId} ${version}`);
  expect(logged.sort()).toEqual([`stock ${one.id} 3`, `stock ${other.id} 1`].sort());
});

test('an import in the meantime does not bring it back', async () => {
  const { id, sku } = await catalog.aProduct();
  await give(stock(id, 1, 0));
  const rows = async function* () {
    yield { sku, price: 77 };
  };
  for await (const _line of importProducts(
    catalog.deps,
    { rows, discard: async () => {} },
    { dryRun: false, atomic: false, actor: 'x' },
  ));
  expect(await inStock(id)).toBe(false);
});

test('a product that catalog does not know is remembered, and harms nothing', async () => {
  expect(await give(stock('65f1a2b3c4d5e6f7a8b9c0ff', 1, 0))).toBe('applied');
});

test('what cannot be read is put aside, not tried for ever', async () => {
  const { id } = await catalog.aProduct();
  const garbage = aMessage(
    stockChanged,
    { productId: id, version: 9, quantity: 0, inStock: false, changedAt },
    { payload: '{"productId":1}' },
  );
  expect(await give(garbage)).toBe('dead');
  expect(await inStock(id)).toBe(true);
});
