import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import { appendChanges } from '../change-log/store.ts';
import type { Deps, Tx } from '../deps.ts';
import type { Country as CountryRow } from '../generated/prisma/client.ts';
import { lockCatalogue } from '../product/lock.ts';
import { refuseOtherVersion } from '../product/service.ts';
import type { Translations } from '../translation/translation.ts';

export interface CountryFields {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  readonly name: Translations;
  readonly active: boolean;
}

export interface Country extends CountryFields {
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export async function createCountry(deps: Deps, fields: CountryFields, actor: string): Promise<Country> {
  const id = newObjectId(deps.clock());
  return deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    await refuseTakenCode(tx, fields.code, id);
    const country = { ...fields, id, version: 1, createdAt: now, updatedAt: now };
    await tx.country.create({ data: toRow(country) });
    await appendChanges(tx, [{ kind: 'country', id, version: 1, change: 'created', data: country }], { actor, now });
    return country;
  });
}

export async function changeCountry(
  deps: Deps,
  id: string,
  /** Given the country as it is, what shall be another way. */
  rewrite: (before: Country) => { [Field in keyof CountryFields]?: CountryFields[Field] | undefined },
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<Country> {
  return deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const before = await getCountry(tx, id);
    refuseOtherVersion(before, expectedVersion);
    const { code = before.code, name = before.name, active = before.active } = rewrite(before);
    const wanted = { ...before, code, name, active };
    if (isDeepStrictEqual(wanted, before)) return before;

    if (code !== before.code) await refuseTakenCode(tx, code, id);
    const country = { ...wanted, version: before.version + 1, updatedAt: now };
    await tx.country.update({ where: { id }, data: toRow(country) });
    const { version } = country;
    await appendChanges(tx, [{ kind: 'country', id, version, change: 'changed', data: country }], { actor, now });
    return country;
  });
}

export async function removeCountry(
  deps: Deps,
  id: string,
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<void> {
  await deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const country = await getCountry(tx, id);
    refuseOtherVersion(country, expectedVersion);
    const { version, code } = country;
    const products = await tx.product.count({ where: { countryId: id, removedAt: null } });
    if (products > 0) throw new AppError('still_in_use', `The country is still used by ${products} products.`);
    await tx.country.delete({ where: { id } });
    const change = { kind: 'country', id, version: version + 1, change: 'removed', data: { id, code } } as const;
    await appendChanges(tx, [change], { actor, now });
  });
}

export async function listCountries({ db }: Pick<Deps, 'db'>): Promise<Country[]> {
  return (await db.country.findMany({ orderBy: [{ nameUk: 'asc' }, { id: 'asc' }] })).map(toCountry);
}

export async function getCountry(tx: Pick<Tx, 'country'>, id: string): Promise<Country> {
  const row = await tx.country.findUnique({ where: { id } });
  if (!row) throw new AppError('country_not_found', `There is no country ${id}.`);
  return toCountry(row);
}

async function refuseTakenCode(tx: Tx, code: string, id: string): Promise<void> {
  const other = await tx.country.findUnique({ where: { code } });
  if (other && other.id !== id) throw new AppError('slug_taken', `The code "${code}" belongs to country ${other.id}.`);
}

const toCountry = ({ nameUk, nameRu, nameEn, ...row }: CountryRow): Country => ({
  ...row,
  name: { uk: nameUk, ru: nameRu, en: nameEn },
});

const toRow = ({ name, ...country }: Country) => ({
  ...country,
  nameUk: name.uk,
  nameRu: name.ru,
  nameEn: name.en,
});
