import { isDeepStrictEqual } from 'node:util';
import type { ProductSnapshot } from '@forecourt/contracts';
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

/** Facts that orders and others keep a copy of; when only others changed (an image), they still hear of the version. */
export const snapshotOf = (product: Product, number: bigint, currency: string): ProductSnapshot => ({
  productId: product.id,
  version: product.version,
  number: Number(number),
  slug: product.slug,
  sku: product.sku,
  title: product.title,
  price: product.price,
  currency,
  unit: product.unit,
  categoryPath: [...product.categoryPath],
  manufacturerId: product.manufacturerId,
  countryId: product.countryId,
  options: product.options.map(({ name, values }) => ({ name, values: [...values] })),
  active: product.active,
  changedAt: product.updatedAt,
});
