import type { PackageTerms } from '@forecourt/contracts';
import { type AppliedDiscount, priceNow } from '@forecourt/pricing';
import { type Category, type Directory, nextBoundary } from '../directory/directory.ts';
import type { ProductOption } from '../product/product.ts';
import type { CatalogueLanguage } from '../translation/translation.ts';

export const sorts = ['relevance', 'newest', 'price', '-price', 'title'] as const;
export type Sort = (typeof sorts)[number];

/** What a shopper asks for. Within one filter any of the values will do; all filters must hold. */
export interface Filter {
  readonly q: string | undefined;
  /** Slug or id. */
  readonly category: string | undefined;
  readonly manufacturerIds: readonly string[];
  readonly countryIds: readonly string[];
  readonly tags: readonly string[];
  /** Minor units, of the price to pay now. */
  readonly priceFrom: bigint | undefined;
  readonly priceTo: bigint | undefined;
}

export interface Page {
  readonly page: number;
  readonly limit: number;
  readonly sort: Sort | undefined;
  readonly facets: boolean;
  readonly language: CatalogueLanguage;
}

/** A product as the database gives it to shoppers: texts in one language already. */
export interface ListedRow {
  readonly id: string;
  readonly number: bigint;
  readonly slug: string;
  readonly sku: string;
  readonly title: string;
  readonly description: string | null;
  readonly price: bigint;
  readonly unit: string | null;
  readonly categoryId: string;
  readonly categoryPath: readonly string[];
  readonly manufacturerId: string | null;
  readonly countryId: string | null;
  readonly tags: readonly string[];
  readonly images: readonly string[];
  readonly options: readonly ProductOption[];
  readonly inStock: boolean;
  /** null: goods. */
  readonly package: PackageTerms | null;
}

export interface ListedProduct extends ListedRow {
  readonly category: Category | undefined;
  readonly priceNow: bigint;
  readonly discountsApplied: readonly AppliedDiscount[];
}

export interface Listing {
  /** The products of the page, in their order. */
  readonly ids: readonly string[];
  readonly total: number;
  /** Nothing had these very words; these have words like them. */
  readonly fuzzy: boolean;
  readonly facets: Facets | undefined;
  /** The instant from which prices differ. */
  readonly goodUntil: Date | null;
}

export interface Count {
  readonly value: string;
  readonly count: number;
}

/** How many products each value would leave, were it the only one chosen in its own filter. */
export interface Facets {
  readonly categories: readonly Count[];
  readonly manufacturers: readonly Count[];
  readonly countries: readonly Count[];
  readonly tags: readonly Count[];
  readonly price: { readonly min: bigint; readonly max: bigint } | null;
}

export const facetNames = [
  'categories',
  'manufacturers',
  'countries',
  'tags',
  'price',
] as const satisfies (keyof Facets)[];
export type FacetName = (typeof facetNames)[number];

export const maxTagCounts = 100;

/** A product is in its category and in all above it. */
export function withAncestors(own: readonly Count[], { categories }: Directory): Count[] {
  const counts = new Map<string, number>();
  for (const { value, count } of own)
    for (const id of categories.get(value)?.path ?? []) counts.set(id, (counts.get(id) ?? 0) + count);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

const unchosen: Record<FacetName, Partial<Filter>> = {
  categories: { category: undefined },
  manufacturers: { manufacturerIds: [] },
  countries: { countryIds: [] },
  tags: { tags: [] },
  price: { priceFrom: undefined, priceTo: undefined },
};

/** What narrows a facet: the filter without the facet's own choice. */
export const narrowing = (facet: FacetName, filter: Filter): Filter => ({ ...filter, ...unchosen[facet] });

/** The price is worked out here and not read, so that it is right to the instant that a discount begins or ends. */
export function listed(row: ListedRow, directory: Directory, now: Date): ListedProduct {
  const { id: productId, price, categoryPath } = row;
  const discounts = directory.discountsFor(productId, categoryPath);
  const { price: paid, discountsApplied } = priceNow({ productId, price, categoryPath }, discounts, now);
  return { ...row, category: directory.categories.get(row.categoryId), priceNow: paid, discountsApplied };
}

export const goodUntil = ({ discounts }: Directory, now: Date): Date | null => nextBoundary(discounts, now);

/** How far a shopper may leaf: deep pages cost as much as all the pages before them. */
export const maxOffset = 100_000;
