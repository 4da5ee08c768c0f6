import { z } from 'zod';
import { defineEvent, defineRequest } from './define.ts';
import { customerExport } from './export.ts';
import { Currency, Instant, Language, MinorUnits, ObjectId, Phone, Version } from './values.ts';

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

export const claimGuestOrders = defineRequest('orders.guest.claim', {
  summary: 'Attaches the guest orders of this phone and browser to the account. Asking again changes nothing.',
  request: z.object({ customerId: ObjectId, phone: Phone, clientId: z.string().min(1).max(64) }),
  reply: z.object({ claimed: z.int().nonnegative() }),
});

export const exportOrdersOfCustomer = defineRequest('orders.customer.export', customerExport);
