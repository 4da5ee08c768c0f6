import type { SqlTx } from '@forecourt/messaging';
import type { JWK } from 'jose';

export interface KeyRow {
  readonly id: string;
  readonly publicJwk: JWK;
  readonly privateKey: Uint8Array;
  readonly activeFrom: Date;
  readonly retiresAt: Date | null;
}

export const listKeys = (db: SqlTx): PromiseLike<KeyRow[]> =>
  db.$queryRaw<KeyRow[]>`
    SELECT id, public_jwk AS "publicJwk", private_key AS "privateKey", active_from AS "activeFrom", retires_at AS "retiresAt"
    FROM signing_key ORDER BY active_from`;

export async function insertKey(tx: SqlTx, key: Omit<KeyRow, 'retiresAt'>, now: Date): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO signing_key (id, public_jwk, private_key, created_at, active_from)
    VALUES (${key.id}, ${JSON.stringify(key.publicJwk)}::jsonb, ${key.privateKey}, ${now}::timestamptz,
            ${key.activeFrom}::timestamptz)`;
}

export async function retireOthers(tx: SqlTx, successorId: string, retiresAt: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE signing_key SET retires_at = ${retiresAt}::timestamptz WHERE id <> ${successorId} AND retires_at IS NULL`;
}

export async function deleteRetiredKeys(db: Pick<SqlTx, '$executeRaw'>, before: Date): Promise<void> {
  await db.$executeRaw`DELETE FROM signing_key WHERE retires_at < ${before}::timestamptz`;
}
