import type { Db } from '../customer/store.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Act, Actor } from './audit.ts';

export interface AuditEntry {
  readonly id: bigint;
  readonly at: Date;
  readonly act: string;
  readonly actorRole: Actor['role'];
  readonly actorId: string | null;
  readonly subjectId: string | null;
  readonly address: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface AuditSearch {
  readonly actorId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly act?: Act | undefined;
  readonly from?: Date | undefined;
  /** Excluded. */
  readonly to?: Date | undefined;
}

/** An entry; its page ends there. */
export type AuditPlace = Pick<AuditEntry, 'at' | 'id'>;

/** Newest first, below a place. Nothing that is added moves what is there, so a walk meets no entry twice. */
export async function listEntries(
  db: Db,
  { actorId, subjectId, act, from, to }: AuditSearch,
  { below, limit }: { below: AuditPlace | undefined; limit: number },
): Promise<AuditEntry[]> {
  const wanted = [
    Prisma.sql`true`,
    ...(actorId ? [Prisma.sql`actor_id = ${actorId}`] : []),
    ...(subjectId ? [Prisma.sql`subject_id = ${subjectId}`] : []),
    ...(act ? [Prisma.sql`act = ${act}`] : []),
    ...(from ? [Prisma.sql`at >= ${from}::timestamptz`] : []),
    ...(to ? [Prisma.sql`at < ${to}::timestamptz`] : []),
    ...(below ? [Prisma.sql`(at, id) < (${below.at}::timestamptz, ${below.id}::bigint)`] : []),
  ];
  return db.$queryRaw<AuditEntry[]>`
    SELECT id, at, act, actor_role AS "actorRole", actor_id AS "actorId", subject_id AS "subjectId", address, facts
    FROM audit_entry WHERE ${Prisma.join(wanted, ' AND ')}
    ORDER BY at DESC, id DESC LIMIT ${limit}::int`;
}
