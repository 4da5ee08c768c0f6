import type { Directory } from '../directory/directory.ts';
import type { Codes, Columns } from './columns.ts';
import { type Count, type Facets, type Filter, maxTagCounts, type Page, withAncestors } from './listing.ts';

type SiftedPage = Omit<Page, 'language'>;

export interface Sifted {
  readonly ids: readonly string[];
  readonly total: number;
  readonly facets: Facets | undefined;
}

/** A filter without words, a bit each. */
const bits = { category: 1, manufacturer: 2, country: 4, tags: 8, price: 16 } as const;

/** For each code of a value: 0 where a product with that value passes, else the filter's bit. */
type Sieve = Uint8Array;

interface Sieves {
  /** The chosen category and those below it. */
  readonly within: readonly string[] | undefined;
  readonly category: Sieve;
  readonly manufacturer: Sieve;
  readonly country: Sieve;
  readonly tagList: Sieve;
  readonly priceFrom: number;
  readonly priceTo: number;
}

/** A page and what it needs counted, as `store.ts` has Postgres find them, but for words and titles. */
export function sift(columns: Columns, filter: Omit<Filter, 'q'>, page: SiftedPage, directory: Directory): Sifted {
  const sieves = sievesFor(columns, filter, directory);
  return { ...list(columns, sieves, page), facets: page.facets ? countAll(columns, sieves, directory) : undefined };
}

function list(columns: Columns, sieves: Sieves, { page, limit, sort }: SiftedPage) {
  const { manufacturer, country, tagList, priceNow } = columns;
  const { priceFrom, priceTo } = sieves;
  const order = inCategory(sort === 'price' || sort === '-price' ? columns.byPrice : columns.byAge, columns, sieves);
  const last = order.length - 1;
  const backwards = sort !== 'price';
  const offset = (page - 1) * limit;
  const ids: string[] = [];
  let total = 0;
  for (let at = 0; at <= last; at += 1) {
    const slot = order[backwards ? last - at : at] as number;
    if (sieves.manufacturer[manufacturer[slot] as number] !== 0) continue;
    if (sieves.country[country[slot] as number] !== 0) continue;
    if (sieves.tagList[tagList[slot] as number] !== 0) continue;
    const price = priceNow[slot] as number;
    if (price < priceFrom || price > priceTo) continue;
    if (total >= offset && ids.length < limit) ids.push(columns.ids[slot] as string);
    total += 1;
  }
  return { ids, total };
}

/** Orders are new with every change of a product, and lists of categories with every directory: what is kept falls with them. */
const narrowed = new WeakMap<Uint32Array, WeakMap<readonly string[], Uint32Array>>();

function inCategory(order: Uint32Array, { category }: Columns, { within, category: sieve }: Sieves): Uint32Array {
  if (within === undefined) return order;
  const known = narrowed.get(order) ?? new WeakMap<readonly string[], Uint32Array>();
  narrowed.set(order, known);
  const slots = known.get(within) ?? order.filter((slot) => sieve[category[slot] as number] === 0);
  known.set(within, slots);
  return slots;
}

function sievesFor(columns: Columns, filter: Omit<Filter, 'q'>, directory: Directory): Sieves {
  const { category, manufacturerIds, countryIds, tags, priceFrom, priceTo } = filter;
  const chosen = category === undefined ? undefined : directory.findCategory(category);
  const within = category === undefined ? undefined : chosen ? directory.within(chosen.id) : [];
  return {
    within,
    category: sieve(columns.categories, within, bits.category),
    manufacturer: sieve(columns.manufacturers, unlessEmpty(manufacturerIds), bits.manufacturer),
    country: sieve(columns.countries, unlessEmpty(countryIds), bits.country),
    tagList: tagSieve(columns, unlessEmpty(tags)),
    priceFrom: priceFrom === undefined ? Number.NEGATIVE_INFINITY : Number(priceFrom),
    priceTo: priceTo === undefined ? Number.POSITIVE_INFINITY : Number(priceTo),
  };
}

const unlessEmpty = <T>(values: readonly T[]) => (values.length > 0 ? values : undefined);

function sieve(codes: Codes, wanted: readonly string[] | undefined, bit: number): Sieve {
  const passes = new Uint8Array(codes.values.length);
  if (wanted === undefined) return passes;
  passes.fill(bit);
  for (const value of wanted) {
    const code = codes.find(value);
    if (code !== undefined) passes[code] = 0;
  }
  return passes;
}

function tagSieve({ tags, tagLists }: Columns, wanted: readonly string[] | undefined): Sieve {
  if (wanted === undefined) return new Uint8Array(tagLists.length);
  const codes = new Set(wanted.map((tag) => tags.find(tag)));
  return Uint8Array.from(tagLists, (list) => (list.some((code) => codes.has(code)) ? 0 : bits.tags));
}

/** A product counts in a facet when it passes every filter but perhaps the facet's own. */
function countAll(columns: Columns, sieves: Sieves, directory: Directory): Facets {
  const categories = new Uint32Array(columns.categories.values.length);
  const manufacturers = new Uint32Array(columns.manufacturers.values.length);
  const countries = new Uint32Array(columns.countries.values.length);
  const tagLists = new Uint32Array(columns.tagLists.length);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  const { byAge, category, manufacturer, country, tagList, priceNow } = columns;
  const { priceFrom, priceTo } = sieves;
  const add = (counts: Uint32Array, code: number) => {
    counts[code] = (counts[code] as number) + 1;
  };
  for (let at = 0; at < byAge.length; at += 1) {
    const slot = byAge[at] as number;
    const price = priceNow[slot] as number;
    const misses =
      (sieves.category[category[slot] as number] as number) |
      (sieves.manufacturer[manufacturer[slot] as number] as number) |
      (sieves.country[country[slot] as number] as number) |
      (sieves.tagList[tagList[slot] as number] as number) |
      (price >= priceFrom && price <= priceTo ? 0 : bits.price);
    // None, or one.
    if ((misses & (misses - 1)) !== 0) continue;
    if (misses === 0 || misses === bits.category) add(categories, category[slot] as number);
    if (misses === 0 || misses === bits.manufacturer) add(manufacturers, manufacturer[slot] as number);
    if (misses === 0 || misses === bits.country) add(countries, country[slot] as number);
    if (misses === 0 || misses === bits.tags) add(tagLists, tagList[slot] as number);
    if (misses === 0 || misses === bits.price) {
      if (price < min) min = price;
      if (price > max) max = price;
    }
  }
  const tags = new Uint32Array(columns.tags.values.length);
  for (const [list, count] of tagLists.entries())
    for (const tag of count > 0 ? (columns.tagLists[list] ?? []) : []) tags[tag] = (tags[tag] as number) + count;
  return {
    categories: withAncestors(countsOf(columns.categories, categories), directory),
    manufacturers: countsOf(columns.manufacturers, manufacturers),
    countries: countsOf(columns.countries, countries),
    tags: countsOf(columns.tags, tags).slice(0, maxTagCounts),
    price: min > max ? null : { min: BigInt(min), max: BigInt(max) },
  };
}

const countsOf = ({ values }: Codes, counts: Uint32Array): Count[] =>
  values
    .flatMap((value, code) => (value !== null && counts[code] ? [{ value, count: counts[code] }] : []))
    .sort((a, b) => b.count - a.count || byCodePoint(a.value, b.value));

/** As Postgres compares in the collation "C", where `<` would go by halves of a surrogate pair. */
function byCodePoint(a: string, b: string): number {
  for (let at = 0; ; at += 1) {
    const [x, y] = [a.codePointAt(at) ?? -1, b.codePointAt(at) ?? -1];
    if (x !== y || x === -1) return x - y;
  }
}
