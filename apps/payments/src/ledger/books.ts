import type { Hold } from '../hold/hold.ts';
import { nameOf, type Transfer, type Wallet } from './ledger.ts';

/** What was read, under locks, about the wallets and keys that some acts are about. */
export interface Read {
  readonly currency: string;
  /** Customers whose wallets are locked. */
  readonly locked: ReadonlySet<string>;
  readonly wallets: readonly Wallet[];
  readonly holds: readonly Hold[];
  readonly transfers: readonly Transfer[];
}

/** A posting to be written. */
export interface Line {
  readonly transferId: string;
  readonly kind: string;
  readonly owner: string;
  readonly amount: bigint;
  /** What a wallet has after it; null for an account of the house, of which only the row that it comes to knows. */
  readonly balance: bigint | null;
}

export interface Changes {
  readonly wallets: readonly Wallet[];
  readonly holds: readonly Hold[];
  readonly transfers: readonly Transfer[];
  readonly lines: readonly Line[];
}

/**
 * A working copy: each act sees what those before it did, and all is written together. An act decides first and changes
 * last, so that one that is refused leaves nothing.
 */
export interface Books {
  readonly currency: string;
  /** When all of it happens. */
  readonly at: Date;
  /** One that is locked: whoever finds another one by a key must look again. */
  wallet(customerId: string): Wallet;
  hold(key: string): Hold | undefined;
  transfer(key: string): Transfer | undefined;
  /** What the acts led to, all at once. */
  keep(made: { wallets?: readonly Wallet[]; hold?: Hold; transfer?: Transfer }): void;
  changes(): Changes;
}

/** A hold was placed while its key was waited for, so that nobody knew whose wallet to lock. */
export class LookAgain extends Error {}

export function openBooks(read: Read, at: Date): Books {
  const { currency } = read;
  const wallets = new Map(read.wallets.map((wallet) => [wallet.customerId, wallet]));
  const holds = new Map(read.holds.map((hold) => [hold.key, hold]));
  const transfers = new Map(read.transfers.map((transfer) => [transfer.key, transfer]));
  const versions = new Map<string, number>();
  const changedHolds = new Set<string>();
  const made: Transfer[] = [];
  const lines: Line[] = [];

  const wallet = (customerId: string): Wallet => {
    if (!read.locked.has(customerId)) throw new LookAgain();
    return wallets.get(customerId) ?? { customerId, accountId: null, currency, posted: 0n, held: 0n, version: 0 };
  };

  return {
    currency,
    at,
    wallet,
    hold: (key) => holds.get(key),
    transfer: (key) => transfers.get(key),
    keep: ({ wallets: changed = [], hold, transfer }) => {
      for (const next of changed) {
        if (!versions.has(next.customerId)) versions.set(next.customerId, wallet(next.customerId).version + 1);
        wallets.set(next.customerId, next);
      }
      if (hold) {
        holds.set(hold.key, hold);
        changedHolds.add(hold.key);
      }
      if (transfer) {
        transfers.set(transfer.key, transfer);
        made.push(transfer);
        const balances = new Map(
          changed.map(({ customerId, posted }) => [nameOf({ kind: 'wallet', owner: customerId }), posted]),
        );
        for (const { account, amount } of transfer.legs) {
          lines.push({ transferId: transfer.id, ...account, amount, balance: balances.get(nameOf(account)) ?? null });
        }
      }
    },
    changes: () => ({
      wallets: [...versions].map(([customerId, version]) => ({ ...wallet(customerId), version })),
      holds: [...changedHolds].map((key) => holds.get(key) as Hold),
      transfers: made,
      lines,
    }),
  };
}
