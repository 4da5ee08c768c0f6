import { toMajorUnits, toMinorUnits } from '@forecourt/dialects';
import { z } from 'zod';
import type { Limits } from './replenishment.ts';

const majorUnits = z.coerce.number().positive().max(9_007_199_254_740);

export const replenishmentConfig = {
  /** What a customer may pay in at once, in major units. */
  REPLENISH_LEAST: majorUnits.default(1),
  REPLENISH_MOST: majorUnits.default(1_000_000),
  /** How many invoices of one customer may wait for their payment at the same time. */
  REPLENISH_OPEN_MOST: z.coerce.number().int().min(1).max(10_000).default(50),
  /** How long an invoice can be paid. */
  REPLENISH_MINUTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(30 * 24 * 60)
    .default(60),
};

export interface ReplenishmentLimits extends Limits {
  readonly mostOpen: number;
  readonly minutes: number;
}

type Settings = z.output<z.ZodObject<typeof replenishmentConfig>>;

export const limitsOf = (settings: Settings, currency: string): ReplenishmentLimits => ({
  least: toMinorUnits(settings.REPLENISH_LEAST, currency),
  most: toMinorUnits(settings.REPLENISH_MOST, currency),
  mostOpen: settings.REPLENISH_OPEN_MOST,
  minutes: settings.REPLENISH_MINUTES,
  currency,
  asText: (amount) => `${toMajorUnits(amount, currency)} ${currency}`,
});
