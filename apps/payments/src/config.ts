import { Currency } from '@forecourt/contracts';
import { commonConfig, loadConfig } from '@forecourt/service-kit';
import { z } from 'zod';
import { providerConfig } from './providers/providers.ts';
import { replenishmentConfig } from './replenishment/settings.ts';

export const configShape = {
  ...commonConfig,
  PORT: commonConfig.PORT.default(3005),
  /** ISO 4217; what every wallet is in. */
  CURRENCY: Currency.default('UAH'),
  /** Where the world reaches the gateway; providers are told to call us back there. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:3000'),
  /** Makes the addresses of callbacks unguessable. Replacing it makes those deaf that were given away before. */
  CALLBACK_SECRET: z.string().min(32, 'must be at least 32 characters'),
  ...replenishmentConfig,
  ...providerConfig,
};

export type Config = z.output<z.ZodObject<typeof configShape>>;

export const readConfig = (): Config => loadConfig(configShape);
