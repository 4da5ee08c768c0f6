import { type PackageTerms, type ProductSnapshot, productChanged } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { enqueueAll, outboxRow } from '@forecourt/messaging';
import { priceNow } from '@forecourt/pricing';
import type { Change } from '../change-log/change-log.ts';
import { appendChanges } from '../change-log/store.ts';
import type { Tx } from '../deps.ts';
import type { Directory } from '../directory/directory.ts';
import type { Prisma, Product as ProductRow } from '../generated/prisma/client.ts';
import { searchDocumentOf } from '../search/document.ts';
import { type Given, type Product, type ProductOption, snapshotOf } from './product.ts';

/** How `stock_imported` says that an import called a product not counted; null: none said anything yet. */
const unlimited = -1;

export type NumberedProduct = Product & Given;

/** What surrounds a write: the directory as this transaction sees it, who does it and when. */
export interface Writing {
  readonly directory: Directory;
  readonly currency: string;
  readonly actor: string;
  readonly now: Date;
}

export async function findProducts(
  tx: Pick<Tx, 'product'>,
  where: Prisma.ProductWhereInput,
): Promise<NumberedProduct[]> {
  const rows = await tx.product.findMany({ where: { removedAt: null, ...where }, orderBy: { id: 'asc' } });
  return rows.map(toProduct);
}

function toProduct(row: ProductRow): NumberedProduct {
  if (row.categoryId === null) throw new Error(`product ${row.id} lives without a category`);
  return {
    id: row.id,
    number: row.number,
    slug: row.slug,
    sku: row.sku,
    title: { uk: row.titleUk, ru: row.titleRu, en: row.titleEn },
    description: { uk: row.descriptionUk, ru: row.descriptionRu, en: row.descriptionEn },
    price: row.price,
    unit: row.unit,
    categoryId: row.categoryId,
    categoryPath: row.categoryPath,
    manufacturerId: row.manufacturerId,
    countryId: row.countryId,
    tags: row.tags,
    images: row.images,
    options: row.options as unknown as ProductOption[],
    active: row.active,
    externalId: row.externalId,
    package: row.package as PackageTerms | null,
    inStock: row.inStock,
    priceNow: row.priceNow,
    stockImported: row.stockImported === unlimited ? 'unlimited' : row.stockImported,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** Inserts or overwrites, with everything that is derived, in a fixed number of statements. Gives the numbers by id. */
export async function saveProducts(
  tx: Tx,
  products: readonly Product[],
  { directory, now }: Pick<Writing, 'directory' | 'now'>,
): Promise<Map<string, Given>> {
  if (products.length === 0) return new Map();
  const rows = JSON.stringify(products.map((product) => columnsOf(product, directory, now)));
  const saved = await tx.$queryRaw<({ id: string } & Given)[]>`
    INSERT INTO product (id, slug, sku, title_uk, title_ru, title_en, description_uk, description_ru, description_en, price,
      price_now, unit, category_id, category_path, manufacturer_id, country_id, tags, images, options, active,
      external_id, package, stock_imported, search, version, created_at, updated_at)
    SELECT id, slug, sku, title_uk, title_ru, title_en, description_uk, description_ru, description_en, price,
      price_now, unit, category_id, category_path, manufacturer_id, country_id, tags, images, options, active,
      external_id, package, stock_imported,
      setweight(to_tsvector('simple', a_stems), 'A') || setweight(to_tsvector('russian', a_words), 'A') ||
      setweight(to_tsvector('simple', b_stems), 'B') || setweight(to_tsvector('russian', b_words), 'B') ||
      setweight(to_tsvector('simple', c_stems), 'C') || setweight(to_tsvector('russian', c_words), 'C') ||
      setweight(to_tsvector('simple', d_stems), 'D') || setweight(to_tsvector('russian', d_words), 'D'),
      version, created_at, updated_at
    FROM jsonb_to_recordset(${rows}::jsonb) AS row (id text, slug text, sku text, title_uk text, title_ru text,
      title_en text, description_uk text, description_ru text, description_en text, price bigint, price_now bigint, unit text,
      category_id text, category_path text[], manufacturer_id text, country_id text, tags text[], images text[],
      options jsonb, active boolean, external_id text, package jsonb, stock_imported int, a_stems text, a_words text, b_stems text, b_words text,
      c_stems text, c_words text, d_stems text, d_words text, version int, created_at timestamptz, updated_at timestamptz)
    ON CONFLICT (id) DO UPDATE SET (slug, sku, title_uk, title_ru, title_en, description_uk, description_ru,
      description_en, price, price_now, unit, category_id, category_path, manufacturer_id, country_id, tags, images,
      options, active, external_id, package, stock_imported, search, version, updated_at)
    = (excluded.slug, excluded.sku, excluded.title_uk, excluded.title_ru, excluded.title_en, excluded.description_uk,
      excluded.description_ru, excluded.description_en, excluded.price, excluded.price_now, excluded.unit,
      excluded.category_id, excluded.category_path, excluded.manufacturer_id, excluded.country_id, excluded.tags,
      excluded.images, excluded.options, excluded.active, excluded.external_id, excluded.package,
      excluded.stock_imported, excluded.search, excluded.version, excluded.updated_at)
    RETURNING id, number, in_stock AS "inStock", price_now AS "priceNow"`;
  await keepSlugs(tx, products, now);
  return new Map(saved.map(({ id, ...rest }) => [id, rest]));
}

/** Saves, tells and logs. Products that are new have version 1. */
export async function saveAndTell(tx: Tx, products: readonly Product[], writing: Writing): Promise<NumberedProduct[]> {
  const given = await saveProducts(tx, products, writing);
  const saved = products.map((product) => {
    const rest = given.get(product.id);
    if (!rest) throw new Error(`product ${product.id} was not saved`);
    return { ...product, ...rest };
  });
  const snapshots = saved.map((product) => snapshotOf(product, writing.currency));
  await enqueueAll(
    tx,
    snapshots.map((snapshot) => outboxRow(productChanged, snapshot)),
  );
  await appendChanges(tx, snapshots.map(changeOf), writing);
  return saved;
}

/**
 * These cost another amount now, though nobody changed them: of each there is another version, told and logged. Its row has
 * its price already, or gets it here.
 */
export async function saveAndTellPrices(
  tx: Tx,
  prices: readonly Pick<NumberedProduct, 'id' | 'priceNow'>[],
  { currency, actor, now }: Pick<Writing, 'currency' | 'actor' | 'now'>,
): Promise<void> {
  if (prices.length === 0) return;
  const rows = JSON.stringify(prices.map(({ id, priceNow: price }) => ({ id, price: String(price) })));
  await tx.$executeRaw`
    UPDATE product SET price_now = row.price, version = version + 1, updated_at = ${now}::timestamptz
    FROM jsonb_to_recordset(${rows}::jsonb) AS row (id text, price bigint) WHERE product.id = row.id`;
  const products = await findProducts(tx, { id: { in: prices.map(({ id }) => id) } });
  const snapshots = products.map((product) => snapshotOf(product, currency));
  await enqueueAll(
    tx,
    snapshots.map((snapshot) => outboxRow(productChanged, snapshot)),
  );
  const changes = snapshots.map(
    (data): Change => ({ kind: 'price', id: data.productId, version: data.version, change: 'changed', data }),
  );
  await appendChanges(tx, changes, { actor, now });
}

const changeOf = (snapshot: ProductSnapshot) => ({
  kind: 'product' as const,
  id: snapshot.productId,
  version: snapshot.version,
  change: snapshot.version === 1 ? ('created' as const) : ('changed' as const),
  data: snapshot,
});

function columnsOf(product: Product, directory: Directory, now: Date) {
  const { title, description, ...rest } = product;
  const discounts = directory.discountsFor(product.id, product.categoryPath);
  const { price } = priceNow(
    { price: product.price, productId: product.id, categoryPath: product.categoryPath },
    discounts,
    now,
  );
  const { a, b, c, d } = searchDocumentOf(product, directory);
  return {
    id: rest.id,
    slug: rest.slug,
    sku: rest.sku,
    title_uk: title.uk,
    title_ru: title.ru,
    title_en: title.en,
    description_uk: description.uk,
    description_ru: description.ru,
    description_en: description.en,
    // As text: JSON's numbers end at 2^53.
    price: String(product.price),
    price_now: String(price),
    unit: rest.unit,
    category_id: rest.categoryId,
    category_path: rest.categoryPath,
    manufacturer_id: rest.manufacturerId,
    country_id: rest.countryId,
    tags: rest.tags,
    images: rest.images,
    options: rest.options,
    active: rest.active,
    external_id: rest.externalId,
    package: rest.package,
    stock_imported: rest.stockImported === 'unlimited' ? unlimited : rest.stockImported,
    ...{ a_stems: a.stems, a_words: a.words, b_stems: b.stems, b_words: b.words },
    ...{ c_stems: c.stems, c_words: c.words, d_stems: d.stems, d_words: d.words },
    version: rest.version,
    created_at: rest.createdAt,
    updated_at: rest.updatedAt,
  };
}

/** A slug belongs to the first product that has it, until that one is removed. Refuses `slug_taken`. */
async function keepSlugs(tx: Tx, products: readonly Product[], now: Date): Promise<void> {
  const rows = JSON.stringify(
    products.map(({ id, slug }) => ({ slug, id })).sort((a, b) => (a.slug < b.slug ? -1 : 1)),
  );
  const kept = await tx.$queryRaw<{ slug: string }[]>`
    INSERT INTO product_slug (slug, product_id, created_at)
    SELECT slug, id, ${now}::timestamptz FROM jsonb_to_recordset(${rows}::jsonb) AS row (slug text, id text)
    ON CONFLICT (slug) DO UPDATE SET created_at = product_slug.created_at WHERE product_slug.product_id = excluded.product_id
    RETURNING slug`;
  if (kept.length === products.length) return;
  const ours = new Set(kept.map(({ slug }) => slug));
  const taken = products.find(({ slug }) => !ours.has(slug));
  throw new AppError('slug_taken', `The slug "${taken?.slug}" belongs to another product.`);
}
