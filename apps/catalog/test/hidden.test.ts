import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeProduct, removeProduct } from '../src/product/service.ts';
import { aCatalog, type CatalogSystem } from './builders.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());

test('a product that is hidden or removed answers as one that never was: by bytes, headers and statements', async () => {
  const [hidden, removed, seen] = [await catalog.aProduct(), await catalog.aProduct(), await catalog.aProduct()];
  const actor = { actor: 'test', expectedVersion: undefined };
  await changeProduct(catalog.deps, hidden.id, () => ({ active: false }), actor);
  await removeProduct(catalog.deps, removed.id, actor);
  const look = async (idOrSlug: string) => {
    const { result, statements } = await countStatements(catalog.runtime, () =>
      catalog.app.inject(`/products/${idOrSlug}`),
    );
    const { 'x-request-id': _id, date: _date, ...headers } = result.headers;
    return {
      status: result.statusCode,
      body: result.body.replaceAll(idOrSlug, '…'),
      headers: { ...headers, 'content-length': Number(headers['content-length']) - idOrSlug.length },
      statements,
    };
  };
  expect((await look(seen.id)).status).toBe(200);
  const never = await look('0'.repeat(24));
  expect(never.status).toBe(404);
  for (const { id, slug } of [hidden, removed]) {
    expect(await look(id)).toEqual(never);
    expect(await look(slug)).toEqual(await look('never-was'));
  }
});
