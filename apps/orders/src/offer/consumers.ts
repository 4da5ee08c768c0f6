import { discountChanged, productChanged, productRemoved } from '@forecourt/contracts';
import { consumer, type SqlTx } from '@forecourt/messaging';
import { saveDiscounts, saveOffers, saveRemoval } from './store.ts';

export const keepOfferOnProductChanged = consumer({
  event: productChanged,
  durable: 'orders-keeps-offer-on-product-changed',
  guard: 'version',
  handleMany: (tx: SqlTx, events) =>
    saveOffers(
      tx,
      events.map(({ data }) => data),
    ),
});

export const dropOfferOnProductRemoved = consumer({
  event: productRemoved,
  durable: 'orders-drops-offer-on-product-removed',
  guard: 'version',
  handle: (tx, removal) => saveRemoval(tx, removal),
});

export const keepDiscountOnDiscountChanged = consumer({
  event: discountChanged,
  durable: 'orders-keeps-discount-on-discount-changed',
  guard: 'version',
  handle: (tx, discount) => saveDiscounts(tx, [discount]),
});
