import type { SqlTx } from '@forecourt/messaging';

export interface ToldWallet {
  readonly customerId: string;
  readonly version: number;
  readonly currency: string;
  readonly available: bigint;
}

/**
 * Keeps the newest version of each that was heard of; in one order for everybody, so that two who keep the same wait in a
 * line. Nothing of somebody who was erased: their row is waited for.
 */
export async function saveWallets(tx: Pick<SqlTx, '$executeRaw'>, told: readonly ToldWallet[]): Promise<void> {
  const newest = new Map<string, ToldWallet>();
  for (const wallet of told) {
    const known = newest.get(wallet.customerId);
    if (!known || known.version < wallet.version) newest.set(wallet.customerId, wallet);
  }
  const rows = [...newest.values()].map(({ customerId, version, currency, available }) => ({
    customer_id: customerId,
    version,
    currency,
    available: String(available),
  }));
  await tx.$executeRaw`
    WITH told AS (
      SELECT row.*
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS row (customer_id text, version int, currency text, available bigint)
      JOIN customer AS c ON c.id = row.customer_id
      WHERE c.erased_at IS NULL ORDER BY c.id FOR SHARE OF c)
    INSERT INTO wallet_copy AS known (customer_id, version, currency, available)
    SELECT customer_id, version, currency, available FROM told
    ON CONFLICT (customer_id) DO UPDATE SET
      version = excluded.version, currency = excluded.currency, available = excluded.available
    WHERE excluded.version > known.version`;
}

/** null: no change of their wallet was ever heard of. */
export async function findWallet(db: Pick<SqlTx, '$queryRaw'>, customerId: string): Promise<bigint | null> {
  const [wallet] = await db.$queryRaw<{ available: bigint }[]>`
    SELECT available FROM wallet_copy WHERE customer_id = ${customerId}`;
  return wallet?.available ?? null;
}

export const forgetWallet = async (tx: Pick<SqlTx, '$executeRaw'>, customerId: string): Promise<void> =>
  void (await tx.$executeRaw`DELETE FROM wallet_copy WHERE customer_id = ${customerId}`);
