import type { Language } from '@forecourt/dialects';
import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { type Discount, priceNow } from '@forecourt/pricing';
import { type DeliverySettings, deliveryFeeFor } from '../delivery/delivery.ts';
import type { Intention } from '../idempotency/idempotency.ts';
import type { Offer } from '../offer/offer.ts';
import type { OrderItem } from '../order/order.ts';

export interface Line {
  readonly productId: string;
  readonly sku: string;
  readonly quantity: number;
  /** Of one piece, as the buyer saw it. */
  readonly price: bigint;
  readonly options: Readonly<Record<string, string | number>>;
}

export interface OrderRequest {
  /** Null: a guest. */
  readonly customerId: string | null;
  readonly phone: string;
  readonly clientId: string;
  readonly name: string | null;
  readonly comment: string | null;
  readonly language: Language;
  readonly lines: readonly Line[];
  /** As the buyer saw it; null when they were shown none. */
  readonly deliveryFee: bigint | null;
  readonly intention: Intention | null;
}

/** Everything that decides what an order costs and whether there is enough, read at one instant. */
export interface Basis {
  readonly offers: ReadonlyMap<string, Offer>;
  readonly discounts: readonly Discount[];
  readonly delivery: DeliverySettings | null;
  /** Of the products that are counted. */
  readonly left: ReadonlyMap<string, number>;
  readonly currency: string;
}

export interface Priced {
  readonly items: readonly OrderItem[];
  readonly itemsTotal: bigint;
  readonly deliveryFee: bigint;
  readonly total: bigint;
}

/** What the order costs. Refuses whatever the buyer was not shown, and what cannot be sold. */
export function priceOrder(request: OrderRequest, basis: Basis, now: Date): Priced {
  const items = request.lines.map((line) => priceLine(line, basis, request.language, now));
  const itemsTotal = items.reduce((sum, item) => sum + item.price * BigInt(item.quantity), 0n);
  const deliveryFee = feeOf(request, itemsTotal, basis);
  const total = itemsTotal + deliveryFee;
  if (total > Number.MAX_SAFE_INTEGER) {
    throw new AppError('validation_failed', 'The total of the order is too large.', {
      violations: [{ path: ['items'], rule: 'not_acceptable' }],
    });
  }
  assertEnoughLeft(items, basis);
  return { items, itemsTotal, deliveryFee, total };
}

function priceLine(line: Line, { offers, discounts, currency }: Basis, language: Language, now: Date): OrderItem {
  const offer = offers.get(line.productId);
  if (!offer || offer.sku !== line.sku) {
    throw new AppError('product_not_found', `There is no product ${line.sku} (${line.productId}).`, {
      params: { product: `${line.sku} (${line.productId})` },
    });
  }
  const title = titleIn(offer, language);
  // A package is a subscription, which begins with a code: sold as goods it would be paid for and never begin.
  if (!offer.active || offer.package)
    throw new AppError('product_inactive', `${title} is not for sale.`, { params: { product: title } });
  if (offer.currency !== currency) throw new Error(`product ${offer.productId} is priced in ${offer.currency}`);
  assertOptions(line, offer, title);

  const { price, discountsApplied } = priceNow(offer, discounts, now);
  if (line.price !== price && line.price !== offer.price) {
    const shown = `${toMajorUnits(price, currency)} ${currency}`;
    throw new AppError('price_changed', `The price of ${title} is ${shown} now.`, {
      params: { product: title, price: shown },
    });
  }
  return {
    productId: offer.productId,
    sku: offer.sku,
    title,
    quantity: line.quantity,
    price,
    priceOriginal: offer.price,
    options: line.options,
    manufacturerId: offer.manufacturerId,
    countryId: offer.countryId,
    unit: offer.unit,
    discountsApplied,
  };
}

/** The catalogue has three languages; its first is always there. */
function titleIn({ title }: Offer, language: Language): string {
  if (language === 'ru' || language === 'en') return title[language] ?? title.uk;
  return title.uk;
}

function assertOptions(line: Line, offer: Offer, title: string): void {
  for (const [name, value] of Object.entries(line.options)) {
    const option = offer.options.find((known) => known.name === name);
    if (option?.values.includes(value)) continue;
    const shown = `${name}: ${value}`;
    throw new AppError('option_unknown', `${title} has no option ${shown}.`, {
      params: { product: title, option: shown },
    });
  }
}

/** The shop's settings decide; a fee that the buyer was shown must be the same. Without settings theirs is taken. */
function feeOf({ deliveryFee: shown }: OrderRequest, itemsTotal: bigint, { delivery, currency }: Basis): bigint {
  if (!delivery) return shown ?? 0n;
  const fee = deliveryFeeFor(delivery, itemsTotal);
  if (shown !== null && shown !== fee) {
    const price = `${toMajorUnits(fee, currency)} ${currency}`;
    throw new AppError('delivery_fee_changed', `Delivery costs ${price} now.`, { params: { price } });
  }
  return fee;
}

function assertEnoughLeft(items: readonly OrderItem[], { left }: Basis): void {
  for (const [productId, quantity] of quantities(items)) {
    const available = left.get(productId);
    if (available === undefined || available >= quantity) continue;
    const product = items.find((item) => item.productId === productId)?.title ?? productId;
    throw new AppError('out_of_stock', `Only ${available} of ${product} are left.`, { params: { product, available } });
  }
}

/** Pieces of each product, over all lines that name it. */
export function quantities(items: readonly OrderItem[]): Map<string, number> {
  const merged = new Map<string, number>();
  for (const { productId, quantity } of items) merged.set(productId, (merged.get(productId) ?? 0) + quantity);
  return merged;
}
