/** What a row of the change log is about. `stock`: in stock or out of it; `prices`: discounts began or ended. */
export type ChangedKind = 'product' | 'category' | 'manufacturer' | 'country' | 'discount' | 'stock' | 'prices';

export interface Change {
  readonly kind: ChangedKind;
  readonly id: string;
  readonly version: number;
  readonly change: 'created' | 'changed' | 'removed';
  /** The thing as it is now, in the words of JSON. */
  readonly data: unknown;
}
