import type { ListedPayment } from '../provider/provider.ts';

/** A payment as our books have it. */
export interface BookedPayment {
  readonly paymentId: string;
  readonly invoiceId: string;
  readonly amount: bigint;
  readonly currency: string;
  /** null: it was seen, and is in no wallet. */
  readonly transferId: string | null;
  readonly seenAt: Date;
}

export type Fault =
  /** The provider was paid for something that is not in our books. */
  | 'not_booked'
  /** We have heard of it, and have put it into no wallet. */
  | 'not_credited'
  | 'amount_differs'
  /** The provider gave back what is in the wallet. */
  | 'refunded'
  /** It is in the wallet, and the provider does not say that it is paid. */
  | 'not_paid'
  /** It is in the wallet, and the provider does not know it. */
  | 'not_listed';

export interface Difference {
  readonly fault: Fault;
  readonly paymentId: string;
  readonly listed: ListedPayment | null;
  readonly booked: BookedPayment | null;
}

/** What is wrong with a payment that the provider lists; null: nothing. What nobody paid and nobody booked is no payment. */
export function compare(listed: ListedPayment, booked: BookedPayment | null): Difference | null {
  const fault = faultOf(listed, booked);
  return fault && { fault, paymentId: listed.paymentId, listed, booked };
}

function faultOf({ status, amount, currency }: ListedPayment, booked: BookedPayment | null): Fault | null {
  const isPaid = status === 'paid';
  if (booked === null) return isPaid ? 'not_booked' : null;
  if (booked.transferId === null) return isPaid ? 'not_credited' : null;
  if (status === 'refunded') return 'refunded';
  if (!isPaid) return 'not_paid';
  return amount === booked.amount && currency === booked.currency ? null : 'amount_differs';
}

/** Of a payment of ours that the provider was asked for by its id and does not know. */
export const unknownToProvider = (booked: BookedPayment): Difference | null =>
  booked.transferId === null ? null : { fault: 'not_listed', paymentId: booked.paymentId, listed: null, booked };

export interface Sum {
  readonly count: number;
  readonly amount: bigint;
}

export const nothing: Sum = { count: 0, amount: 0n };
export const plus = ({ count, amount }: Sum, more: bigint): Sum => ({ count: count + 1, amount: amount + more });
