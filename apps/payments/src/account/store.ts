import type { SqlTx } from '@forecourt/messaging';
import type { AccountKind } from '../ledger/ledger.ts';
import type { BookAccount } from './account.ts';

/** What is on an account; of an account of the house, on all its rows together. Amounts are minor units. */
export interface Account extends BookAccount {
  readonly posted: bigint;
  readonly held: bigint;
  readonly available: bigint;
  readonly openedAt: Date;
}

export interface AccountFilter {
  readonly kind: AccountKind | null;
  readonly owner: string | null;
  /** The last account of the page before. */
  readonly after: BookAccount | null;
  readonly limit: number;
}

/** By kind, owner and currency, which is the order of the index: a page reads what it shows and no more. */
export const listAccounts = (db: SqlTx, { kind, owner, after, limit }: AccountFilter): PromiseLike<Account[]> =>
  db.$queryRaw<Account[]>`
    SELECT kind, owner, currency, sum(posted)::int8 AS posted, sum(held)::int8 AS held, sum(available)::int8 AS available,
           min(created_at) AS "openedAt"
      FROM account
     WHERE (${kind}::text IS NULL OR kind = ${kind}::text) AND (${owner}::text IS NULL OR owner = ${owner}::text)
       AND (kind, owner, currency) > (${after?.kind ?? ''}::text, ${after?.owner ?? ''}::text, ${after?.currency ?? ''}::text)
     GROUP BY kind, owner, currency
     ORDER BY kind, owner, currency
     LIMIT ${limit}::int4`;

export async function findAccount(db: SqlTx, { kind, owner, currency }: BookAccount): Promise<Account | null> {
  const [account] = await db.$queryRaw<Account[]>`
    SELECT kind, owner, currency, sum(posted)::int8 AS posted, sum(held)::int8 AS held, sum(available)::int8 AS available,
           min(created_at) AS "openedAt"
      FROM account
     WHERE kind = ${kind}::text AND owner = ${owner}::text AND currency = ${currency}::text
     GROUP BY kind, owner, currency`;
  return account ?? null;
}
