import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import { readChanges } from './service.ts';

const products = 5_000;
const changes = 12;

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
  const { id } = await catalog.aProduct();
  const { database } = catalog.runtime;
  await database.$executeRaw`
    INSERT INTO product
    SELECT (jsonb_populate_record(product, jsonb_build_object('id', lpad(to_hex(n), 24, '0'), 'number', n + 100,
      'slug', 's' || n, 'sku', 'k' || n))).* FROM product, generate_series(1, ${products}::int) n WHERE id = ${id}::text`;
  for (let version = 1; version <= changes; version += 1)
    await database.$executeRaw`
      INSERT INTO change_log (at, kind, thing_id, version, change, actor, data)
      SELECT now(), 'product', lpad(to_hex(n), 24, '0'), ${version}::int, 'changed', 'test', '{}'
      FROM generate_series(1, ${products}::int) n`;
});
afterAll(() => catalog.runtime.close());

// The database breaks off a statement that takes five seconds, as one does that reads the log for each product.
test('a long log is followed to its end, a page at a time, each product once', async () => {
  await until(async () => !(await readChanges(catalog.deps, undefined, 1)).pending);
  const seen: string[] = [];
  for (let page = await readChanges(catalog.deps, undefined, 1_000); ; ) {
    seen.push(...page.items.map(({ product }) => product.id));
    if (!page.more) break;
    page = await readChanges(catalog.deps, page.position, 1_000);
  }
  expect([seen.length, new Set(seen).size]).toEqual([products + 1, products + 1]);
});
