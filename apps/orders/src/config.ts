import { Currency } from '@forecourt/contracts';
import { commonConfig, loadConfig } from '@forecourt/service-kit';
import type { z } from 'zod';
import { subscriptionConfig } from './subscription/settings.ts';

export const configShape = {
  ...commonConfig,
  PORT: commonConfig.PORT.default(3003),
  /** ISO 4217; what every order is in. */
  CURRENCY: Currency.default('UAH'),
  ...subscriptionConfig,
};

export type Config = z.output<z.ZodObject<typeof configShape>>;

export const readConfig = (): Config => loadConfig(configShape);
