import { subscriptionChanged, subscriptionRenewalDue } from '@forecourt/contracts';
import { type OutboxEntry, outboxRow } from '@forecourt/messaging';
import type { Subscription } from './subscription.ts';

/** What others hear of a change; null: nothing that is theirs. */
export function newsOf(
  before: Subscription | null,
  after: Subscription,
  { now, timeZone }: { readonly now: Date; readonly timeZone: string },
): OutboxEntry | null {
  return before !== null && !hasMoved(before, after)
    ? null
    : outboxRow(subscriptionChanged, { ...factsOf(after), timeZone, changedAt: now });
}

export const hasMoved = (before: Subscription, after: Subscription): boolean =>
  before.state !== after.state ||
  before.reason !== after.reason ||
  before.renews !== after.renews ||
  before.productId !== after.productId ||
  before.until?.getTime() !== after.until?.getTime();

const factsOf = (subscription: Subscription) => {
  const { id, version, customerId, productId, productNumber, title, state } = subscription;
  const { price, currency, from, until, renews, reason } = subscription;
  return {
    subscriptionId: id,
    version,
    customerId,
    productId,
    productNumber,
    title,
    state,
    price,
    currency,
    from,
    until,
    renews,
    reason,
  };
};

interface Renewal {
  readonly price: bigint;
  readonly covered: boolean;
  readonly timeZone: string;
}

export const renewalDue = (subscription: Subscription, { price, covered, timeZone }: Renewal): OutboxEntry =>
  outboxRow(subscriptionRenewalDue, {
    subscriptionId: subscription.id,
    version: subscription.version,
    customerId: subscription.customerId,
    title: subscription.title,
    price,
    currency: subscription.currency,
    renewsAt: subscription.until as Date,
    timeZone,
    covered,
  });
