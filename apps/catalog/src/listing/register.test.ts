import { countStatements, until } from '@forecourt/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCatalog, aProcessOf, type CatalogSystem, operatorId } from '../../test/builders.ts';
import { type Category, changeCategory } from '../category/service.ts';
import { changeDiscount } from '../discount/service.ts';
import { changeManufacturer, type Manufacturer } from '../manufacturer/service.ts';
import { changeProduct, removeProduct } from '../product/service.ts';
import { noteStock } from '../stock/store.ts';
import type { Filter, Listing, Page } from './listing.ts';
import { createRegister, type Register } from './register.ts';
import { listProducts } from './service.ts';
import type { Shared } from './shelf.ts';

const by = { actor: operatorId, expectedVersion: undefined };
const nothingKept = { get: () => undefined, set: () => {}, forget: () => {} };
const nowhere: Register = { at: async () => null };
const everything: Filter = {
  q: undefined,
  category: undefined,
  manufacturerIds: [],
  countryIds: [],
  tags: [],
  priceFrom: undefined,
  priceTo: undefined,
};
const firstPage: Page = { page: 1, limit: 20, sort: undefined, facets: false, language: 'uk' };

async function ask(
  { deps }: CatalogSystem,
  register: Register,
  { filter = everything, page = firstPage }: { filter?: Filter; page?: Page } = {},
): Promise<Listing> {
  const { catalogue: revision } = await deps.revisions.current();
  const shared: Shared = { revision, totals: nothingKept, facets: nothingKept, products: nothingKept };
  return listProducts({ ...deps, register }, filter, page, shared);
}

/** A register that is at hand when it is asked, however small its statements. */
const patient = (register: Register): Register => ({
  at: (revision) => until(async () => (await register.at(revision)) ?? undefined),
});

describe('answers are those of the database', () => {
  let one: CatalogSystem;
  let other: CatalogSystem;
  /** Of each process; that of the second reads a few products at a time. */
  let registers: [CatalogSystem, Register][];
  let categories: Category[];
  let makers: Manufacturer[];
  let countryIds: string[];
  const products: string[] = [];
  const discounts: string[] = [];

  beforeAll(async () => {
    one = await aCatalog();
    other = await aProcessOf(one.runtime);
    const inParts = createRegister({ ...other.deps, database: one.runtime.database }, 5);
    registers = [
      [one, one.deps.register],
      [other, patient(inParts)],
    ];
    const root = await one.aCategory({ slug: 'root' });
    const inner = await one.aCategory({ slug: 'inner', parentId: root.id });
    categories = [root, inner, await one.aCategory({ slug: 'leaf', parentId: inner.id }), await one.aCategory()];
    makers = [await one.aManufacturer(), await one.aManufacturer()];
    countryIds = [(await one.aCountry('UA')).id, (await one.aCountry('DE')).id];
  });
  afterAll(() => one.runtime.close());

  const at = fc.nat({ max: 1_000 });
  const pick = <T>(list: readonly T[], n: number) => list[n % list.length] as T;
  const tags = fc.subarray(['a', 'b', 'ї', '\uFFFC', '𝄞'], { maxLength: 3 });
  const fields = fc.record({ category: at, maker: at, country: at, tags, price: fc.nat({ max: 40 }) });
  type Fields = typeof fields extends fc.Arbitrary<infer T> ? T : never;
  const productOf = ({ category, maker, country, tags: given, price }: Fields) => ({
    categoryId: pick(categories, category).id,
    manufacturerId: pick([...makers.map(({ id }) => id), null], maker),
    countryId: pick([...countryIds, null], country),
    tags: given,
    price: BigInt(100 * price),
  });

  const change = fc.oneof(
    { weight: 6, arbitrary: fc.record({ does: fc.constant('create' as const), at, fields }) },
    { weight: 4, arbitrary: fc.record({ does: fc.constant('change' as const), at, fields }) },
    {
      weight: 5,
      arbitrary: fc.record({
        does: fc.constantFrom('hide', 'remove', 'stock', 'discount', 'turn', 'move', 'rename', 'wait'),
        at,
        fields,
      }),
    },
  );
  type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

  async function make({ deps, ...system }: CatalogSystem, { does, at: n, fields: given }: Change): Promise<void> {
    const product = pick(products, n);
    const category = pick(categories, n);
    if (does === 'create') {
      products.push((await system.aProduct({ ...productOf(given), active: n % 7 > 0 })).id);
    } else if (does === 'discount') {
      const targetId = n % 3 === 0 ? null : category.id;
      const discount = { scope: targetId ? ('category' as const) : ('everything' as const), targetId };
      discounts.push((await system.aDiscount({ ...discount, active: n % 2 === 0 })).id);
    } else if (does === 'turn' && discounts.length > 0) {
      await changeDiscount(deps, pick(discounts, n), (rule) => ({ ...rule, active: !rule.active }), by);
    } else if (does === 'move') {
      // The last one has nothing below it, so wherever it goes there is no circle.
      const parentId = pick([...categories.slice(0, 3).map(({ id }) => id), null], n);
      await changeCategory(deps, (categories[3] as Category).id, () => ({ parentId }), by);
    } else if (does === 'rename') {
      const name = { uk: `Виробник ${n}`, ru: null, en: null };
      await changeManufacturer(deps, pick(makers, n).id, () => ({ name }), by);
    } else if (does === 'wait') {
      one.runtime.clock.advance(n);
    } else if (product !== undefined) {
      if (does === 'change') await changeProduct(deps, product, () => productOf(given), by);
      if (does === 'hide') await changeProduct(deps, product, ({ active }) => ({ active: !active }), by);
      if (does === 'stock') {
        const stock = { productId: product, version: n, quantity: n % 2, inStock: n % 2 > 0, changedAt: deps.clock() };
        await deps.transact((tx) => noteStock(tx, [stock], deps.clock()));
      }
      if (does === 'remove') {
        products.splice(products.indexOf(product), 1);
        await removeProduct(deps, product, by);
      }
    }
  }

  const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });
  const question = fc.record({
    category: some(at),
    makers: fc.array(at, { maxLength: 2 }),
    countries: fc.array(at, { maxLength: 2 }),
    tags,
    priceFrom: some(fc.nat({ max: 30 })),
    priceTo: some(fc.nat({ max: 40 })),
    sort: fc.constantFrom('newest', 'price', '-price', 'relevance', undefined),
    page: fc.integer({ min: 1, max: 4 }),
    limit: fc.integer({ min: 1, max: 10 }),
  });
  type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;
  const asked = ({ page, limit, sort, ...wanted }: Question): { filter: Filter; page: Page } => ({
    filter: {
      q: undefined,
      category:
        wanted.category === undefined ? undefined : pick([...categories, { slug: 'none' }], wanted.category).slug,
      manufacturerIds: wanted.makers.map((n) => pick([...makers.map(({ id }) => id), 'f'.repeat(24)], n)),
      countryIds: wanted.countries.map((n) => pick(countryIds, n)),
      tags: wanted.tags,
      priceFrom: wanted.priceFrom === undefined ? undefined : BigInt(100 * wanted.priceFrom),
      priceTo: wanted.priceTo === undefined ? undefined : BigInt(100 * wanted.priceTo),
    },
    page: { page, limit, sort, facets: true, language: 'uk' },
  });

  test('whatever is changed in either process, and whatever is asked', async () => {
    const steps = fc.record({ changes: fc.array(fc.tuple(fc.boolean(), change), { maxLength: 5 }), question });
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 6 }), async (all) => {
        for (const { changes, question: next } of all) {
          for (const [first, step] of changes) await make(first ? one : other, step);
          one.runtime.clock.advance(250);
          for (const [system, register] of registers) {
            const { catalogue } = await system.deps.revisions.current();
            expect(await register.at(catalogue)).not.toBeNull();
            expect(await ask(system, register, asked(next))).toEqual(await ask(system, nowhere, asked(next)));
          }
        }
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

describe('a register', () => {
  let catalog: CatalogSystem;
  beforeAll(async () => {
    catalog = await aCatalog();
    for (let n = 0; n < 6; n += 1) await catalog.aProduct({ price: BigInt(100 * n) });
  });
  afterAll(() => catalog.runtime.close());

  const theNewest = () => {
    catalog.runtime.clock.advance(1);
    return catalog.aProduct();
  };

  /** One whose every statement waits for this to have been done first. */
  const aRegister = (before: () => Promise<unknown>, batch?: number) => {
    const { pool } = catalog.runtime.database;
    const query = async (...args: Parameters<typeof pool.query>) => {
      await before();
      return pool.query(...args);
    };
    return createRegister({ ...catalog.deps, database: { pool: { query } as never } }, batch);
  };

  test('that is asked by many at once reads what has changed once', async () => {
    let reads = 0;
    const register = aRegister(async () => {
      reads += 1;
    });
    const twenty = () => Promise.all(Array.from({ length: 20 }, () => ask(catalog, register)));
    await twenty();
    expect(reads).toBe(1);
    const { id } = await theNewest();
    for (const { ids } of await twenty()) expect(ids[0]).toBe(id);
    expect(reads).toBe(2);
  });

  test('that is still being filled leaves the answer to the database, and misses nothing of that time', async () => {
    const { ids } = await ask(catalog, nowhere, { page: { ...firstPage, sort: 'price' } });
    let reads = 0;
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const register = aRegister(async () => {
      reads += 1;
      if (reads === 2) await gate;
    }, 2);
    const { catalogue } = await catalog.deps.revisions.current();
    expect(await register.at(catalogue)).toBeNull();

    await changeProduct(catalog.deps, ids[0] as string, () => ({ price: 99_900n }), by);
    await removeProduct(catalog.deps, ids[1] as string, by);
    const expected = await ask(catalog, nowhere, { page: { ...firstPage, sort: 'price' } });
    expect(await ask(catalog, register, { page: { ...firstPage, sort: 'price' } })).toEqual(expected);
    expect(reads).toBe(2);
    goOn();
    expect(await ask(catalog, patient(register), { page: { ...firstPage, sort: 'price' } })).toEqual(expected);
    expect(reads).toBeGreaterThan(4);
  });

  test('that the database refuses leaves the answer to it, and does not ask again for a second', async () => {
    let refused = 0;
    let refuses = true;
    const register = aRegister(async () => {
      refused += 1;
      if (refuses) throw new Error('no');
    });
    for (let n = 0; n < 3; n += 1) expect((await ask(catalog, register)).total).toBeGreaterThan(0);
    expect(refused).toBe(1);
    refuses = false;
    catalog.runtime.clock.advance(1_000);
    const { catalogue } = await catalog.deps.revisions.current();
    expect(await register.at(catalogue)).not.toBeNull();

    refuses = true;
    const { id } = await theNewest();
    expect((await ask(catalog, register)).ids[0]).toBe(id);
    refuses = false;
    catalog.runtime.clock.advance(1_000);
    expect((await ask(catalog, register)).ids[0]).toBe(id);
  });

  test.each([
    ['a discount, by which prices change without a change of their products', true, () => catalog.aDiscount()],
    ['a new category, which no product is in', false, () => catalog.aCategory()],
    ['a new maker', false, () => catalog.aManufacturer()],
  ])('reads all anew after %s: %s', async (_what, anew, change) => {
    await ask(catalog, catalog.deps.register);
    const { statements } = await countStatements(catalog.runtime, async () => {
      await change();
      await ask(catalog, catalog.deps.register);
    });
    expect(statements.some((sql) => sql.includes('p.id >'))).toBe(anew);
  });
});
