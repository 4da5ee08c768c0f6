import type { DiscountSnapshot } from '@forecourt/contracts';
import { AppError, type Violation } from '@forecourt/errors';
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

/** The fields that only make sense together. Refuses `validation_failed`. */
export function soundDiscount(fields: DiscountFields): DiscountFields {
  const { percentHundredths, scope, targetId, from, to } = fields;
  const violations: Violation[] = [];
  if (percentHundredths !== null && !Number.isInteger(percentHundredths))
    violations.push({ path: ['value'], rule: 'format', expected: 'percent with at most two decimals' });
  if (percentHundredths !== null && percentHundredths > 10_000)
    violations.push({ path: ['value'], rule: 'max', expected: 100 });
  if (scope === 'everything' && targetId !== null) violations.push({ path: ['targetId'], rule: 'not_acceptable' });
  if (scope !== 'everything' && targetId === null) violations.push({ path: ['targetId'], rule: 'required' });
  if (from && to && from >= to) violations.push({ path: ['to'], rule: 'min', expected: from.toISOString() });
  if (violations.length > 0) throw new AppError('validation_failed', 'The fields do not go together.', { violations });
  return fields;
}
