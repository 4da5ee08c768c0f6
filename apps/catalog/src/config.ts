import { Currency } from '@forecourt/contracts';
import { commonConfig, loadConfig } from '@forecourt/service-kit';
import type { z } from 'zod';

const shape = {
  ...commonConfig,
  PORT: commonConfig.PORT.default(3002),
  /** ISO 4217; what every price is in. */
  CURRENCY: Currency.default('UAH'),
};

export type Config = z.output<z.ZodObject<typeof shape>>;

export const readConfig = (): Config => loadConfig(shape);
