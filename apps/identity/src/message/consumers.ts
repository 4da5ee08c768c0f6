import { orderChanged, orderPlaced } from '@forecourt/contracts';
import { type Language, toMajorUnits } from '@forecourt/dialects';
import { consumer, type Heard, type SqlTx } from '@forecourt/messaging';
import { findReach, type Reach } from '../customer/reach.ts';
import { type NewMessage, queueMessages } from './store.ts';

interface AboutOrder {
  readonly orderId: string;
  readonly customerId: string | null;
  readonly phone: string | null;
  readonly language: Language;
}

/** What is written about an order; to whom is the same for all of them. */
type Note = Pick<NewMessage, 'kind' | 'facts' | 'dedupeKey' | 'now'>;

export const writeOnOrderPlaced = consumer({
  event: orderPlaced,
  durable: 'identity-write-on-order-placed',
  handleMany: (tx: SqlTx, events) =>
    writeAbout(tx, events, ({ orderId, number, currency, total, items, placedAt }) => ({
      kind: 'order_placed',
      facts: {
        number,
        total: String(toMajorUnits(total, currency)),
        currency,
        items: items.map(({ title, quantity }) => ({ title, quantity })),
      },
      dedupeKey: `order_placed:${orderId}`,
      now: placedAt,
    })),
});

export const writeOnOrderChanged = consumer({
  event: orderChanged,
  durable: 'identity-write-on-order-changed',
  handleMany: (tx: SqlTx, events) =>
    writeAbout(tx, events, ({ orderId, version, number, status, changedAt }) => ({
      kind: 'order_changed',
      facts: { number, status },
      dedupeKey: `order_changed:${orderId}:${version}`,
      now: changedAt,
    })),
});

/**
 * To the customer's e-mail address; for guests, and customers who gave none, to the phone that they ordered with. To
 * nobody once the customer was erased.
 */
async function writeAbout<Order extends AboutOrder>(
  tx: SqlTx,
  events: readonly Heard<Order>[],
  noteOf: (order: Order) => Note,
): Promise<void> {
  const orders = events.map(({ data }) => data);
  const reaches = await findReach(
    tx,
    orders.flatMap(({ customerId }) => customerId ?? []),
  );
  const messages = orders.flatMap((order) => {
    const to = recipientOf(order, order.customerId === null ? undefined : reaches.get(order.customerId));
    return to ? [{ ...noteOf(order), ...to, language: order.language } as NewMessage] : [];
  });
  await queueMessages(tx, messages);
}

function recipientOf({ phone }: AboutOrder, reach: Reach | undefined) {
  if (reach?.erased) return null;
  if (reach?.email) return { channel: 'email', recipient: reach.email } as const;
  return phone === null ? null : ({ channel: 'sms', recipient: phone } as const);
}
