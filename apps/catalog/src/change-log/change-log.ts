/**
 * What a row of the change log is about. `stock`: a product is in stock or out of it; `price`: a discount made a product's
 * price now another one; `prices`: discounts began or ended; `call_rates`: a list of them came.
 */
export const changedKinds = [
  'product',
  'category',
  'manufacturer',
  'country',
  'discount',
  'stock',
  'price',
  'prices',
  'call_rates',
] as const;
export type ChangedKind = (typeof changedKinds)[number];

export interface Change {
  readonly kind: ChangedKind;
  readonly id: string;
  readonly version: number;
  readonly change: 'created' | 'changed' | 'removed';
  /** The thing as it is now, in the words of JSON. */
  readonly data: unknown;
}
