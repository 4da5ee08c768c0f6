import type { SqlTx } from '@forecourt/messaging';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Adjustment, AdjustmentStatus } from './adjustment.ts';

/** Whether it was new: a key is given away once. */
export async function insertAdjustment(db: SqlTx, proposal: Adjustment): Promise<boolean> {
  const { id, key, accountId, amount, reason, status, proposedBy, proposedAt } = proposal;
  const inserted = await db.$executeRaw`
    INSERT INTO adjustment (id, key, account_id, amount, reason, status, proposed_by, proposed_at)
    VALUES (${id}, ${key}, ${accountId}, ${amount}, ${reason}, ${status}, ${proposedBy}, ${proposedAt}::timestamptz)
    ON CONFLICT (key) DO NOTHING`;
  return inserted === 1;
}

export async function findAdjustment(db: SqlTx, id: string): Promise<Adjustment | null> {
  const [row] = await db.$queryRaw<Adjustment[]>`
    SELECT id, key, account_id AS "accountId", amount, reason, status, proposed_by AS "proposedBy",
           proposed_at AS "proposedAt", decided_by AS "decidedBy", decided_at AS "decidedAt", transfer_id AS "transferId"
      FROM adjustment WHERE id = ${id}::text`;
  return row ?? null;
}

export async function findAdjustmentByKey({ adjustment }: PrismaClient, key: string): Promise<Adjustment | null> {
  return (await adjustment.findUnique({ where: { key } })) as Adjustment | null;
}

export const saveDecision = (
  tx: SqlTx,
  { id, status, decidedBy, decidedAt, transferId }: Adjustment,
): PromiseLike<number> =>
  tx.$executeRaw`
    UPDATE adjustment
       SET status = ${status}, decided_by = ${decidedBy}, decided_at = ${decidedAt}::timestamptz, transfer_id = ${transferId}
     WHERE id = ${id}::text`;

export interface AdjustmentFilter {
  readonly status: AdjustmentStatus | undefined;
  readonly accountId: string | undefined;
  /** The last adjustment of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Newest first, to the second: ids begin with their time. */
export async function listAdjustments(
  { adjustment }: PrismaClient,
  { status, accountId, after, limit }: AdjustmentFilter,
): Promise<Adjustment[]> {
  const rows = await adjustment.findMany({
    where: { ...(status && { status }), ...(accountId && { accountId }), ...(after && { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows as Adjustment[];
}
