import type { SqlTx } from '@forecourt/messaging';
import type { AuditedAct } from './audit.ts';

/** In the transaction of the act itself: what is done is written down, and what is written down was done. */
export async function recordAct(
  tx: Pick<SqlTx, '$executeRaw'>,
  { act, actor, subjectId, facts = {}, at }: AuditedAct,
): Promise<void> {
  const { id, address } = actor.role === 'system' ? { id: null, address: null } : actor;
  await tx.$executeRaw`
    INSERT INTO audit_entry (at, act, actor_role, actor_id, subject_id, address, facts)
    VALUES (${at}::timestamptz, ${act}, ${actor.role}, ${id}, ${subjectId}, ${address}, ${JSON.stringify(facts)}::jsonb)`;
}
