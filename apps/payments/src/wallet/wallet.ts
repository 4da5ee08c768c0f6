import { availableIn, type Wallet } from '../ledger/ledger.ts';

export interface Money {
  /** All that is the customer's, held money included. */
  readonly balance: bigint;
  /** What may be spent. */
  readonly available: bigint;
}

export const moneyIn = (wallet: Wallet): Money => ({ balance: wallet.posted, available: availableIn(wallet) });
