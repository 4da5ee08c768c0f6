import type { DiscountSnapshot, ProductSnapshot } from '@forecourt/contracts';

/** What orders knows about a product that it may sell: a copy of the catalogue's, at one version. package null: goods. */
export type Offer = Pick<
  ProductSnapshot,
  | 'productId'
  | 'version'
  | 'sku'
  | 'title'
  | 'price'
  | 'currency'
  | 'unit'
  | 'categoryPath'
  | 'manufacturerId'
  | 'countryId'
  | 'options'
  | 'active'
  | 'package'
>;

/** With what subscribers call it by. */
export type NumberedOffer = Offer & Pick<ProductSnapshot, 'number'>;

/** What the copy is asked for when it lacks something; the catalogue answers, or cannot be reached (null). */
export interface Catalogue {
  products(productIds: readonly string[]): Promise<readonly ProductSnapshot[] | null>;
  /** By its number: none when there is no such product. */
  numbered(number: number): Promise<readonly ProductSnapshot[] | null>;
  discounts(): Promise<readonly DiscountSnapshot[] | null>;
}
