import { z } from 'zod';
import { LocalizedText } from './catalog.ts';
import { defineEvent, defineRequest } from './define.ts';
import { customerExport } from './export.ts';
import { Currency, Instant, Language, MinorUnits, ObjectId, Phone, TimeZone, Version } from './values.ts';

export const OrderStatus = z.enum(['new', 'processing', 'done', 'cancelled']);
export type OrderStatus = z.output<typeof OrderStatus>;

const order = {
  orderId: ObjectId,
  version: Version,
  /** What people call the order by. */
  number: z.string(),
  customerId: ObjectId.nullable(),
  /** null: the customer was erased. */
  phone: Phone.nullable(),
  /** The language that the buyer ordered in; messages about the order are written in it. */
  language: Language,
  total: MinorUnits,
  currency: Currency,
};

export const orderPlaced = defineEvent('orders.order.placed.v1', {
  summary: 'An order exists, priced and with its stock reserved.',
  aggregate: 'orderId',
  data: z.object({
    ...order,
    items: z.array(
      z.object({
        productId: ObjectId,
        sku: z.string(),
        title: z.string(),
        quantity: z.int().positive(),
        price: MinorUnits,
      }),
    ),
    deliveryFee: MinorUnits,
    placedAt: Instant,
  }),
});

export const orderChanged = defineEvent('orders.order.changed.v1', {
  summary: 'An order moved on.',
  aggregate: 'orderId',
  data: z.object({ ...order, from: OrderStatus, status: OrderStatus, changedAt: Instant }),
});

/** A shop shows whether there is any: every piece sold would be an event for each line of each order, and no news. */
export const stockChanged = defineEvent('orders.stock.changed.v1', {
  summary:
    'A product sold out, is to be had again, or was counted. Pieces that come and go in between are not told. null: not counted, always to be had.',
  aggregate: 'productId',
  data: z.object({
    productId: ObjectId,
    version: Version,
    quantity: z.int().nonnegative().nullable(),
    inStock: z.boolean(),
    changedAt: Instant,
  }),
});

/** unpaid: it waits for money, from the beginning or after a period. */
export const SubscriptionState = z.enum(['unpaid', 'active', 'ended']);
export type SubscriptionState = z.output<typeof SubscriptionState>;

/** What a change came from: told once, with the change. */
export const SubscriptionReason = z.enum([
  'ordered',
  'paid',
  'renewed',
  'extended',
  'insufficient_balance',
  // Of packages of one line a customer has one at a time.
  'replaced',
  'canceled',
  'not_renewing',
  'not_offered',
  // Nobody paid for so long that nobody waits any more.
  'given_up',
  // Payments has used the key of its charge for something else: an operator has to look.
  'charge_unclear',
  'operator',
  'erased',
]);
export type SubscriptionReason = z.output<typeof SubscriptionReason>;

export const subscriptionChanged = defineEvent('orders.subscription.changed.v1', {
  summary:
    'A subscription to a package began, was paid for, waits for money, changed or ended; the event holds it whole. `from` and `until` are of the time that is paid for, null while none ever was.',
  aggregate: 'subscriptionId',
  data: z.object({
    subscriptionId: ObjectId,
    version: Version,
    customerId: ObjectId,
    productId: ObjectId,
    productNumber: z.int().positive(),
    title: LocalizedText,
    state: SubscriptionState,
    /** Of the period in force, or of the one that waits for money. */
    price: MinorUnits,
    currency: Currency,
    from: Instant.nullable(),
    until: Instant.nullable(),
    /** By whose calendar its periods are counted. */
    timeZone: TimeZone,
    /** Another period follows the one in force. */
    renews: z.boolean(),
    reason: SubscriptionReason,
    changedAt: Instant,
  }),
});

export const subscriptionRenewalDue = defineEvent('orders.subscription.renewal-due.v1', {
  summary:
    'A subscription renews in three days, for this price whatever the catalogue says by then. Told once a period. `covered`: the wallet had enough for it.',
  aggregate: 'subscriptionId',
  data: z.object({
    subscriptionId: ObjectId,
    version: Version,
    customerId: ObjectId,
    title: LocalizedText,
    price: MinorUnits,
    currency: Currency,
    renewsAt: Instant,
    timeZone: TimeZone,
    covered: z.boolean(),
  }),
});

export const pendingOrderRefused = defineEvent('orders.pending-order.refused.v1', {
  summary:
    'An order that was confirmed by a code came to nothing: its code came too late, it could not be placed, or a change of package not be paid. `reason` is a code of the catalogue of errors.',
  aggregate: 'pendingOrderId',
  data: z.object({
    pendingOrderId: ObjectId,
    version: Version,
    customerId: ObjectId,
    title: LocalizedText,
    reason: z.string(),
    refusedAt: Instant,
  }),
});

export const claimGuestOrders = defineRequest('orders.guest.claim', {
  summary: 'Attaches the guest orders of this phone and browser to the account. Asking again changes nothing.',
  request: z.object({ customerId: ObjectId, phone: Phone, clientId: z.string().min(1).max(64) }),
  reply: z.object({ claimed: z.int().nonnegative() }),
});

export const exportOrdersOfCustomer = defineRequest('orders.customer.export', customerExport);
