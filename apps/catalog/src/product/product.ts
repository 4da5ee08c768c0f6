import { isDeepStrictEqual } from 'node:util';
import type { PackageTerms, ProductSnapshot } from '@forecourt/contracts';
import type { Translations } from '../translation/translation.ts';

/** A choice that the buyer has: `{ name: 'shade', values: ['A1', 'A2'] }`. */
export interface ProductOption {
  readonly name: string;
  readonly values: readonly (string | number)[];
}

/** What an operator or an import says about a product. */
export interface ProductFields {
  readonly sku: string;
  readonly slug: string;
  readonly title: Translations;
  readonly description: { readonly uk: string | null; readonly ru: string | null; readonly en: string | null };
  /** Minor units, before discounts. */
  readonly price: bigint;
  readonly unit: string | null;
  readonly categoryId: string;
  readonly manufacturerId: string | null;
  readonly countryId: string | null;
  readonly tags: readonly string[];
  readonly images: readonly string[];
  readonly options: readonly ProductOption[];
  readonly active: boolean;
  /** What a partner calls it. */
  readonly externalId: string | null;
  /** What is bought for a period at a time; null: an ordinary product. */
  readonly package: PackageTerms | null;
}

export interface Product extends ProductFields {
  readonly id: string;
  /** From the root of the tree down to `categoryId`. */
  readonly categoryPath: readonly string[];
  /** The stock column of the last import, null before the first one that had it; counts are kept by orders. */
  readonly stockImported: number | 'unlimited' | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The product with these fields; the very same value when they say nothing new. */
export function change(product: Product, fields: Partial<Product>, now: Date): Product {
  const news = Object.entries(fields).filter(
    ([name, value]) => value !== undefined && !isDeepStrictEqual(value, product[name as keyof Product]),
  );
  if (news.length === 0) return product;
  return { ...product, ...Object.fromEntries(news), version: product.version + 1, updatedAt: now };
}

/** What the database gives it, or works out. */
export interface Given {
  readonly number: bigint;
  readonly inStock: boolean;
  /** Minor units, after the discounts in force when it was last worked out. */
  readonly priceNow: bigint;
}

export const withoutGiven = ({ number: _n, inStock: _s, priceNow: _p, ...product }: Product & Given): Product =>
  product;

/** Facts that orders and others keep a copy of; when only others changed (an image), they still hear of the version. */
export const snapshotOf = (product: Product & Given, currency: string): ProductSnapshot => ({
  productId: product.id,
  version: product.version,
  number: Number(product.number),
  slug: product.slug,
  sku: product.sku,
  title: product.title,
  price: product.price,
  priceNow: product.priceNow,
  currency,
  unit: product.unit,
  categoryPath: [...product.categoryPath],
  manufacturerId: product.manufacturerId,
  countryId: product.countryId,
  options: product.options.map(({ name, values }) => ({ name, values: [...values] })),
  active: product.active,
  externalId: product.externalId,
  package: product.package,
  changedAt: product.updatedAt,
});
