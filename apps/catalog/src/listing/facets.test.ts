import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCatalog, aProcessOf, type CatalogSystem } from '../../test/builders.ts';
import { type FacetName, type Filter, facetNames } from './listing.ts';
import { countFacets } from './store.ts';

let catalog: CatalogSystem;
let filters: Record<string, string>[];

beforeAll(async () => {
  catalog = await aCatalog();
  const parent = await catalog.aCategory();
  const children = await Promise.all([1, 2].map(() => catalog.aCategory({ parentId: parent.id })));
  const makers = await Promise.all([1, 2].map(() => catalog.aManufacturer()));
  const countries = await Promise.all(['UA', 'DE'].map((code) => catalog.aCountry(code)));
  const pick = <T>(list: readonly T[], n: number) => list[n % list.length] as T;
  for (let n = 0; n < 24; n += 1)
    await catalog.aProduct({
      categoryId: pick([parent, ...children], n).id,
      manufacturerId: pick([...makers.map(({ id }) => id), null], n >> 1),
      countryId: pick(countries, n >> 2).id,
      tags: pick([['a'], ['a', 'b'], []], n >> 3),
      price: BigInt(100 * (n + 1)),
    });
  const choices: Record<string, string>[] = [
    {},
    { category: parent.id },
    { category: children[0]?.slug ?? '' },
    { manufacturerId: makers[0]?.id ?? '' },
    { countryId: countries[0]?.id ?? '' },
    { tags: 'b' },
    { priceFrom: '5', priceTo: '15' },
  ];
  filters = choices.flatMap((one) => choices.map((other) => ({ ...one, ...other })));
});
afterAll(() => catalog.runtime.close());

async function facetsFor({ app }: CatalogSystem, filter: Record<string, string>) {
  const response = await app.inject({ url: '/products', query: { q: 'товар', ...filter, facets: '1', limit: '1' } });
  expect(response.statusCode).toBe(200);
  return response.json().facets;
}

test('counts that pages share are those that each page would have counted by itself', async () => {
  for (const filter of filters) {
    const alone = await aProcessOf(catalog.runtime);
    expect(await facetsFor(catalog, filter), JSON.stringify(filter)).toEqual(await facetsFor(alone, filter));
  }
});

test('each facet can be counted without the others', async () => {
  const directory = await catalog.deps.directory.current();
  const filter: Filter = {
    q: undefined,
    category: [...directory.categories.values()].find(({ parentId }) => parentId === null)?.id,
    manufacturerIds: [...directory.manufacturers.keys()],
    countryIds: [...directory.countries.keys()],
    tags: ['a', 'b'],
    priceFrom: 100n,
    priceTo: 2000n,
  };
  const count = (names: readonly FacetName[]) =>
    countFacets(catalog.deps.database, names, { filter, question: null, directory });
  const together = await count(facetNames);
  expect(together.categories?.length).toBeGreaterThan(0);
  for (const name of facetNames) expect(await count([name])).toEqual({ [name]: together[name] });
});
