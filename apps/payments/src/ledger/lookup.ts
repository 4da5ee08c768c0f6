import type { SqlTx } from '@forecourt/messaging';

/** The transfers that gave back a part of another one, oldest first. */
export async function listRefunds(db: SqlTx, transferId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM transfer WHERE refunds = ${transferId}::text ORDER BY id`;
  return rows.map(({ id }) => id);
}
