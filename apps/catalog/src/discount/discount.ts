import type { DiscountSnapshot } from '@forecourt/contracts';
import type { Discount as Rule } from '@forecourt/pricing';

/** What an operator says about a discount. Exactly one of `percentHundredths` and `amount` is there, as `type` tells. */
export type DiscountFields = Omit<Rule, 'discountId'>;

export interface Discount extends DiscountFields {
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const snapshotOf = ({
  id,
  createdAt: _createdAt,
  updatedAt: _updatedAt,
  ...discount
}: Discount): DiscountSnapshot => ({
  discountId: id,
  ...discount,
});

/** Whether a discount's beginning or end lies in `(since, until]`: prices are others after it than before. */
export const turnsWithin = ({ from, to, active }: DiscountFields, since: Date, until: Date): boolean =>
  active && [from, to].some((boundary) => boundary !== null && boundary > since && boundary <= until);
