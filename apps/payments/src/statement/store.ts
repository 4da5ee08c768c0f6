import type { SqlTx } from '@forecourt/messaging';
import type { BookAccount } from '../account/account.ts';
import type { Posting } from './statement.ts';

export interface Page {
  /** What was on the account after the first of them. */
  readonly closing: bigint;
  readonly postings: readonly Posting[];
}

/** The place of a transfer among an account's postings; null when it moved nothing there. */
export async function findPlace(
  db: SqlTx,
  { kind, owner, currency }: BookAccount,
  transferId: string,
): Promise<bigint | null> {
  const [row] = await db.$queryRaw<{ place: bigint | null }[]>`
    SELECT min(posting.id) AS place
      FROM posting JOIN account ON account.id = posting.account_id
     WHERE posting.transfer_id = ${transferId}::text
       AND account.kind = ${kind}::text AND account.owner = ${owner}::text AND account.currency = ${currency}::text`;
  return row?.place ?? null;
}

type Row = Posting & { readonly closing: bigint };

/**
 * Newest first, one statement whatever the account's age. Each row of an account keeps what was on it after each
 * posting, so that the newest of each row below the place add up to the whole account's balance there.
 */
export async function readPage(
  db: SqlTx,
  { kind, owner, currency }: BookAccount,
  { before, limit }: { before: bigint | null; limit: number },
): Promise<Page> {
  const rows = await db.$queryRaw<Row[]>`
    WITH recent AS (
      SELECT posting.*, row_number() OVER (PARTITION BY account.id ORDER BY posting.id DESC) AS nth
        FROM account CROSS JOIN LATERAL (
             SELECT id, transfer_id, amount, balance FROM posting
              WHERE account_id = account.id AND id < coalesce(${before}::int8, 9223372036854775807)
              ORDER BY id DESC LIMIT ${limit}::int4) posting
       WHERE account.kind = ${kind}::text AND account.owner = ${owner}::text AND account.currency = ${currency}::text
    ), page AS (
      SELECT * FROM recent ORDER BY id DESC LIMIT ${limit}::int4
    )
    SELECT page.transfer_id AS "transferId", transfer.kind, page.amount, transfer.reference, transfer.refunds,
           transfer.operator_id AS "operatorId", transfer.reason, transfer.at,
           (SELECT sum(balance) FROM recent WHERE nth = 1)::int8 AS closing
      FROM page JOIN transfer ON transfer.id = page.transfer_id
     ORDER BY page.id DESC`;
  return { closing: rows[0]?.closing ?? 0n, postings: rows };
}

/**
 * Returns when nothing is being posted to the account: whoever posts next gets a place above all that are there. Held
 * until the transaction ends.
 */
export const holdStill = (tx: SqlTx, { kind, owner, currency }: BookAccount): PromiseLike<unknown> =>
  tx.$queryRaw`
    SELECT FROM account
     WHERE kind = ${kind}::text AND owner = ${owner}::text AND currency = ${currency}::text
     ORDER BY id FOR SHARE`;
