import { toMinorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Directory } from '../directory/directory.ts';
import { Contents, Line, Period, readContents, readPeriod } from '../product/package.ts';
import type { Product, ProductFields } from '../product/product.ts';
import { isSlug } from '../product/slug.ts';
import { packageAfter } from './package.ts';

export const columns = [
  'external_id',
  'sku',
  'slug',
  'title_uk',
  'title_ru',
  'title_en',
  'description_uk',
  'description_ru',
  'description_en',
  'price',
  'unit',
  'category',
  'manufacturer',
  'country',
  'tags',
  'images',
  'options',
  'active',
  'package_period',
  'package_renews',
  'package_line',
  'package_contents',
  'stock',
] as const;
export type Column = (typeof columns)[number];
/** By what a row finds its product: the first of them that a product has. */
export const keyColumns = ['external_id', 'sku'] as const satisfies readonly Column[];
type FieldColumn = Exclude<Column, (typeof keyColumns)[number] | 'stock'>;

/** A row as the file has it: texts from CSV, any JSON from JSON lines. A column that is not there says nothing. */
export type RawRow = Readonly<Partial<Record<Column, unknown>>>;

/** What a row says, in our words. A field that is not there stays as it is; `stock` null means not counted. */
export interface ImportedRow {
  /** At least one of the two is there. An external id that is not stays as it is. */
  readonly externalId: string | undefined;
  readonly sku: string | undefined;
  readonly fields: ReadonlyMap<FieldColumn, unknown>;
  readonly stock: number | null | undefined;
}

const listText = (value: unknown) =>
  typeof value === 'string'
    ? value
        .split('|')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    : value;
const emptyAsNull = (value: unknown) => (value === '' ? null : value);
const unique = <T>(values: T[]) => [...new Set(values)];

/** `shade=A1|A2; size=15|20`; values that are numbers become numbers only where all of an option's are. */
function optionsText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...rest] = part.split('=');
      const values = listText(rest.join('=')) as string[];
      const numeric = values.every((one) => /^-?\d{1,9}(?:\.\d{1,4})?$/.test(one) && String(Number(one)) === one);
      return { name: name.trim(), values: numeric ? values.map(Number) : values };
    });
}

const yes = new Map([
  ...['true', '1', 'yes', 'так', 'да'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'ні', 'нет'].map((word) => [word, false] as const),
]);
const yesOrNo = (value: unknown) =>
  typeof value === 'string' ? (yes.get(value.trim().toLowerCase()) ?? value) : value;
/** A number as spreadsheets write it; anything else as it came. */
export const decimal = (value: unknown) =>
  typeof value === 'string' && /^\d{1,12}(?:[.,]\d{1,18})?$/.test(value.trim())
    ? Number(value.trim().replace(',', '.'))
    : value;
const counted = (value: unknown) => {
  if (value === 'unlimited') return null;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
};

export const Tags = z
  .array(text({ min: 1, max: 60 }).toLowerCase())
  .max(50)
  .transform(unique);
export const Images = z
  .array(z.url({ protocol: /^https$/ }).max(2048))
  .max(30)
  .transform(unique);
export const Options = z
  .array(
    z.strictObject({
      name: text({ min: 1, max: 60 }),
      values: z
        .array(z.union([text({ min: 1, max: 60 }), z.number().min(-1e9).max(1e9)]))
        .min(1)
        .max(200),
    }),
  )
  .max(20)
  .refine((options) => new Set(options.map(({ name }) => name)).size === options.length, {
    params: { rule: 'not_acceptable' },
    message: 'options have different names',
  })
  .refine((options) => options.every(({ values }) => new Set(values).size === values.length), {
    params: { rule: 'not_acceptable' },
    message: 'the values of an option differ',
  });
export const Sku = text({ min: 1, max: 64 });
/** No longer than a SKU: a product that comes with none gets this one. */
export const ExternalId = text({ min: 1, max: 64 });
export const Slug = z.string().refine(isSlug, { params: { rule: 'format', expected: 'slug' }, message: 'is no slug' });
export const maxPrice = 1e11;

const optionalText = (max: number) => z.preprocess(emptyAsNull, text({ min: 1, max, multiline: true }).nullable());
const cells = {
  slug: Slug,
  title_uk: text({ min: 1, max: 300 }),
  title_ru: optionalText(300),
  title_en: optionalText(300),
  description_uk: optionalText(10_000),
  description_ru: optionalText(10_000),
  description_en: optionalText(10_000),
  price: z.preprocess(decimal, z.number().min(0).max(maxPrice)),
  unit: optionalText(40),
  category: text({ min: 1, max: 120 }),
  manufacturer: optionalText(120),
  country: optionalText(60),
  tags: z.preprocess(listText, Tags),
  images: z.preprocess(listText, Images),
  options: z.preprocess(optionsText, Options),
  active: z.preprocess(yesOrNo, z.boolean()),
  package_period: z.preprocess((value) => readPeriod(emptyAsNull(value)), Period.nullable()),
  package_renews: z.preprocess(yesOrNo, z.boolean()),
  package_line: z.preprocess(emptyAsNull, Line.nullable()),
  package_contents: z.preprocess(readContents, Contents),
} satisfies Record<FieldColumn, z.ZodType>;
const Stock = z.preprocess(counted, z.int().min(0).max(1_000_000_000).nullable());

/** An empty cell clears what may be empty; where something must be, it says nothing. */
const neverEmpty: ReadonlySet<Column> = new Set([
  ...keyColumns,
  ...(['slug', 'title_uk', 'price', 'category', 'active', 'package_renews'] as const),
]);

/** What a row calls its product, for its line of the report. */
export interface RowName {
  readonly sku: string;
  readonly externalId?: string;
}

/** Every cell read on its own, so that a row's report names all that is wrong with it. */
export function readRow(raw: RawRow): { row: ImportedRow; name: RowName } | { name: RowName; errors: string[] } {
  const errors: string[] = [];
  const read = <S extends z.ZodType>(column: Column, schema: S, value: unknown): z.output<S> | undefined => {
    const { data, error } = schema.safeParse(value);
    for (const { path, message } of error?.issues ?? []) errors.push(`${[column, ...path].join('.')}: ${message}`);
    return data;
  };
  const saysNothing = (column: Column) =>
    raw[column] === undefined ||
    (raw[column] === '' && neverEmpty.has(column)) ||
    (raw[column] === null && keyColumns.some((key) => key === column));
  const externalId = saysNothing('external_id') ? undefined : read('external_id', ExternalId, raw.external_id);
  // Whoever has neither is told so by the column that every product has.
  const sku = saysNothing('sku') && externalId !== undefined ? undefined : read('sku', Sku, raw.sku);
  const fields = new Map<FieldColumn, unknown>();
  for (const [column, schema] of Object.entries(cells) as [keyof typeof cells, z.ZodType][])
    if (!saysNothing(column)) fields.set(column, read(column, schema, raw[column]));
  const stock = raw.stock === undefined || raw.stock === '' ? undefined : read('stock', Stock, raw.stock);
  const named = typeof raw.external_id === 'string' && raw.external_id !== '' ? raw.external_id : undefined;
  const name = { sku: typeof raw.sku === 'string' ? raw.sku : '', ...(named !== undefined && { externalId: named }) };
  return errors.length > 0 ? { name, errors } : { name, row: { externalId, sku, fields, stock } };
}

/** The product's fields after the row, and the names of things that the row points at but nobody knows. */
export function applyRow(
  { externalId, sku, fields, stock }: ImportedRow,
  before: Product | undefined,
  directory: Directory,
  currency: string,
):
  | {
      fields: Omit<ProductFields, 'slug'> & {
        slug: string | undefined;
        categoryPath: readonly string[];
        stockImported: Product['stockImported'];
      };
    }
  | { errors: string[] } {
  const errors: string[] = [];
  const said = <T>(column: FieldColumn, otherwise: T): T =>
    fields.has(column) ? (fields.get(column) as T) : otherwise;

  const categoryName = said<string | undefined>('category', undefined);
  const category =
    categoryName === undefined
      ? directory.categories.get(before?.categoryId ?? '')
      : directory.findCategory(categoryName.toLowerCase());
  if (!category)
    errors.push(
      categoryName === undefined ? 'category: a new product needs one' : `category: there is no "${categoryName}"`,
    );

  const manufacturer = said<string | null | undefined>('manufacturer', undefined);
  const manufacturerId =
    manufacturer === undefined
      ? before?.manufacturerId
      : manufacturer === null
        ? null
        : directory.findManufacturer(manufacturer)?.id;
  if (manufacturer && !manufacturerId) errors.push(`manufacturer: there is no "${manufacturer}"`);

  const country = said<string | null | undefined>('country', undefined);
  const countryId =
    country === undefined ? before?.countryId : country === null ? null : directory.findCountry(country)?.id;
  if (country && !countryId) errors.push(`country: there is no "${country}"`);

  const title = said<string | undefined>('title_uk', before?.title.uk);
  if (title === undefined) errors.push('title_uk: a new product needs one');
  const price = said<number | undefined>('price', undefined);
  const minor = price === undefined ? before?.price : minorUnits(price, currency, errors);
  if (minor === undefined && price === undefined) errors.push('price: a new product needs one');
  const terms = packageAfter(fields, before?.package ?? null, errors);
  if (errors.length > 0 || !category || title === undefined || minor === undefined) return { errors };

  return {
    fields: {
      // A new product without a SKU is called by us as its partner calls it.
      sku: sku ?? before?.sku ?? (externalId as string),
      externalId: externalId ?? before?.externalId ?? null,
      package: terms,
      slug: said('slug', before?.slug),
      title: {
        uk: title,
        ru: said('title_ru', before?.title.ru ?? null),
        en: said('title_en', before?.title.en ?? null),
      },
      description: {
        uk: said('description_uk', before?.description.uk ?? null),
        ru: said('description_ru', before?.description.ru ?? null),
        en: said('description_en', before?.description.en ?? null),
      },
      price: minor,
      unit: said('unit', before?.unit ?? null),
      categoryId: category.id,
      categoryPath: category.path,
      manufacturerId: manufacturerId ?? null,
      countryId: countryId ?? null,
      tags: said('tags', before?.tags ?? []),
      images: said('images', before?.images ?? []),
      options: said('options', before?.options ?? []),
      active: said('active', before?.active ?? true),
      stockImported: stock === undefined ? (before?.stockImported ?? null) : (stock ?? 'unlimited'),
    },
  };
}

function minorUnits(price: number, currency: string, errors: string[]): bigint | undefined {
  try {
    return toMinorUnits(price, currency);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    errors.push(`price: ${error.message}`);
    return undefined;
  }
}
