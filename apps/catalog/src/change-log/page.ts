import type { Db } from '../deps.ts';
import type { ChangeLog } from '../generated/prisma/client.ts';

export interface ChangesFilter {
  readonly kind?: string | undefined;
  readonly thingId?: string | undefined;
  /** Rows before this one. */
  readonly before?: bigint | undefined;
}

/** Newest first, for people who ask who did what; whoever must not miss a change follows (xid, seq) instead. */
export const listChanges = (
  db: Pick<Db, 'changeLog'>,
  { kind, thingId, before }: ChangesFilter,
  limit: number,
): Promise<ChangeLog[]> =>
  db.changeLog.findMany({
    where: { ...(kind && { kind }), ...(thingId && { thingId }), ...(before !== undefined && { seq: { lt: before } }) },
    orderBy: { seq: 'desc' },
    take: limit,
  });
