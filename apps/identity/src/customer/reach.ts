import type { Language } from '@forecourt/dialects';
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

/** Where a customer hears of what is theirs, and in which language. */
export interface Address {
  /** null: they have none, or nothing shows that it is theirs. */
  readonly phone: string | null;
  readonly email: string | null;
  readonly language: Language;
}

/** Of those of these customers whom we know and who were not erased. */
export async function findAddresses(
  tx: Pick<SqlTx, '$queryRaw'>,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, Address>> {
  const rows = await tx.$queryRaw<(Address & { id: string })[]>`
    SELECT id, CASE WHEN phone_verified_at IS NOT NULL THEN phone END AS phone, email, language
    FROM customer WHERE id = ANY (${customerIds}::text[]) AND erased_at IS NULL`;
  return new Map(rows.map(({ id, ...address }) => [id, address]));
}
