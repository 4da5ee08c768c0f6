import type { SqlTx } from '@forecourt/messaging';
import type { BookedPayment } from './reconciliation.ts';

export async function findBooked(
  db: SqlTx,
  provider: string,
  paymentIds: readonly string[],
): Promise<ReadonlyMap<string, BookedPayment>> {
  const rows = await db.$queryRaw<BookedPayment[]>`
    SELECT payment_id AS "paymentId", invoice_id AS "invoiceId", amount, currency, transfer_id AS "transferId",
           seen_at AS "seenAt"
      FROM provider_payment
     WHERE provider = ${provider}::text AND payment_id = ANY (${paymentIds}::text[])`;
  return new Map(rows.map((row) => [row.paymentId, row]));
}

/** Those that we heard of in a time, some at once; `after` is the last of those before. */
export const listBooked = (
  db: SqlTx,
  provider: string,
  { from, to, after, limit }: { from: Date; to: Date; after: BookedPayment | null; limit: number },
): PromiseLike<BookedPayment[]> =>
  db.$queryRaw<BookedPayment[]>`
    SELECT payment_id AS "paymentId", invoice_id AS "invoiceId", amount, currency, transfer_id AS "transferId",
           seen_at AS "seenAt"
      FROM provider_payment
     WHERE provider = ${provider}::text AND seen_at < ${to}::timestamptz
       AND (seen_at, payment_id) > (${after?.seenAt ?? from}::timestamptz, ${after?.paymentId ?? ''}::text)
     ORDER BY seen_at, payment_id
     LIMIT ${limit}::int4`;
