import type { SqlTx } from '@forecourt/messaging';
import type { Money } from './wallet.ts';

/** Who never had money has nothing. */
export async function readWalletOf(
  database: Pick<SqlTx, '$queryRaw'>,
  customerId: string,
  currency: string,
): Promise<Money> {
  const [row] = await database.$queryRaw<Money[]>`
    SELECT posted AS balance, available FROM account
    WHERE kind = 'wallet' AND owner = ${customerId}::text AND currency = ${currency}::text AND stripe = 0`;
  return row ?? { balance: 0n, available: 0n };
}
