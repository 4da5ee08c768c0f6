import type { SqlTx } from '@forecourt/messaging';
import type { Proofs } from './owner.ts';

export async function findProofs(
  db: Pick<SqlTx, '$queryRaw'>,
  { customerId, sessionId }: { customerId: string; sessionId: string },
): Promise<Proofs | null> {
  const [proofs] = await db.$queryRaw<Proofs[]>`
    SELECT c.password_hash IS NOT NULL AS "hasPassword", s.created_at AS "signedInAt"
    FROM customer AS c
      LEFT JOIN session AS s ON s.id = ${sessionId} AND s.customer_id = c.id AND s.ended_at IS NULL
    WHERE c.id = ${customerId} AND c.erased_at IS NULL`;
  return proofs ?? null;
}
