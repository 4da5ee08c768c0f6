import { toMajorUnits } from '@forecourt/dialects';
import type { AppliedDiscount } from '@forecourt/pricing';
import { serializerOf } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Category, Country, Directory, Manufacturer } from '../directory/directory.ts';
import type { ListedProduct, Listing } from '../listing/listing.ts';
import { PackageBody } from '../product/package.ts';
import { type CatalogueLanguage, inLanguage } from '../translation/translation.ts';

const Discount = z.object({
  discountId: z.string(),
  name: z.string(),
  type: z.enum(['percent', 'fixed']),
  value: z.number().meta({ description: 'Percent, or an amount.' }),
  priceBefore: z.number(),
  priceAfter: z.number(),
});

const OptionBody = z.object({ name: z.string(), values: z.array(z.union([z.string(), z.number()])) });

export const ProductBody = z
  .object({
    id: z.string(),
    number: z.int(),
    slug: z.string(),
    sku: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    price: z.number().meta({ description: 'To pay now, after discounts: the price to send with an order.' }),
    priceOriginal: z.number().optional().meta({ description: 'Before discounts; there when they differ.' }),
    currency: z.string(),
    unit: z.string().nullable(),
    category: z.string().nullable().meta({ description: "The category's slug." }),
    categoryId: z.string(),
    categoryName: z.string().nullable(),
    manufacturerId: z.string().nullable(),
    manufacturerName: z.string().nullable(),
    countryId: z.string().nullable(),
    countryName: z.string().nullable(),
    tags: z.array(z.string()),
    images: z.array(z.string()),
    options: z
      .array(OptionBody)
      .meta({ description: 'What the buyer chooses; sent with an order as `{ name: value }`.' }),
    inStock: z.boolean(),
    package: PackageBody.optional().meta({
      description:
        'What a period of it promises. A package is ordered by its number, with a code: the subscriber’s `/order`.',
    }),
    discounts: z.array(Discount).optional(),
  })
  .meta({ id: 'Product' });

export const productJson = serializerOf(ProductBody);

const NamedCount = z.object({ id: z.string(), name: z.string(), count: z.int() });

export const ProductPage = z.object({
  items: z.array(ProductBody),
  page: z.int(),
  limit: z.int(),
  total: z.int(),
  fuzzy: z.literal(true).optional().meta({ description: 'Nothing has these very words; these have words like them.' }),
  facets: z
    .object({
      categories: z.array(NamedCount.extend({ slug: z.string() })),
      manufacturers: z.array(NamedCount),
      countries: z.array(NamedCount),
      tags: z.array(z.object({ tag: z.string(), count: z.int() })),
      price: z.object({ min: z.number(), max: z.number() }).nullable(),
    })
    .optional(),
});

export const CategoryBody = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    parentId: z.string().nullable(),
    path: z.array(z.string()).meta({ description: 'Ids from the root down to this one.' }),
  })
  .meta({ id: 'Category' });
export const ManufacturerBody = z
  .object({ id: z.string(), slug: z.string(), name: z.string() })
  .meta({ id: 'Manufacturer' });
export const CountryBody = z.object({ id: z.string(), code: z.string(), name: z.string() }).meta({ id: 'Country' });

/** How the shop's customers read the catalogue: one language, major units. */
export interface Reading {
  readonly directory: Directory;
  readonly currency: string;
  readonly language: CatalogueLanguage;
}

export function toProductBody(
  product: ListedProduct,
  { directory, currency, language }: Reading,
): z.input<typeof ProductBody> {
  const { category, manufacturerId, countryId, discountsApplied } = product;
  const manufacturer = manufacturerId === null ? undefined : directory.manufacturers.get(manufacturerId);
  const country = countryId === null ? undefined : directory.countries.get(countryId);
  return {
    id: product.id,
    number: Number(product.number),
    slug: product.slug,
    sku: product.sku,
    title: product.title,
    description: product.description,
    price: toMajorUnits(product.priceNow, currency),
    ...(product.priceNow !== product.price && { priceOriginal: toMajorUnits(product.price, currency) }),
    currency,
    unit: product.unit,
    category: category?.slug ?? null,
    categoryId: product.categoryId,
    categoryName: category ? inLanguage(category.name, language) : null,
    manufacturerId,
    manufacturerName: manufacturer ? inLanguage(manufacturer.name, language) : null,
    countryId,
    countryName: country ? inLanguage(country.name, language) : null,
    tags: [...product.tags],
    images: [...product.images],
    options: product.options.map(({ name, values }) => ({ name, values: [...values] })),
    inStock: product.inStock,
    ...(product.package && { package: product.package }),
    ...(discountsApplied.length > 0 && {
      discounts: discountsApplied.map((applied) => toDiscountBody(applied, currency)),
    }),
  };
}

const toDiscountBody = (applied: AppliedDiscount, currency: string): z.input<typeof Discount> => ({
  discountId: applied.discountId,
  name: applied.name,
  type: applied.type,
  value:
    applied.type === 'percent' ? (applied.percentHundredths ?? 0) / 100 : toMajorUnits(applied.amount ?? 0n, currency),
  priceBefore: toMajorUnits(applied.priceBefore, currency),
  priceAfter: toMajorUnits(applied.priceAfter, currency),
});

/** All of a page but its items, which are JSON already: see `withItems`. */
export function toPageBody(
  { total, fuzzy, facets }: Listing,
  { page, limit }: { page: number; limit: number },
  reading: Reading,
): z.input<typeof ProductPage> {
  return {
    items: [],
    page,
    limit,
    total,
    ...(fuzzy && { fuzzy: true as const }),
    ...(facets && { facets: toFacetsBody(facets, reading) }),
  };
}

const noItems = '{"items":[]';
const comma = ','.charCodeAt(0);

export function withItems(page: string, items: readonly Buffer[]): Buffer {
  if (!page.startsWith(noItems)) throw new Error('a page does not begin with its items');
  const begin = '{"items":[';
  const end = page.slice(noItems.length - 1);
  const length = items.reduce((sum, item) => sum + item.length + 1, 0) - (items.length > 0 ? 1 : 0);
  const bytes = Buffer.allocUnsafeSlow(begin.length + length + Buffer.byteLength(end));
  let at = bytes.write(begin);
  for (const [index, item] of items.entries()) {
    if (index > 0) bytes[at++] = comma;
    at += item.copy(bytes, at);
  }
  bytes.write(end, at);
  return bytes;
}

/** In memory of their own: `Buffer.from` would cut them from a larger piece, which is held as long as any part of it is kept. */
export function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** What the lists hide is offered as no filter either; nor is what was taken away a moment ago. */
function toFacetsBody(facets: NonNullable<Listing['facets']>, { directory, currency, language }: Reading) {
  return {
    categories: facets.categories.flatMap(({ value, count }) => {
      const category = directory.categories.get(value);
      return category?.active
        ? [{ id: value, slug: category.slug, name: inLanguage(category.name, language), count }]
        : [];
    }),
    manufacturers: facets.manufacturers.flatMap(({ value, count }) => {
      const manufacturer = directory.manufacturers.get(value);
      return manufacturer?.active ? [{ id: value, name: inLanguage(manufacturer.name, language), count }] : [];
    }),
    countries: facets.countries.flatMap(({ value, count }) => {
      const country = directory.countries.get(value);
      return country?.active ? [{ id: value, name: inLanguage(country.name, language), count }] : [];
    }),
    tags: facets.tags.map(({ value, count }) => ({ tag: value, count })),
    price: facets.price && {
      min: toMajorUnits(facets.price.min, currency),
      max: toMajorUnits(facets.price.max, currency),
    },
  };
}

export const toCategoryBody = ({ id, slug, name, parentId, path }: Category, language: CatalogueLanguage) => ({
  id,
  slug,
  name: inLanguage(name, language),
  parentId,
  path: [...path],
});
export const toManufacturerBody = ({ id, slug, name }: Manufacturer, language: CatalogueLanguage) => ({
  id,
  slug,
  name: inLanguage(name, language),
});
export const toCountryBody = ({ id, code, name }: Country, language: CatalogueLanguage) => ({
  id,
  code,
  name: inLanguage(name, language),
});
