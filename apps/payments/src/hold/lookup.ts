import type { SqlTx } from '@forecourt/messaging';
import type { Hold } from './hold.ts';

export interface HoldFilter {
  readonly status: Hold['status'] | null;
  readonly customerId: string | null;
  /** The last hold of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** Newest first, to the second: ids begin with their time. */
export const listHolds = (
  db: SqlTx,
  { status, customerId, after, limit }: HoldFilter,
): PromiseLike<(Hold & { readonly currency: string | null })[]> =>
  db.$queryRaw`
    SELECT hold.id, hold.key, account.owner AS "customerId", account.currency, hold.amount, hold.captured, hold.status,
           hold.reference, hold.transfer_id AS "transferId", hold.placed_at AS "placedAt",
           hold.expires_at AS "expiresAt", hold.ended_at AS "endedAt"
      FROM hold LEFT JOIN account ON account.id = hold.account_id
     WHERE (${status}::text IS NULL OR hold.status = ${status}::text)
       AND (${customerId}::text IS NULL OR account.owner = ${customerId}::text)
       AND (${after}::text IS NULL OR hold.id < ${after}::text)
     ORDER BY hold.id DESC
     LIMIT ${limit}::int4`;
