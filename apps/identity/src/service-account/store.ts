import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import type { Db } from '../customer/store.ts';
import type { ServiceRole } from '../role/role.ts';
import type { ServiceAccount, ServiceKey } from './service-account.ts';

const accountColumns = { id: true, name: true, roles: true, createdAt: true, revokedAt: true } as const;
const keyColumns = { id: true, createdAt: true, lastUsedAt: true, expiresAt: true } as const;

export interface ListedAccount extends ServiceAccount {
  /** Newest first, with those that are worth nothing any more. */
  readonly keys: readonly ServiceKey[];
}

type AccountRow = Omit<ListedAccount, 'roles'> & { readonly roles: readonly string[] };
/** The roles of a row are those that the door let in. */
const toAccount = (row: AccountRow): ListedAccount => ({ ...row, roles: row.roles as readonly ServiceRole[] });

const withKeys = { ...accountColumns, keys: { select: keyColumns, orderBy: { id: 'desc' } } } as const;

export async function insertAccount(tx: Db, { id, name, roles, createdAt }: ServiceAccount): Promise<void> {
  await tx.serviceAccount.create({ data: { id, name, roles: [...roles], createdAt }, select: { id: true } });
}

export interface NewServiceKey {
  readonly id: string;
  readonly accountId: string;
  readonly hash: Buffer<ArrayBuffer>;
  readonly createdAt: Date;
}

export async function insertKey(tx: Db, key: NewServiceKey): Promise<void> {
  await tx.serviceKey.create({ data: key, select: { id: true } });
}

export async function getAccount(db: Db, id: string): Promise<ListedAccount> {
  const row = await db.serviceAccount.findUnique({ where: { id }, select: withKeys });
  if (!row) throw new AppError('service_account_not_found', 'There is no such service account.');
  return toAccount(row);
}

/** Nobody gives or takes a key of it meanwhile. */
export async function lockAccount(tx: Db, id: string): Promise<ListedAccount> {
  await tx.$queryRaw`SELECT FROM service_account WHERE id = ${id} FOR UPDATE`;
  return getAccount(tx, id);
}

/** By name. Accounts are few: somebody makes each of them. */
export async function listAccounts(
  db: Db,
  { page, limit }: { page: number; limit: number },
): Promise<{ items: ListedAccount[]; total: number }> {
  const [rows, total] = await Promise.all([
    db.serviceAccount.findMany({
      select: withKeys,
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      skip: (page - 1) * limit,
      take: limit,
    }),
    db.serviceAccount.count(),
  ]);
  return { items: rows.map(toAccount), total };
}

/** Each ends then, if it did not end sooner. */
export async function endKeys(tx: Db, accountId: string, at: Date): Promise<void> {
  await tx.serviceKey.updateMany({
    where: { accountId, OR: [{ expiresAt: null }, { expiresAt: { gt: at } }] },
    data: { expiresAt: at },
  });
}

/** Gives those whose end was told of to nobody before. */
export async function markTold(tx: Db, accountId: string, now: Date): Promise<{ id: string }[]> {
  return tx.serviceKey.updateManyAndReturn({
    where: { accountId, toldAt: null, expiresAt: { lte: now } },
    data: { toldAt: now },
    select: { id: true },
  });
}

export async function markRevoked(tx: Db, id: string, now: Date): Promise<void> {
  await tx.serviceAccount.update({ where: { id }, data: { revokedAt: now }, select: { id: true } });
}

export interface KeyUse {
  readonly hash: Buffer;
  readonly now: Date;
  /** A use is noted when the last one is older. */
  readonly noteUsesBefore: Date;
}

export interface KeyHolder {
  readonly keyId: string;
  readonly accountId: string;
  readonly roles: readonly string[];
}

/** Whose key it is, as long as it is anybody's. */
export async function useKey(db: Pick<SqlTx, '$queryRaw'>, u: KeyUse): Promise<KeyHolder | null> {
  const [holder] = await db.$queryRaw<KeyHolder[]>`
    WITH held AS (
      SELECT k.id, k.account_id, k.last_used_at, a.roles
      FROM service_key AS k JOIN service_account AS a ON a.id = k.account_id
      WHERE k.hash = ${u.hash}::bytea AND (k.expires_at IS NULL OR k.expires_at > ${u.now}::timestamptz)
        AND a.revoked_at IS NULL),
    noted AS (
      UPDATE service_key AS k SET last_used_at = ${u.now}::timestamptz FROM held
      WHERE k.id = held.id
        AND (held.last_used_at IS NULL OR held.last_used_at < ${u.noteUsesBefore}::timestamptz))
    SELECT id AS "keyId", account_id AS "accountId", roles FROM held`;
  return holder ?? null;
}

/** The account stays, and in its log who made and revoked it. */
export const deleteOldServiceKeys = async (
  db: Pick<SqlTx, '$executeRaw'>,
  before: Date,
  limit: number,
): Promise<number> =>
  db.$executeRaw`
    DELETE FROM service_key WHERE id IN (
      SELECT id FROM service_key WHERE expires_at < ${before}::timestamptz LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;
