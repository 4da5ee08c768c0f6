import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import { appendChanges } from '../change-log/store.ts';
import type { Deps, Tx } from '../deps.ts';
import type { Category as CategoryRow } from '../generated/prisma/client.ts';
import { lockCatalogue } from '../product/lock.ts';
import { change } from '../product/product.ts';
import { rebuildProducts } from '../product/rebuild.ts';
import { beginWriting, refuseOtherVersion } from '../product/service.ts';
import { slugFor } from '../product/slug.ts';
import type { Translations } from '../translation/translation.ts';
import { maxDepth, pathAfterMove, pathBelow } from './category.ts';

export interface CategoryFields {
  readonly parentId: string | null;
  readonly slug: string;
  readonly name: Translations;
  readonly position: number;
  readonly active: boolean;
}
export type NewCategory = Omit<CategoryFields, 'slug'> & { readonly slug?: string | undefined };

export interface Category extends CategoryFields {
  readonly id: string;
  readonly path: readonly string[];
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export async function createCategory(deps: Deps, fields: NewCategory, actor: string): Promise<Category> {
  const id = newObjectId(deps.clock());
  return deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const path = pathBelow(await findParent(tx, fields.parentId), id);
    const slug = fields.slug ?? slugFor(fields.name.uk, id);
    await refuseTakenSlug(tx, slug, id);
    const category = { ...fields, id, slug, path, version: 1, createdAt: now, updatedAt: now };
    await tx.category.create({ data: toRow(category) });
    await appendChanges(tx, [{ kind: 'category', id, version: 1, change: 'created', data: category }], { actor, now });
    return category;
  });
}

/** A move takes everything below along, and tells every product whose path is another now. */
export async function changeCategory(
  deps: Deps,
  id: string,
  /** Given the category as it is, what shall be another way. */
  rewrite: (before: Category) => { [Field in keyof CategoryFields]?: CategoryFields[Field] | undefined },
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<Category> {
  return deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const before = await getCategory(tx, id);
    refuseOtherVersion(before, expectedVersion);
    const wanted = { ...before, ...defined(rewrite(before)) };
    const moved = wanted.parentId !== before.parentId;
    const path = moved ? pathBelow(await findParent(tx, wanted.parentId), id) : before.path;
    if (isDeepStrictEqual(wanted, before)) return before;

    if (wanted.slug !== before.slug) await refuseTakenSlug(tx, wanted.slug, id);
    const category = { ...wanted, path, version: before.version + 1, updatedAt: now };
    await tx.category.update({ where: { id }, data: toRow(category) });
    const changed = [category, ...(moved ? await moveDescendants(tx, category, now) : [])];
    await appendChanges(
      tx,
      changed.map((data) => ({ kind: 'category', id: data.id, version: data.version, change: 'changed', data })),
      { actor, now },
    );

    const renamed = !isDeepStrictEqual(category.name, before.name);
    if (moved || renamed) {
      const writing = await beginWriting(tx, deps, actor, now);
      await rebuildProducts(tx, { categoryPath: { has: id } }, writing, (product) => {
        const categoryPath = writing.directory.categories.get(product.categoryId)?.path ?? product.categoryPath;
        return change(product, { categoryPath }, now);
      });
    }
    return category;
  });
}

export async function removeCategory(
  deps: Deps,
  id: string,
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<void> {
  await deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const category = await getCategory(tx, id);
    refuseOtherVersion(category, expectedVersion);
    const children = await tx.category.count({ where: { parentId: id } });
    const products = await tx.product.count({ where: { categoryId: id, removedAt: null } });
    const discounts = await tx.discount.count({ where: { targetId: id, removedAt: null } });
    if (children + products + discounts > 0) {
      const users = `${children} categories, ${products} products and ${discounts} discounts`;
      throw new AppError('still_in_use', `The category is still used by ${users}.`);
    }
    await tx.category.delete({ where: { id } });
    const version = category.version + 1;
    await appendChanges(tx, [{ kind: 'category', id, version, change: 'removed', data: { id, slug: category.slug } }], {
      actor,
      now,
    });
  });
}

export async function listCategories({ db }: Pick<Deps, 'db'>): Promise<Category[]> {
  return (await db.category.findMany({ orderBy: [{ position: 'asc' }, { nameUk: 'asc' }, { id: 'asc' }] })).map(
    toCategory,
  );
}

export async function getCategory(tx: Pick<Tx, 'category'>, id: string): Promise<Category> {
  const row = await tx.category.findUnique({ where: { id } });
  if (!row) throw new AppError('category_not_found', `There is no category ${id}.`);
  return toCategory(row);
}

async function findParent(tx: Tx, parentId: string | null): Promise<Category | null> {
  return parentId === null ? null : getCategory(tx, parentId);
}

async function moveDescendants(tx: Tx, moved: Category, now: Date): Promise<Category[]> {
  const descendants: Category[] = [];
  const below = await tx.category.findMany({ where: { path: { has: moved.id }, id: { not: moved.id } } });
  for (const { id, path } of below) {
    const newPath = pathAfterMove(path, moved);
    if (newPath.length > maxDepth)
      throw new AppError('category_cycle', `Categories are at most ${maxDepth} levels deep.`);
    const data = { path: newPath, version: { increment: 1 }, updatedAt: now };
    descendants.push(toCategory(await tx.category.update({ where: { id }, data })));
  }
  return descendants;
}

async function refuseTakenSlug(tx: Tx, slug: string, id: string): Promise<void> {
  const other = await tx.category.findUnique({ where: { slug } });
  if (other && other.id !== id) throw new AppError('slug_taken', `The slug "${slug}" belongs to category ${other.id}.`);
}

/** What was sent; a field that was left out stays as it is. */
const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

const toCategory = ({ nameUk, nameRu, nameEn, ...row }: CategoryRow): Category => ({
  ...row,
  name: { uk: nameUk, ru: nameRu, en: nameEn },
});

const toRow = ({ name, path, ...category }: Category) => ({
  ...category,
  path: [...path],
  nameUk: name.uk,
  nameRu: name.ru,
  nameEn: name.en,
});
