import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Difference, Verification } from './verification.ts';

export interface Counted {
  readonly accounts: bigint;
  readonly transfers: bigint;
  readonly postings: bigint;
}

export async function countAll(tx: SqlTx): Promise<Counted> {
  const [row] = await tx.$queryRaw<[Counted]>`
    SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM transfer) AS transfers,
      (SELECT count(*) FROM posting) AS postings`;
  return row;
}

/** Of each kind this many are told; the first are enough to begin with. */
const most = 100;

/** All that can be added up, added up again: every row of it is something that should not be. */
export function findDifferences(tx: SqlTx): PromiseLike<Difference[]> {
  return tx.$queryRaw<Difference[]>`
    WITH per_transfer AS MATERIALIZED (
      SELECT transfer_id, sum(amount) AS total, count(*) AS legs,
        sum(amount) FILTER (WHERE account.kind = 'wallet') AS into_wallets,
        -sum(amount) FILTER (WHERE account.kind = 'adjustments') AS adjusted,
        count(DISTINCT account.currency) AS currencies, min(account.currency) AS currency
      FROM posting LEFT JOIN account ON account.id = account_id GROUP BY transfer_id
    ),
    running AS (
      SELECT id, account_id, balance, sum(amount) OVER (PARTITION BY account_id ORDER BY id) AS should_be FROM posting
    ),
    per_account AS (SELECT account_id, sum(amount) AS total FROM posting GROUP BY account_id),
    held AS (SELECT account_id, sum(amount) AS total FROM hold WHERE status = 'placed' GROUP BY account_id)
    (SELECT 'the ledger does not add up to zero' AS what, currency AS id, '0' AS "shouldBe", sum(amount)::text AS is
      FROM posting JOIN account ON account.id = account_id GROUP BY currency HAVING sum(amount) <> 0)
    UNION ALL
    (SELECT 'a transfer does not add up to zero', transfer.id, '0 of 2 legs or more',
        coalesce(total, 0)::text || ' of ' || coalesce(legs, 0)
      FROM transfer LEFT JOIN per_transfer ON transfer_id = transfer.id
      WHERE total IS DISTINCT FROM 0 OR legs < 2 LIMIT ${most}::int)
    UNION ALL
    (SELECT 'a transfer is not in the currency of its accounts', transfer.id, transfer.currency, per_transfer.currency
      FROM transfer JOIN per_transfer ON transfer_id = transfer.id
      WHERE currencies > 1 OR per_transfer.currency IS DISTINCT FROM transfer.currency LIMIT ${most}::int)
    UNION ALL
    (SELECT 'a posting has no transfer', transfer_id, '0 postings', legs::text
      FROM per_transfer WHERE NOT EXISTS (SELECT FROM transfer WHERE transfer.id = transfer_id) LIMIT ${most}::int)
    UNION ALL
    (SELECT 'a posting has no account', account_id, '0', total::text
      FROM per_account WHERE NOT EXISTS (SELECT FROM account WHERE account.id = account_id) LIMIT ${most}::int)
    UNION ALL
    (SELECT 'an account is not the sum of its postings', account.id, coalesce(total, 0)::text, posted::text
      FROM account LEFT JOIN per_account ON account_id = account.id WHERE posted <> coalesce(total, 0) LIMIT ${most}::int)
    UNION ALL
    (SELECT 'an account had something else after a posting', account_id || ' at ' || id, should_be::text, balance::text
      FROM running WHERE balance IS DISTINCT FROM should_be LIMIT ${most}::int)
    UNION ALL
    (SELECT 'a wallet does not hold what its holds say', account.id, coalesce(total, 0)::text, held::text
      FROM account LEFT JOIN held ON account_id = account.id WHERE held <> coalesce(total, 0) LIMIT ${most}::int)
    UNION ALL
    (SELECT 'what is available is not what is posted without what is held', id, (posted - held)::text, available::text
      FROM account WHERE available <> posted - held LIMIT ${most}::int)
    UNION ALL
    (SELECT 'a wallet is overdrawn', id, '0 or more', available::text
      FROM account WHERE kind = 'wallet' AND available < 0 LIMIT ${most}::int)
    UNION ALL
    (SELECT 'a captured hold and its transfer differ', hold.id, captured::text, coalesce(-into_wallets, 0)::text
      FROM hold LEFT JOIN transfer ON transfer.id = hold.transfer_id AND transfer.kind = 'capture'
        LEFT JOIN per_transfer ON per_transfer.transfer_id = transfer.id
      WHERE captured <> coalesce(-into_wallets, 0) OR (captured > 0 AND status <> 'captured') LIMIT ${most}::int)
    UNION ALL
    (SELECT 'a capture has no hold', transfer.id, 'a hold', 'none'
      FROM transfer WHERE kind = 'capture' AND NOT EXISTS (SELECT FROM hold WHERE transfer_id = transfer.id) LIMIT ${most}::int)
    UNION ALL
    (SELECT 'more was given back than was paid', paid.id, 'at most ' || -paid_legs.into_wallets, sum(back_legs.into_wallets)::text
      FROM transfer AS back JOIN per_transfer AS back_legs ON back_legs.transfer_id = back.id
        JOIN transfer AS paid ON paid.id = back.refunds JOIN per_transfer AS paid_legs ON paid_legs.transfer_id = paid.id
      GROUP BY paid.id, paid_legs.into_wallets HAVING sum(back_legs.into_wallets) > -paid_legs.into_wallets LIMIT ${most}::int)
    UNION ALL
    (SELECT 'an adjustment and what was approved differ', coalesce(moved.id, approved.id),
        coalesce(approved.amount, 0)::text, coalesce(adjusted, 0)::text
      FROM (SELECT id FROM transfer WHERE kind = 'adjustment') AS moved
        FULL JOIN (SELECT id, transfer_id, amount FROM adjustment WHERE status = 'approved') AS approved
          ON approved.transfer_id = moved.id
        LEFT JOIN per_transfer ON per_transfer.transfer_id = moved.id
      WHERE approved.id IS NULL OR approved.amount IS DISTINCT FROM adjusted LIMIT ${most}::int)
    UNION ALL
    (SELECT 'a payment of a provider and its transfer differ', provider || ' ' || payment_id, amount::text,
        coalesce(into_wallets, 0)::text
      FROM provider_payment LEFT JOIN per_transfer USING (transfer_id)
      WHERE transfer_id IS NOT NULL AND amount IS DISTINCT FROM into_wallets LIMIT ${most}::int)`;
}

/** The newest of all instances. */
export async function findLastVerification(db: Pick<SqlTx, '$queryRaw'>): Promise<Verification | null> {
  const [row] = await db.$queryRaw<Verification[]>`
    SELECT begun_at AS "begunAt", took_ms AS "tookMs", accounts, transfers, postings, differences
    FROM verification ORDER BY begun_at DESC LIMIT 1`;
  return row ?? null;
}

export const insertVerification = (
  db: Pick<SqlTx, '$executeRaw'>,
  { begunAt, tookMs, accounts, transfers, postings, differences }: Verification,
): PromiseLike<number> =>
  db.$executeRaw`
    INSERT INTO verification (id, begun_at, took_ms, accounts, transfers, postings, differences)
    VALUES (${newObjectId(begunAt)}, ${begunAt}::timestamptz, ${tookMs}, ${accounts}, ${transfers}, ${postings},
      ${JSON.stringify(differences)}::jsonb)`;
