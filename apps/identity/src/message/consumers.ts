import { orderChanged, orderPlaced } from '@forecourt/contracts';
import { type Language, toMajorUnits } from '@forecourt/dialects';
import { consumer } from '@forecourt/messaging';
import { type Db, findCustomer } from '../customer/store.ts';
import type { Channel } from './message.ts';
import { queueMessage } from './store.ts';

interface AboutOrder {
  readonly orderId: string;
  readonly customerId: string | null;
  readonly phone: string;
  readonly language: Language;
}

export const writeOnOrderPlaced = consumer({
  event: orderPlaced,
  durable: 'identity-write-on-order-placed',
  handle: async (tx: Db, order) => {
    const { orderId, number, currency, items, placedAt } = order;
    await queueMessage(tx, {
      kind: 'order_placed',
      facts: {
        number,
        total: String(toMajorUnits(order.total, currency)),
        currency,
        items: items.map(({ title, quantity }) => ({ title, quantity })),
      },
      ...(await addressee(tx, order)),
      dedupeKey: `order_placed:${orderId}`,
      now: placedAt,
    });
  },
});

export const writeOnOrderChanged = consumer({
  event: orderChanged,
  durable: 'identity-write-on-order-changed',
  handle: async (tx: Db, order) => {
    const { orderId, version, number, status, changedAt } = order;
    await queueMessage(tx, {
      kind: 'order_changed',
      facts: { number, status },
      ...(await addressee(tx, order)),
      dedupeKey: `order_changed:${orderId}:${version}`,
      now: changedAt,
    });
  },
});

/** The customer's e-mail address; for guests, and customers who gave none, the phone that they ordered with. */
async function addressee(tx: Db, { customerId, phone, language }: AboutOrder) {
  const customer = customerId === null ? null : await findCustomer(tx, customerId);
  const to = (channel: Channel, recipient: string) => ({ channel, recipient, language });
  return customer?.email ? to('email', customer.email) : to('sms', phone);
}
