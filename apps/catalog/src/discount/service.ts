import { isDeepStrictEqual } from 'node:util';
import { discountChanged } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { enqueue } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import { getCategory } from '../category/service.ts';
import { appendChanges } from '../change-log/store.ts';
import type { Deps, Tx } from '../deps.ts';
import type { Discount as DiscountRow, Prisma } from '../generated/prisma/client.ts';
import { lockCatalogue } from '../product/lock.ts';
import { beginWriting, getProduct, refuseOtherVersion } from '../product/service.ts';
import { type Discount, type DiscountFields, snapshotOf } from './discount.ts';
import { type Reach, reprice } from './repricing.ts';

export async function createDiscount(deps: Deps, fields: DiscountFields, actor: string): Promise<Discount> {
  return deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    await refuseMissingTarget(tx, fields);
    const discount = { ...fields, id: newObjectId(now), version: 1, createdAt: now, updatedAt: now };
    await tx.discount.create({ data: discount });
    await tell(tx, discount, 'created', { actor, now });
    await reprice(tx, [discount], await beginWriting(tx, deps, actor, now));
    return discount;
  });
}

export async function changeDiscount(
  deps: Deps,
  id: string,
  /** Given the fields as they are, the fields as they shall be: some only make sense together. */
  rewrite: (fields: DiscountFields) => DiscountFields,
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<Discount> {
  return deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const before = await getDiscount(tx, id);
    refuseOtherVersion(before, expectedVersion);
    const wanted = { ...before, ...rewrite(before) };
    if (isDeepStrictEqual(wanted, before)) return before;

    // One whose product is gone can still be renamed or switched off.
    if (wanted.targetId !== before.targetId) await refuseMissingTarget(tx, wanted);
    const discount = { ...wanted, version: before.version + 1, updatedAt: now };
    await tx.discount.update({ where: { id }, data: discount });
    await tell(tx, discount, 'changed', { actor, now });
    await reprice(tx, [before, discount], await beginWriting(tx, deps, actor, now));
    return discount;
  });
}

export async function removeDiscount(
  deps: Deps,
  id: string,
  { actor, expectedVersion }: { actor: string; expectedVersion: number | undefined },
): Promise<void> {
  await deps.change(async (tx) => {
    await lockCatalogue(tx);
    const now = deps.clock();
    const before = await getDiscount(tx, id);
    refuseOtherVersion(before, expectedVersion);
    const discount = { ...before, active: false, version: before.version + 1, updatedAt: now };
    await tx.discount.update({ where: { id }, data: { ...discount, removedAt: now } });
    await tell(tx, discount, 'removed', { actor, now });
    await reprice(tx, [before], await beginWriting(tx, deps, actor, now));
  });
}

export async function listDiscounts(
  { db }: Pick<Deps, 'db'>,
  where: Prisma.DiscountWhereInput = {},
): Promise<Discount[]> {
  return (await db.discount.findMany({ where: { removedAt: null, ...where }, orderBy: { id: 'desc' } })).map(
    toDiscount,
  );
}

/** Removed ones too, which are off: whoever keeps a copy must learn of that. In the order of their ids. */
export const listEveryDiscount = async (
  { db }: Pick<Deps, 'db'>,
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<Discount[]> =>
  (await db.discount.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: limit })).map(toDiscount);

export async function getDiscount(tx: Pick<Tx, 'discount'>, id: string): Promise<Discount> {
  const row = await tx.discount.findFirst({ where: { id, removedAt: null } });
  if (!row) throw new AppError('discount_not_found', `There is no discount ${id}.`);
  return toDiscount(row);
}

async function refuseMissingTarget(tx: Tx, { scope, targetId }: Reach): Promise<void> {
  if (scope === 'category' && targetId !== null) await getCategory(tx, targetId);
  if (scope === 'product' && targetId !== null) await getProduct(tx, targetId);
}

async function tell(
  tx: Tx,
  discount: Discount,
  change: 'created' | 'changed' | 'removed',
  by: { actor: string; now: Date },
): Promise<void> {
  const { id, version } = discount;
  const snapshot = snapshotOf(discount);
  await enqueue(tx, discountChanged, snapshot);
  await appendChanges(tx, [{ kind: 'discount', id, version, change, data: snapshot }], by);
}

const toDiscount = ({ type, scope, removedAt: _removedAt, ...row }: DiscountRow): Discount => ({
  ...row,
  type: type as Discount['type'],
  scope: scope as Discount['scope'],
});
