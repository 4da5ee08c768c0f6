import type { TestIdentity } from './identity.ts';

/** What was written down about a customer, oldest first. */
export const actsOn = ({ deps }: Pick<TestIdentity, 'deps'>, subjectId: string) =>
  deps.db.auditEntry.findMany({
    where: { subjectId },
    orderBy: { id: 'asc' },
    select: { at: true, act: true, actorRole: true, actorId: true, address: true, facts: true },
  });
