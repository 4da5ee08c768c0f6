import { lockAggregate } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { readWalletOf } from '../wallet/store.ts';
import type { Money } from '../wallet/wallet.ts';
import { assertRefundable, noSuchPayment, refundLegs, sidesOf } from './ledger.ts';
import { post } from './service.ts';
import { findTransfer, refundedOf } from './store.ts';

export interface RefundWish {
  readonly key: string;
  /** The charge or capture that is given back. */
  readonly of: { readonly key: string } | { readonly id: string };
  readonly amount: bigint;
  readonly reason: string;
  readonly operatorId?: string;
}

export interface Refunded extends Money {
  readonly transferId: string;
  /** It was there already: nothing changed. */
  readonly repeated: boolean;
}

/** Gives back all or a part of what a customer paid, to the wallet that paid it, and never more than that in all. */
export async function refundTransfer(
  { database, clock, wrote }: Pick<Deps, 'database' | 'clock' | 'wrote'>,
  { key, of, amount, reason, operatorId }: RefundWish,
): Promise<Refunded> {
  const original = await findTransfer(database, of);
  if (!original) throw noSuchPayment('key' in of ? of.key : of.id);
  const { currency } = original;
  const customerId = sidesOf(original)[0].account.owner;

  const refunded = await database.transaction(async (tx) => {
    await lockAggregate(tx, 'wallet', customerId);
    if (!(await findTransfer(tx, { key }))) assertRefundable(original, await refundedOf(tx, original.id), amount);
    const legs = refundLegs(original, amount);
    const entry = { key, kind: 'refund', legs, refunds: original.id, reason, currency, at: clock() } as const;
    const posted = await post(tx, { ...entry, reference: original.reference ?? null, operatorId: operatorId ?? null });
    return { ...posted, ...(await readWalletOf(tx, customerId, currency)) };
  });
  wrote();
  return refunded;
}
