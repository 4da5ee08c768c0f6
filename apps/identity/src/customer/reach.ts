import type { SqlTx } from '@forecourt/messaging';

/** How a customer can be written to; nobody writes to who was erased. */
export interface Reach {
  readonly email: string | null;
  readonly erased: boolean;
}

/** Of those of these customers whom we know; guests alone cost no statement. */
export async function findReach(
  tx: Pick<SqlTx, '$queryRaw'>,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, Reach>> {
  if (customerIds.length === 0) return new Map();
  const rows = await tx.$queryRaw<(Reach & { id: string })[]>`
    SELECT id, email, erased_at IS NOT NULL AS erased FROM customer WHERE id = ANY (${customerIds}::text[])`;
  return new Map(rows.map(({ id, ...reach }) => [id, reach]));
}
