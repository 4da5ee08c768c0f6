import { countStatements, until } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import { changeDiscount, removeDiscount } from '../discount/service.ts';
import { changeManufacturer } from '../manufacturer/service.ts';
import { changeProduct, removeProduct } from '../product/service.ts';
import { noteStock } from '../stock/store.ts';
import { liftVersions } from '../versions.ts';
import { awaitChanges, readChanges } from './service.ts';
import type { Position, SyncItem } from './sync.ts';

let catalog: CatalogSystem;
/** The end of the log when a test begins. */
let place: Position;

const by = { actor: 'test', expectedVersion: undefined };

interface Followed {
  readonly items: SyncItem[];
  readonly position: Position;
}

/** What can be read after this place, page by page. */
async function readAll(after: Position | undefined, limit = 100): Promise<Followed & { pending: boolean }> {
  const items: SyncItem[] = [];
  for (let at = after; ; ) {
    const page = await readChanges(catalog.deps, at, limit);
    items.push(...page.items);
    at = page.position;
    if (!page.more) return { items, position: at, pending: page.pending };
  }
}

/** Everything after this place: whoever else uses this Postgres may have an older transaction, which is waited for. */
async function follow(after: Position | undefined, limit?: number): Promise<Followed> {
  const items: SyncItem[] = [];
  let position = after;
  return until(async () => {
    const read = await readAll(position, limit);
    items.push(...read.items);
    position = read.position;
    return read.pending ? undefined : { items, position };
  });
}
const said = (items: readonly SyncItem[]) => items.map(({ type, product }) => `${type} ${product.id}`);
const price = (value: bigint) => (id: string) => changeProduct(catalog.deps, id, () => ({ price: value }), by);

beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());
beforeEach(async () => {
  place = (await follow(undefined)).position;
});

describe('what is said', () => {
  test('is a product whole, as its last change left it, in the order of last changes', async () => {
    const terms = { period: { unit: 'month' as const, count: 1 }, renews: true, line: 'internet', contents: [] };
    const first = await catalog.aProduct({
      externalId: 'partner:1',
      package: terms,
      images: ['https://example.com/1.jpg'],
    });
    const second = await catalog.aProduct();
    await price(4_200n)(first.id);
    const { items } = await follow(place);
    expect(said(items)).toEqual([`upsert ${second.id}`, `upsert ${first.id}`]);
    expect(items[1]?.product).toMatchObject({
      number: first.number,
      version: 2,
      externalId: 'partner:1',
      package: terms,
      price: 4_200n,
      priceNow: 4_200n,
      images: ['https://example.com/1.jpg'],
      title: { uk: 'Товар', ru: null, en: null },
      inStock: true,
      active: true,
    });
  });

  test('is found at once behind changes that were overtaken, however little is wanted', async () => {
    const { id } = await catalog.aProduct();
    for (let value = 1n; value <= 12n; value += 1n) await price(value)(id);
    await until(async () => !(await readChanges(catalog.deps, place, 1)).pending);
    expect((await readChanges(catalog.deps, place, 1)).items).toMatchObject([{ product: { id, price: 12n } }]);
  });

  test('is nothing when nothing happened, and the place stays', async () => {
    expect(await readChanges(catalog.deps, place, 10)).toEqual({
      items: [],
      position: place,
      more: false,
      pending: false,
    });
  });

  test('is a product that is hidden, too; and of one that is removed only its names', async () => {
    const [hidden, removed] = [await catalog.aProduct(), await catalog.aProduct({ externalId: 'partner:2' })];
    const { position } = await follow(place);
    await changeProduct(catalog.deps, hidden.id, () => ({ active: false }), by);
    await removeProduct(catalog.deps, removed.id, by);
    const { items } = await follow(position);
    expect(said(items)).toEqual([`upsert ${hidden.id}`, `delete ${removed.id}`]);
    expect(items[0]?.product).toMatchObject({ active: false });
    expect(items[1]?.product).toMatchObject({ sku: removed.sku, number: removed.number, externalId: 'partner:2' });
  });

  test('is a stock that turns, and no stock that does not', async () => {
    const { id } = await catalog.aProduct();
    const { position } = await follow(place);
    const stock = (version: number, quantity: number) => ({
      ...{ productId: id, version, quantity, inStock: quantity > 0 },
      changedAt: catalog.runtime.clock(),
    });
    const note = (...stocks: ReturnType<typeof stock>[]) =>
      catalog.deps.transact((tx) => noteStock(tx, stocks, catalog.runtime.clock()));
    await note(stock(1, 5));
    expect((await follow(position)).items).toEqual([]);
    await note(stock(2, 0));
    const turned = await follow(position);
    expect(turned.items).toMatchObject([{ type: 'upsert', product: { id, inStock: false } }]);
    // Somebody who has made it again under the same external id would take this for the new one's end.
    await removeProduct(catalog.deps, id, by);
    const removed = await follow(turned.position);
    expect(said(removed.items)).toEqual([`delete ${id}`]);
    await note(stock(3, 7));
    expect((await follow(removed.position)).items).toEqual([]);
  });

  test('is a price now that a discount makes, changes and ends, and that of no other product', async () => {
    const [reached, other] = [await catalog.aProduct({ price: 1_000n }), await catalog.aProduct({ price: 1_000n })];
    let { position } = await follow(place);
    const heard = async () => {
      const { items, position: next } = await follow(position);
      position = next;
      return items.map(({ product }) => ('priceNow' in product ? [product.id, product.version, product.priceNow] : []));
    };
    const discount = await catalog.aDiscount({ scope: 'product', targetId: reached.id });
    expect(await heard()).toEqual([[reached.id, 2, 900n]]);
    await changeDiscount(catalog.deps, discount.id, (fields) => ({ ...fields, percentHundredths: 2_000 }), by);
    expect(await heard()).toEqual([[reached.id, 3, 800n]]);
    await changeDiscount(catalog.deps, discount.id, (fields) => ({ ...fields, name: 'Інша' }), by);
    expect(await heard()).toEqual([]);
    await removeDiscount(catalog.deps, discount.id, by);
    expect(await heard()).toEqual([[reached.id, 4, 1_000n]]);
    expect(other.version).toBe(1);
  });

  test('is a price that turned when nobody had noticed yet but whoever renamed a manufacturer', async () => {
    const maker = await catalog.aManufacturer();
    const { id } = await catalog.aProduct({ price: 1_000n, manufacturerId: maker.id });
    const begins = new Date(catalog.runtime.clock().getTime() + 60_000);
    await catalog.aDiscount({ scope: 'product', targetId: id, from: begins });
    const { position } = await follow(place);
    catalog.runtime.clock.advance(61_000);
    await changeManufacturer(catalog.deps, maker.id, () => ({ name: { uk: 'Інший', ru: null, en: null } }), by);
    expect((await follow(position)).items).toMatchObject([{ product: { id, version: 2, priceNow: 900n } }]);
  });
});

describe('who begins', () => {
  test('gets every product there is once, and nothing of those that were removed before', async () => {
    const [kept, removed] = [await catalog.aProduct(), await catalog.aProduct()];
    for (const value of [1n, 2n, 3n]) await price(value)(kept.id);
    await removeProduct(catalog.deps, removed.id, by);
    // What an older transaction hides is told afterwards, to be on the safe side.
    await follow(place);
    const { items } = await follow(undefined, 3);
    const living = await catalog.deps.db.product.findMany({ where: { removedAt: null }, select: { id: true } });
    expect(said(items).sort()).toEqual(living.map(({ id }) => `upsert ${id}`).sort());
  });

  test('is told of what is removed before they are through', async () => {
    const [early, late] = [await catalog.aProduct(), await catalog.aProduct()];
    const all = await follow(undefined, 1_000);
    const upToLate = await readChanges(catalog.deps, undefined, all.items.length - 1);
    expect(said(upToLate.items)).toContain(`upsert ${early.id}`);
    for (const { id } of [early, late]) await removeProduct(catalog.deps, id, by);
    const { items } = await follow(upToLate.position);
    expect(said(items)).toEqual([`delete ${early.id}`, `delete ${late.id}`]);
  });
});

describe('a transaction that is under way', () => {
  /** Holds a transaction that has its id already, as a long one would. */
  async function underWay() {
    const client = await catalog.runtime.database.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_current_xact_id()');
    return {
      client,
      end: async () => {
        await client.query('COMMIT');
        client.release();
      },
    };
  }

  test('hides what came after it, and nothing of that is lost when it is over', async () => {
    const product = await catalog.aProduct();
    const before = (await follow(place)).position;
    const older = await underWay();
    await price(5n)(product.id);
    const waiting = await readChanges(catalog.deps, before, 10);
    expect(waiting).toMatchObject({ items: [], more: false, pending: true });
    await older.end();
    expect((await follow(waiting.position)).items).toMatchObject([{ product: { id: product.id, price: 5n } }]);
  });

  test('that writes with an older id than what was committed before it is not passed over', async () => {
    const [first, second] = [await catalog.aProduct(), await catalog.aProduct()];
    const before = (await follow(place)).position;
    const older = await underWay();
    await price(7n)(second.id);
    const { position } = await readChanges(catalog.deps, before, 10);
    await older.client.query(
      `INSERT INTO change_log (at, kind, thing_id, version, change, actor, data) VALUES (now(), 'product', $1, 9, 'changed', 'test', '{}')`,
      [first.id],
    );
    await older.end();
    expect(said((await follow(position)).items)).toEqual([`upsert ${first.id}`, `upsert ${second.id}`]);
  });

  test('shows nothing of a product twice that changed before and after the line', async () => {
    const product = await catalog.aProduct();
    const before = (await follow(place)).position;
    await price(1n)(product.id);
    const older = await underWay();
    await price(2n)(product.id);
    // What is there now was made above the line: it is said there, once.
    const early = await readAll(before);
    await older.end();
    const late = await follow(early.position);
    expect([...early.items, ...late.items]).toMatchObject([{ product: { price: 2n } }]);
  });
});

describe('a database that went back in time', () => {
  test('refuses a place that it has not come to, before anybody has noticed', async () => {
    for (const ahead of [{ xid: place.xid + 1_000_000n }, { since: place.since + 1_000_000n }])
      await expect(readChanges(catalog.deps, { ...place, ...ahead }, 10)).rejects.toMatchObject({
        code: 'validation_failed',
      });
  });

  test('takes back every cursor, and whoever begins anew gets everything', async () => {
    const product = await catalog.aProduct();
    const { position } = await follow(place);
    await catalog.runtime.database.transaction(liftVersions);
    await expect(readChanges(catalog.deps, position, 10)).rejects.toMatchObject({
      code: 'validation_failed',
      violations: [{ path: ['cursor'], rule: 'not_acceptable' }],
    });
    const { items, position: anew } = await follow(undefined);
    expect(items.filter(({ product: { id } }) => id === product.id)).toMatchObject([
      { product: { version: 1_000_001 } },
    ]);
    await price(8n)(product.id);
    expect((await follow(anew)).items).toMatchObject([{ product: { id: product.id, price: 8n } }]);
  });

  test('out of a dump, whose rows are from the future, is mended by whoever reads first', async () => {
    const product = await catalog.aProduct();
    const { position } = await follow(place);
    await catalog.runtime.database
      .$executeRaw`UPDATE change_log SET xid = (xid::text::bigint + 1000000000)::text::xid8`;
    await expect(readChanges(catalog.deps, position, 10)).rejects.toMatchObject({ code: 'validation_failed' });
    const { position: anew, items } = await follow(undefined);
    expect(said(items)).toContain(`upsert ${product.id}`);
    await price(9n)(product.id);
    expect((await follow(anew)).items).toMatchObject([{ product: { id: product.id, price: 9n } }]);
  });
});

test('a page is one statement, however much is in it', async () => {
  for (let made = 0; made < 20; made += 1) await catalog.aProduct();
  await until(async () => !(await readChanges(catalog.deps, place, 1)).pending);
  const { result, statements } = await countStatements(catalog.runtime, () => readChanges(catalog.deps, place, 100));
  expect(result.items).toHaveLength(20);
  expect(statements).toHaveLength(1);
});

test('who waits hears of another process’ change, and of one that an older transaction hides, when that is over', async () => {
  const product = await catalog.aProduct();
  const { position } = await follow(place);
  const client = await catalog.runtime.database.pool.connect();
  await client.query('BEGIN');
  await client.query('SELECT pg_current_xact_id()');
  const never = new AbortController().signal;
  const heard = awaitChanges(catalog.deps, { after: position, limit: 10, waitMs: 30_000, signal: never });
  await catalog.runtime.database.$executeRaw`UPDATE product SET price_now = 1 WHERE id = ${product.id}::text`;
  await catalog.runtime.database.$executeRaw`
    INSERT INTO change_log (at, kind, thing_id, version, change, actor, data)
    VALUES (now(), 'price', ${product.id}::text, 1, 'changed', 'another process', '{}')`;
  let isHeard = false;
  void heard.then(() => {
    isHeard = true;
  });
  await until(async () => (await readChanges(catalog.deps, position, 10)).pending);
  expect(isHeard).toBe(false);
  await client.query('COMMIT');
  client.release();
  expect((await heard).items).toMatchObject([{ product: { id: product.id, priceNow: 1n } }]);
});
