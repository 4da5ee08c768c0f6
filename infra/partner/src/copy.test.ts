import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { begunAnew, emptyCopy, type Item, loadCopy, type Product, saveCopy, withPage } from './copy.ts';

const product = (id: string, version = 1): Product => ({ id, number: 1, externalId: null, version, priceNow: 1 });
const upsert = (id: string, version?: number): Item => ({ type: 'upsert', product: product(id, version) });
const gone = (id: string): Item => ({ type: 'delete', product: { id } });
const full = withPage(emptyCopy, { items: [upsert('a'), upsert('b')], cursor: 'one', more: false });

test('a copy is what was said last of each product, and without those that are gone', () => {
  const page = { items: [upsert('a', 2), gone('b'), upsert('c'), gone('never had')], cursor: 'two', more: true };
  const copy = withPage(full, page);
  expect(copy).toEqual({ cursor: 'two', products: { a: product('a', 2), c: product('c') }, rebuilt: null });
});

test('begun anew, the old copy serves until the new one is there, and what did not come is gone', () => {
  const begun = withPage(begunAnew(full), { items: [upsert('a', 9)], cursor: 'three', more: true });
  expect(Object.keys(begun.products)).toEqual(['a', 'b']);
  const through = withPage(begun, { items: [upsert('d')], cursor: 'four', more: false });
  expect(through).toEqual({ cursor: 'four', products: { a: product('a', 9), d: product('d') }, rebuilt: null });
});

test('it is on disk whole, and the first time there is none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'copy-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'products.json');
  expect(await loadCopy(path)).toEqual(emptyCopy);
  await saveCopy(path, full);
  expect(await loadCopy(path)).toEqual(full);
  expect(await readdir(directory)).toEqual(['products.json']);
});
