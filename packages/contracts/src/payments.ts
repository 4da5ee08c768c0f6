import { z } from 'zod';
import { defineEvent, defineRequest } from './define.ts';
import { customerExport } from './export.ts';
import { Currency, Instant, MinorUnits, ObjectId, Version } from './values.ts';

/** The caller's word for one intention: the same key again changes nothing and gets the same answer. */
const Key = z.string().min(1).max(128);
/** What the caller calls the thing that money moves for: a charging session, a subscription's period. */
const Reference = z.string().min(1).max(128);
const Amount = MinorUnits.refine((amount) => amount > 0n, 'is not positive');

/** What a customer pays for; each is an account of revenue. */
export const RevenueKind = z.enum(['charging', 'subscriptions', 'goods']);
export type RevenueKind = z.output<typeof RevenueKind>;

const wallet = {
  currency: Currency,
  /** All that is the customer's, held money included. */
  balance: MinorUnits,
  /** What may be spent: the balance without what is held. */
  available: MinorUnits,
};

export const walletChanged = defineEvent('payments.wallet.changed.v1', {
  summary: "What is in a customer's wallet, after a change of its balance or of what is held of it.",
  aggregate: 'customerId',
  data: z.object({ customerId: ObjectId, version: Version, ...wallet, changedAt: Instant }),
});

export const replenishmentSettled = defineEvent('payments.replenishment.settled.v1', {
  summary:
    'An invoice came to its end. `amount` is what was paid and is in the wallet by now. One that is paid once more, or after it was canceled or had expired, settles again, with all that was paid by then.',
  aggregate: 'invoiceId',
  data: z.object({
    invoiceId: z.uuid(),
    version: Version,
    customerId: ObjectId,
    status: z.enum(['success', 'error', 'canceled']),
    amount: MinorUnits,
    currency: Currency,
    settledAt: Instant,
  }),
});

export const readWallet = defineRequest('payments.wallet.read', {
  summary: 'What is in a wallet. Who never had money has nothing in it.',
  request: z.object({ customerId: ObjectId }),
  reply: z.object(wallet),
});

const HoldStatus = z.enum(['placed', 'captured', 'released', 'expired']);

export const placeHold = defineRequest('payments.hold.place', {
  summary:
    'Keeps money of a wallet from being spent otherwise: `amount`, or all that is available when that is less but no less than `atLeast`. Refuses `insufficient_balance`.',
  request: z.object({
    key: Key,
    customerId: ObjectId,
    amount: Amount,
    /** `amount` unless told. */
    atLeast: Amount.optional(),
    reference: Reference,
    /** Released by itself when nobody captured it by then. */
    expiresAt: Instant,
  }),
  reply: z.object({ holdId: ObjectId, amount: MinorUnits, status: HoldStatus, ...wallet }),
});

export const captureHold = defineRequest('payments.hold.capture', {
  summary:
    'Takes up to what is held, once, and releases the rest. 0 takes nothing. Refuses `hold_not_found`, `hold_ended` (released, expired, or captured for another amount) and `capture_exceeds_hold`.',
  request: z.object({
    key: Key,
    amount: MinorUnits.refine((amount) => amount >= 0n, 'is negative'),
    revenue: RevenueKind,
  }),
  reply: z.object({ holdId: ObjectId, captured: MinorUnits, released: MinorUnits, ...wallet }),
});

export const releaseHold = defineRequest('payments.hold.release', {
  summary:
    'Gives back what is held. A hold that nobody placed is remembered as released, so that one that comes late finds it so. Refuses `hold_ended` when it was captured.',
  request: z.object({ key: Key }),
  reply: z.object({ released: MinorUnits }),
});

export const chargeWallet = defineRequest('payments.wallet.charge', {
  summary: 'Takes money out of a wallet at once, without a hold. Refuses `insufficient_balance`.',
  request: z.object({
    key: Key,
    customerId: ObjectId,
    amount: Amount,
    revenue: RevenueKind,
    reference: Reference,
  }),
  reply: z.object({ transferId: ObjectId, ...wallet }),
});

export const refundTransfer = defineRequest('payments.transfer.refund', {
  summary:
    'Gives back all or a part of what a charge or a capture took, never more than that in all. Refuses `transfer_not_found` and `refund_exceeds_transfer`.',
  request: z.object({
    key: Key,
    /** The key of the charge, or of the hold that was captured. */
    of: Key,
    amount: Amount,
    reason: z.string().min(1).max(500),
  }),
  reply: z.object({ transferId: ObjectId, ...wallet }),
});

export const exportPaymentsOfCustomer = defineRequest('payments.customer.export', customerExport);
