import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import { appendChanges } from '../change-log/store.ts';
import type { Deps, Tx } from '../deps.ts';
import type { Manufacturer as ManufacturerRow } from '../generated/prisma/client.ts';
import { lockCatalogue } from '../product/lock.ts';
import { rebuildProducts } from '../product/rebuild.ts';
import { beginWriting, refuseOtherVersion } from '../product/service.ts';
import { slugFor } from '../product/slug.ts';
import type { Translations } from '../translation/translation.ts';

export interface ManufacturerFields {
  readonly slug: string;
  readonly name: Translations;
  readonly active: boolean;
}
export type NewManufacturer = Omit<ManufacturerFields, 'slug'> & { readonly slug?: string | undefined };

export interface Manufacturer extends ManufacturerFields {
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export async function createManufacturer(deps: Deps, fields: NewManufacturer, actor: string): Promise<Manufacturer> {
  const id = newObjectId(deps.clock());
  return deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const slug = fields.slug ?? slugFor(fields.name.uk, id);
    await refuseTakenSlug(tx, slug, id);
    const manufacturer = { ...fields, id, slug, version: 1, createdAt: now, updatedAt: now };
    await tx.manufacturer.create({ data: toRow(manufacturer) });
    await appendChanges(tx, [{ kind: 'manufacturer', id, version: 1, change: 'created', data: manufacturer }], {
      actor,
      now,
    });
    return manufacturer;
  });
}

export async function changeManufacturer(
  deps: Deps,
  id: string,
  /** Given the manufacturer as it is, what shall be another way. */
  rewrite: (before: Manufacturer) => { [Field in keyof ManufacturerFields]?: ManufacturerFields[Field] | undefined },
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<Manufacturer> {
  return deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const before = await getManufacturer(tx, id);
    refuseOtherVersion(before, expectedVersion);
    const { slug = before.slug, name = before.name, active = before.active } = rewrite(before);
    const wanted = { ...before, slug, name, active };
    if (isDeepStrictEqual(wanted, before)) return before;

    if (slug !== before.slug) await refuseTakenSlug(tx, slug, id);
    const manufacturer = { ...wanted, version: before.version + 1, updatedAt: now };
    await tx.manufacturer.update({ where: { id }, data: toRow(manufacturer) });
    const { version } = manufacturer;
    await appendChanges(tx, [{ kind: 'manufacturer', id, version, change: 'changed', data: manufacturer }], {
      actor,
      now,
    });
    // Its products are found by its name.
    if (!isDeepStrictEqual(name, before.name)) {
      await rebuildProducts(tx, { manufacturerId: id }, await beginWriting(tx, deps, actor, now));
    }
    return manufacturer;
  });
}

export async function removeManufacturer(
  deps: Deps,
  id: string,
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<void> {
  await deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const manufacturer = await getManufacturer(tx, id);
    refuseOtherVersion(manufacturer, expectedVersion);
    const { version, slug } = manufacturer;
    const products = await tx.product.count({ where: { manufacturerId: id, removedAt: null } });
    if (products > 0) throw new AppError('still_in_use', `The manufacturer is still used by ${products} products.`);
    await tx.manufacturer.delete({ where: { id } });
    const change = { kind: 'manufacturer', id, version: version + 1, change: 'removed', data: { id, slug } } as const;
    await appendChanges(tx, [change], { actor, now });
  });
}

export async function listManufacturers({ db }: Pick<Deps, 'db'>): Promise<Manufacturer[]> {
  return (await db.manufacturer.findMany({ orderBy: [{ nameUk: 'asc' }, { id: 'asc' }] })).map(toManufacturer);
}

export async function getManufacturer(tx: Pick<Tx, 'manufacturer'>, id: string): Promise<Manufacturer> {
  const row = await tx.manufacturer.findUnique({ where: { id } });
  if (!row) throw new AppError('manufacturer_not_found', `There is no manufacturer ${id}.`);
  return toManufacturer(row);
}

async function refuseTakenSlug(tx: Tx, slug: string, id: string): Promise<void> {
  const other = await tx.manufacturer.findUnique({ where: { slug } });
  if (other && other.id !== id)
    throw new AppError('slug_taken', `The slug "${slug}" belongs to manufacturer ${other.id}.`);
}

const toManufacturer = ({ nameUk, nameRu, nameEn, ...row }: ManufacturerRow): Manufacturer => ({
  ...row,
  name: { uk: nameUk, ru: nameRu, en: nameEn },
});

const toRow = ({ name, ...manufacturer }: Manufacturer) => ({
  ...manufacturer,
  nameUk: name.uk,
  nameRu: name.ru,
  nameEn: name.en,
});
