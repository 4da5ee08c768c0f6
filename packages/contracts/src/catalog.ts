import { z } from 'zod';
import { defineEvent, defineRequest } from './define.ts';
import { Currency, Instant, MinorUnits, ObjectId, Version } from './values.ts';

export const LocalizedText = z.object({ uk: z.string(), ru: z.string().nullable(), en: z.string().nullable() });

/** What a product that is a package promises for each period; the product's price is the price of one. */
export const PackageTerms = z.object({
  period: z.object({ unit: z.enum(['day', 'month']), count: z.int().min(1).max(366) }),
  /** Whether the next period follows by itself. */
  renews: z.boolean(),
  /** Of packages of one line a customer has one at a time: another one of it is an upgrade or a downgrade. null: stands alone. */
  line: z.string().nullable(),
  contents: z.array(
    z.object({ name: z.string(), value: z.union([z.string(), z.number()]), unit: z.string().nullable() }),
  ),
});
export type PackageTerms = z.output<typeof PackageTerms>;

/** What another service needs to sell a product without asking: all of it, at one version. */
export const ProductSnapshot = z.object({
  productId: ObjectId,
  version: Version,
  number: z.int().positive(),
  slug: z.string(),
  sku: z.string(),
  title: LocalizedText,
  /** Before discounts. */
  price: MinorUnits,
  /** After the discounts in force when it was told; when one begins or ends it is told anew. */
  priceNow: MinorUnits.nullable().default(null),
  currency: Currency,
  unit: z.string().nullable(),
  /** From the root of the tree down to the product's own category. */
  categoryPath: z.array(ObjectId),
  manufacturerId: ObjectId.nullable(),
  countryId: ObjectId.nullable(),
  options: z.array(z.object({ name: z.string(), values: z.array(z.union([z.string(), z.number()])) })),
  active: z.boolean(),
  /** What a partner calls it; unique among products that are not removed. */
  externalId: z.string().nullable().default(null),
  /** null: an ordinary product. */
  package: PackageTerms.nullable().default(null),
  changedAt: Instant,
});
export type ProductSnapshot = z.output<typeof ProductSnapshot>;

export const productChanged = defineEvent('catalog.product.changed.v1', {
  summary: 'A product is new or changed, or a discount made its price now another one; the event holds it whole.',
  aggregate: 'productId',
  data: ProductSnapshot,
});

export const productRemoved = defineEvent('catalog.product.removed.v1', {
  summary: 'A product is gone from the catalogue for good.',
  aggregate: 'productId',
  data: z.object({ productId: ObjectId, version: Version, removedAt: Instant }),
});

/** A rule that lowers prices. Percent is in hundredths of a percent (1250 = 12.5 %), fixed is in minor units. */
export const DiscountSnapshot = z.object({
  discountId: ObjectId,
  version: Version,
  name: z.string(),
  type: z.enum(['percent', 'fixed']),
  percentHundredths: z.int().min(1).max(10_000).nullable(),
  amount: MinorUnits.nullable(),
  scope: z.enum(['everything', 'category', 'product']),
  /** The category or product; null when the scope is everything. */
  targetId: ObjectId.nullable(),
  from: Instant.nullable(),
  to: Instant.nullable(),
  active: z.boolean(),
});
export type DiscountSnapshot = z.output<typeof DiscountSnapshot>;

export const discountChanged = defineEvent('catalog.discount.changed.v1', {
  summary: 'A discount is new, changed or, when not active, over.',
  aggregate: 'discountId',
  data: DiscountSnapshot,
});

export const stockImported = defineEvent('catalog.stock.imported.v1', {
  summary: 'The stock column of an import, handed on to orders, who keep the counts. null: not counted.',
  aggregate: 'productId',
  data: z.object({
    productId: ObjectId,
    /** Version of the product that the row was imported to. */
    version: Version,
    quantity: z.int().nonnegative().nullable(),
    importedAt: Instant,
  }),
});

export const getProducts = defineRequest('catalog.product.get', {
  summary: 'Products by id; unknown ids are left out of the answer.',
  request: z.object({ productIds: z.array(ObjectId).min(1).max(200) }),
  reply: z.object({ products: z.array(ProductSnapshot) }),
});

export const findProduct = defineRequest('catalog.product.find', {
  summary: 'The product with this number, hidden or not; null: there is none, or it was removed.',
  request: z.object({ number: z.int().positive() }),
  reply: z.object({ product: ProductSnapshot.nullable() }),
});

export const listDiscounts = defineRequest('catalog.discount.list', {
  summary: 'Every discount, those that are over too, a page at a time: asked by a service whose copy may lack some.',
  request: z.object({
    /** `next` of the page before. */
    after: ObjectId.optional(),
  }),
  reply: z.object({
    discounts: z.array(DiscountSnapshot),
    /** Absent when there are no more. */
    next: ObjectId.optional(),
  }),
});
