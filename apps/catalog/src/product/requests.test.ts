import { findProduct, getProducts, listDiscounts } from '@forecourt/contracts';
import { ask } from '@forecourt/messaging';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import { answerListDiscounts } from '../discount/requests.ts';
import { removeDiscount } from '../discount/service.ts';
import { answerFindProduct, answerGetProducts } from './requests.ts';
import { changeProduct, removeProduct } from './service.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog({ nats: true });
  const { nats, onClose } = catalog.runtime;
  const { deps } = catalog;
  const answers = [answerGetProducts(nats, deps), answerFindProduct(nats, deps), answerListDiscounts(nats, deps)];
  for (const answering of answers) onClose('answer', answering.close);
});
afterAll(() => catalog.runtime.close());

test('products are answered whole, by id; unknown ones are left out', async () => {
  const product = await catalog.aProduct({ price: 4_200n, options: [{ name: 'shade', values: ['A1', 2] }] });
  const productIds = [product.id, '65f1a2b3c4d5e6f7a8b9c0ff'];
  const { products } = await ask(catalog.runtime.nats, getProducts, { productIds }, { timeoutMs: 5_000 });
  expect(products).toEqual([
    expect.objectContaining({
      productId: product.id,
      version: 1,
      number: Number(product.number),
      price: 4_200n,
      currency: 'UAH',
      categoryPath: product.categoryPath,
      options: [{ name: 'shade', values: ['A1', 2] }],
      active: true,
    }),
  ]);
});

test('a product is found by its number, hidden or not, until it is removed', async () => {
  const { id, number } = await catalog.aProduct({
    externalId: 'partner:1',
    package: { period: { unit: 'day', count: 30 }, renews: false, line: null, contents: [] },
  });
  const find = (wanted: bigint) =>
    ask(catalog.runtime.nats, findProduct, { number: Number(wanted) }, { timeoutMs: 5_000 });
  const by = { actor: 'test', expectedVersion: undefined };
  await changeProduct(catalog.deps, id, () => ({ active: false }), by);
  expect(await find(number)).toMatchObject({
    product: { productId: id, active: false, externalId: 'partner:1', package: { renews: false }, priceNow: 10_000n },
  });
  expect(await find(number + 1_000n)).toEqual({ product: null });
  await removeProduct(catalog.deps, id, by);
  expect(await find(number)).toEqual({ product: null });
});

test('every discount is answered, those that are over or removed too', async () => {
  const [over, removed] = [
    await catalog.aDiscount({ to: new Date('2020-01-01T00:00:00.000Z') }),
    await catalog.aDiscount(),
  ];
  await removeDiscount(catalog.deps, removed.id, { actor: 'test', expectedVersion: undefined });
  const { discounts } = await ask(catalog.runtime.nats, listDiscounts, {}, { timeoutMs: 5_000 });
  expect(discounts).toMatchObject(
    [
      { discountId: over.id, version: 1, active: true },
      { discountId: removed.id, version: 2, active: false },
    ].sort((a, b) => (a.discountId < b.discountId ? -1 : 1)),
  );
});

test('more discounts than one message holds are answered in several', async () => {
  const many = 4_000;
  const { db, database } = catalog.deps;
  await database.$executeRaw`
    INSERT INTO discount (id, name, type, percent_hundredths, scope, active, version, created_at, updated_at)
    SELECT lpad(to_hex(number), 24, '0'), repeat('ж', 120), 'percent', 1, 'everything', true, 1, now(), now()
    FROM generate_series(1, ${many}::int) AS number`;
  const heard = new Set<string>();
  for (let after: string | undefined, last = false; !last; ) {
    const page = await ask(catalog.runtime.nats, listDiscounts, after ? { after } : {}, { timeoutMs: 5_000 });
    for (const { discountId } of page.discounts) heard.add(discountId);
    after = page.next;
    last = after === undefined;
  }
  expect(heard.size).toBe(await db.discount.count());
});
