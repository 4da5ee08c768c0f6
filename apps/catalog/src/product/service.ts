import { productRemoved } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { enqueue } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import { appendChanges } from '../change-log/store.ts';
import type { Deps, Tx } from '../deps.ts';
import type { Directory } from '../directory/directory.ts';
import { loadDirectory } from '../directory/store.ts';
import { lockCatalogue, lockProduct } from './lock.ts';
import { change, type Product, type ProductFields, withoutGiven } from './product.ts';
import { slugCandidates } from './slug.ts';
import { findProducts, type NumberedProduct, saveAndTell, type Writing } from './store.ts';

export type NewProduct = Omit<ProductFields, 'slug'> & { readonly slug?: string | undefined };

export async function createProduct(deps: Deps, fields: NewProduct, actor: string): Promise<NumberedProduct> {
  const id = newObjectId(deps.clock());
  return deps.change(async (tx) => {
    // Not a lock on this product alone: whose a SKU and a slug are must not change while we look.
    await lockCatalogue(tx);
    const now = deps.clock();
    const writing = await beginWriting(tx, deps, actor, now);
    await refuseTakenNames(tx, fields, id);
    const product: Product = {
      ...fields,
      id,
      slug: fields.slug ?? (await freeSlug(tx, fields, id)),
      categoryPath: pathTo(fields.categoryId, writing.directory),
      stockImported: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    refuseStrangers(product, writing.directory);
    return saved(await saveAndTell(tx, [product], writing));
  });
}

/** Refuses `version_conflict` when the caller looked at another version than the one that is there. */
export async function changeProduct(
  deps: Deps,
  id: string,
  /** Given the product as it is, what shall be another way. */
  rewrite: (before: Product) => Partial<ProductFields>,
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<NumberedProduct> {
  return deps.change(async (tx) => {
    await lockProduct(tx, id);
    const now = deps.clock();
    const product = await getProduct(tx, id);
    refuseOtherVersion(product, expectedVersion);
    const writing = await beginWriting(tx, deps, actor, now);
    const before = withoutGiven(product);
    const fields = rewrite(before);
    const moved = fields.categoryId ? { categoryPath: pathTo(fields.categoryId, writing.directory) } : {};
    const after = change(before, { ...fields, ...moved }, now);
    if (after === before) return product;

    refuseStrangers(after, writing.directory);
    if (after.sku !== before.sku || after.externalId !== before.externalId) await refuseTakenNames(tx, after, id);
    return saved(await saveAndTell(tx, [after], writing));
  });
}

/** Gone for shoppers and operators alike; the row stays for the sake of those who still point at it. */
export async function removeProduct(
  deps: Deps,
  id: string,
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<void> {
  await deps.change(async (tx) => {
    await lockProduct(tx, id);
    const now = deps.clock();
    const product = await getProduct(tx, id);
    refuseOtherVersion(product, expectedVersion);
    const version = product.version + 1;
    await tx.product.update({ where: { id }, data: { version, active: false, updatedAt: now, removedAt: now } });
    await tx.productSlug.deleteMany({ where: { productId: id } });
    await enqueue(tx, productRemoved, { productId: id, version, removedAt: now });
    const data = { productId: id, sku: product.sku, version, removedAt: now };
    await appendChanges(tx, [{ kind: 'product', id, version, change: 'removed', data }], { actor, now });
  });
}

export async function getProduct(tx: Pick<Tx, 'product'>, id: string): Promise<NumberedProduct> {
  const [product] = await findProducts(tx, { id });
  if (!product) throw new AppError('product_not_found', `There is no product ${id}.`, { params: { product: id } });
  return product;
}

export const beginWriting = async (
  tx: Tx,
  { currency }: Pick<Deps, 'currency'>,
  actor: string,
  now: Date,
): Promise<Writing> => ({
  directory: await loadDirectory(tx, now),
  currency,
  actor,
  now,
});

function pathTo(categoryId: string, { categories }: Directory): readonly string[] {
  const category = categories.get(categoryId);
  if (!category) throw new AppError('category_not_found', `There is no category ${categoryId}.`);
  return category.path;
}

function refuseStrangers({ manufacturerId, countryId }: Product, { manufacturers, countries }: Directory): void {
  if (manufacturerId !== null && !manufacturers.has(manufacturerId))
    throw new AppError('manufacturer_not_found', `There is no manufacturer ${manufacturerId}.`);
  if (countryId !== null && !countries.has(countryId))
    throw new AppError('country_not_found', `There is no country ${countryId}.`);
}

export function refuseOtherVersion({ version }: { version: number }, expected: number | undefined): void {
  if (expected !== undefined && expected !== version)
    throw new AppError(
      'version_conflict',
      `Somebody changed this meanwhile: it is at version ${version}, not ${expected}.`,
    );
}

type Names = Pick<ProductFields, 'sku' | 'externalId'>;

async function refuseTakenNames(tx: Tx, { sku, externalId }: Names, id: string): Promise<void> {
  const names = [{ sku }, ...(externalId === null ? [] : [{ externalId }])];
  const others = await findProducts(tx, { OR: names, id: { not: id } });
  for (const other of others) {
    if (other.sku === sku) throw new AppError('sku_taken', `The SKU "${sku}" belongs to product ${other.id}.`);
    throw new AppError('external_id_taken', `The external id "${externalId}" belongs to product ${other.id}.`);
  }
}

async function freeSlug(tx: Tx, { title, sku }: Pick<ProductFields, 'title' | 'sku'>, id: string): Promise<string> {
  const candidates = slugCandidates(title.uk, sku, id);
  const taken = await tx.productSlug.findMany({ where: { slug: { in: candidates } } });
  const free = candidates.find((slug) => !taken.some((other) => other.slug === slug));
  if (!free) throw new Error(`no slug is free for product ${id}`);
  return free;
}

function saved([product]: NumberedProduct[]): NumberedProduct {
  if (!product) throw new Error('saving one product gave none back');
  return product;
}
