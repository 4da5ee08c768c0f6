import pg from 'pg';
import type { SystemUnderTest } from '../system.ts';

/** In the wallet of each, so that nobody runs out of it. */
const paidIn = 100_000_000;
const chargesEach = 3;

/**
 * A wallet for each customer, with what was paid into it once and spent of it since: an account of the house's as well,
 * and postings with what was on the account after each, as the ledger keeps them. It adds up, and the tables' own rules
 * have seen it. Nobody is told.
 */
export async function seedWallets({ superuserUrl }: Pick<SystemUnderTest, 'superuserUrl'>): Promise<string[]> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    // In which the tables' own rules look for tables.
    await client.query('SET LOCAL search_path = payments, public');
    await client.query(makeMoves, [paidIn, chargesEach]);
    await client.query(insertAccounts);
    await client.query(insertTransfers);
    await client.query('COMMIT');
    await client.query('VACUUM ANALYZE payments.account, payments.transfer, payments.posting');
    const { rows } = await client.query<{ owner: string }>(
      `SELECT owner FROM payments.account WHERE id IN (SELECT account_id FROM move) ORDER BY owner`,
    );
    return rows.map(({ owner }) => owner);
  } finally {
    await client.end();
  }
}

const makeMoves = `
  CREATE TEMP TABLE move AS
  SELECT row_number() OVER (ORDER BY nth, id) AS turn, nth, id AS customer_id, substr(md5('wallet ' || id), 1, 24) AS account_id,
    substr(md5('transfer ' || nth || id), 1, 24) AS transfer_id, CASE nth WHEN 0 THEN 'clearing' ELSE 'revenue' END AS house,
    CASE nth WHEN 0 THEN $1::int8 ELSE -1000 * nth END AS amount,
    created_at + (now() - created_at) * nth / ($2::int4 + 1) AS at
  FROM identity.customer, generate_series(0, $2::int4) AS nth WHERE email LIKE 'bench-%'`;

const houseId = `substr(md5('house ' || house), 1, 24)`;

const insertAccounts = `
  INSERT INTO payments.account (id, kind, owner, currency, posted, available, version, created_at)
  SELECT account_id, 'wallet', customer_id, 'UAH', sum(amount), sum(amount), count(*), min(at)
  FROM move GROUP BY account_id, customer_id
  UNION ALL
  SELECT ${houseId}, house, 'bench', 'UAH', -sum(amount), -sum(amount), 0, min(at) FROM move GROUP BY house`;

/** In one statement: a posting comes with its transfer. */
const insertTransfers = `
  WITH transfers AS (
    INSERT INTO payments.transfer (id, key, kind, currency, reference, at)
    SELECT transfer_id, transfer_id, CASE house WHEN 'clearing' THEN 'replenishment' ELSE 'charge' END, 'UAH', 'bench', at
    FROM move ORDER BY turn
  )
  INSERT INTO payments.posting (transfer_id, account_id, amount, balance)
  SELECT transfer_id, account_id, amount, sum(amount) OVER (PARTITION BY account_id ORDER BY turn)
  FROM (
    SELECT turn, 0 AS leg, transfer_id, account_id, amount FROM move
    UNION ALL
    SELECT turn, 1, transfer_id, ${houseId}, -amount FROM move) AS legs
  ORDER BY turn, leg`;
