import type { SqlTx } from '@forecourt/messaging';

/** The e-mail addresses of those of these customers who have one, by customer; guests alone cost no statement. */
export async function findEmails(
  tx: Pick<SqlTx, '$queryRaw'>,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (customerIds.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ id: string; email: string }[]>`
    SELECT id, email FROM customer WHERE id = ANY (${customerIds}::text[]) AND email IS NOT NULL`;
  return new Map(rows.map(({ id, email }) => [id, email]));
}
