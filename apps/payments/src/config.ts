import { Currency } from '@forecourt/contracts';
import { commonConfig, loadConfig } from '@forecourt/service-kit';
import type { z } from 'zod';

export const configShape = {
  ...commonConfig,
  PORT: commonConfig.PORT.default(3005),
  /** ISO 4217; what every wallet is in. */
  CURRENCY: Currency.default('UAH'),
};

export type Config = z.output<z.ZodObject<typeof configShape>>;

export const readConfig = (): Config => loadConfig(configShape);
