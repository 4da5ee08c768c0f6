import type { DiscountSnapshot, PackageTerms, ProductSnapshot } from '@forecourt/contracts';
import type { Order } from '../src/order/order.ts';

let made = 0;
export const anId = (): string => `65f1a2b3${(made++).toString(16).padStart(16, '0')}`;

export function aProduct(wishes: Partial<ProductSnapshot> = {}): ProductSnapshot {
  const productId = wishes.productId ?? anId();
  return {
    productId,
    version: 1,
    number: 1,
    slug: `bur-${productId}`,
    sku: `BUR-${productId}`,
    title: { uk: 'Бор 801', ru: 'Бор алмазный 801', en: 'Bur 801' },
    price: 35_000n,
    priceNow: null,
    currency: 'UAH',
    unit: null,
    categoryPath: [],
    manufacturerId: null,
    countryId: null,
    options: [],
    active: true,
    externalId: null,
    package: null,
    changedAt: new Date('2026-02-19T11:00:00.000Z'),
    ...wishes,
  };
}

let numbered = 1_000;

/** 450.00 a month, and another one follows each. */
export function aPackage(
  wishes: Partial<ProductSnapshot> = {},
  terms: Partial<PackageTerms> = {},
): ProductSnapshot & { package: PackageTerms } {
  return {
    ...aProduct({ number: numbered++, title: { uk: 'Інтернет 100', ru: null, en: 'Internet 100' }, price: 45_000n }),
    ...wishes,
    package: { period: { unit: 'month', count: 1 }, renews: true, line: null, contents: [], ...terms },
  };
}

export function aDiscount(wishes: Partial<DiscountSnapshot> = {}): DiscountSnapshot {
  return {
    discountId: anId(),
    version: 1,
    name: 'Весняний',
    type: 'percent',
    percentHundredths: 1_000,
    amount: null,
    scope: 'everything',
    targetId: null,
    from: null,
    to: null,
    active: true,
    ...wishes,
  };
}

export interface OrderBody {
  phone: string;
  clientId: string;
  items: Record<string, unknown>[];
  [field: string]: unknown;
}

/** What the web shop posts for one piece of each product. */
export const anOrderBody = (products: readonly ProductSnapshot[], wishes: Partial<OrderBody> = {}): OrderBody => ({
  phone: '+380971112233',
  clientId: '3f0c9f9e-6f0e-4a53-9a54-2f1a7f0c9a11',
  items: products.map(({ productId, sku, price }) => ({ productId, sku, quantity: 1, price: Number(price) / 100 })),
  ...wishes,
});

export function anOrder(wishes: Partial<Order> = {}): Order {
  const placedAt = new Date('2026-02-19T12:00:00.000Z');
  const { productId, sku, title, price } = aProduct();
  return {
    id: anId(),
    number: '7K3M-9QXT',
    version: 1,
    status: 'new',
    customerId: null,
    phone: '+380971112233',
    clientId: '3f0c9f9e-6f0e-4a53-9a54-2f1a7f0c9a11',
    name: null,
    comment: null,
    language: 'uk',
    currency: 'UAH',
    items: [
      {
        productId,
        sku,
        title: title.uk,
        quantity: 1,
        price,
        priceOriginal: price,
        options: {},
        manufacturerId: null,
        countryId: null,
        unit: null,
        discountsApplied: [],
      },
    ],
    itemsTotal: price,
    deliveryFee: 0n,
    total: price,
    createdAt: placedAt,
    updatedAt: placedAt,
    ...wishes,
  };
}
