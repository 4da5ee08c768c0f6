import type { ProductSnapshot } from '@forecourt/contracts';
import type { Language } from '@forecourt/dialects';
import type { Package } from '../subscription/subscription.ts';

export type PendingStatus = 'pending' | 'confirmed' | 'done' | 'refused' | 'lapsed';

/** An order that waits for its code, or for what its code confirmed to be done. */
export interface PendingOrder {
  readonly id: string;
  readonly version: number;
  readonly customerId: string;
  /** null: the customer was erased. */
  readonly phone: string | null;
  readonly language: Language;
  readonly productId: string;
  readonly productNumber: number;
  readonly sku: string;
  readonly title: ProductSnapshot['title'];
  /** What the customer confirms; after discounts. */
  readonly price: bigint;
  readonly currency: string;
  /** What it begins; null: it is placed as an ordinary order. */
  readonly terms: Package | null;
  readonly status: PendingStatus;
  /** Why it was refused: a code of the catalogue of errors. */
  readonly reason: string | null;
  readonly codeRequestId: string | null;
  readonly subscriptionId: string | null;
  readonly orderId: string | null;
  readonly orderedAt: Date;
  readonly expiresAt: Date;
  readonly confirmedAt: Date | null;
  readonly endedAt: Date | null;
  /** To do what was confirmed, in vain. */
  readonly attempts: number;
}

/** For its code. */
export const waitsSeconds = 15 * 60;

/**
 * What was confirmed in time counts, however late it is told. By another clock a code is good for a moment longer than its
 * order: who enters it then is let in, and has to hear that nothing came of the order.
 */
export function confirm(order: PendingOrder, acceptedAt: Date, now: Date): PendingOrder {
  if (order.status !== 'pending' && order.status !== 'lapsed') return order;
  if (acceptedAt > order.expiresAt) return { ...order, status: 'refused', reason: 'code_expired', endedAt: now };
  return { ...order, status: 'confirmed', confirmedAt: acceptedAt, endedAt: null };
}

/** Nobody confirmed it. */
export const lapse = (order: PendingOrder, now: Date): PendingOrder =>
  order.status === 'pending' && order.expiresAt <= now ? { ...order, status: 'lapsed', endedAt: now } : order;

export const fulfilled = (
  order: PendingOrder,
  made: { readonly subscriptionId: string } | { readonly orderId: string },
  now: Date,
): PendingOrder => ({ ...order, ...made, status: 'done', endedAt: now });

/** What was confirmed cannot be done. */
export const refuse = (order: PendingOrder, reason: string, now: Date): PendingOrder =>
  order.status === 'confirmed' ? { ...order, status: 'refused', reason, endedAt: now } : order;

/** What came of it is off. */
export const takeBack = (order: PendingOrder, reason: string, now: Date): PendingOrder =>
  order.status === 'done' ? { ...order, status: 'refused', reason, endedAt: now } : order;

/** When somebody is to look at it; null: it is over. */
export function dueAt({ status, expiresAt, attempts }: PendingOrder, now: Date): Date | null {
  if (status === 'pending') return expiresAt;
  if (status !== 'confirmed') return null;
  return attempts === 0 ? now : new Date(now.getTime() + pauseSec(attempts) * 1_000);
}

/** Ten seconds, then twice as long each time, up to five minutes. */
const pauseSec = (attempts: number): number => Math.min(10 * 2 ** (attempts - 1), 300);
