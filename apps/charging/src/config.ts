import { Currency } from '@forecourt/contracts';
import { commonConfig, loadConfig } from '@forecourt/service-kit';
import type { z } from 'zod';
import { deviceConfig } from './device/settings.ts';
import { receiptConfig } from './receipt/settings.ts';
import { reservationConfig } from './reservation/settings.ts';
import { sessionConfig } from './session/settings.ts';
import { stationConfig } from './station/settings.ts';

export const configShape = {
  ...commonConfig,
  PORT: commonConfig.PORT.default(3004),
  /** ISO 4217; what devices are priced in. */
  CURRENCY: Currency.default('UAH'),
  ...deviceConfig,
  ...receiptConfig,
  ...reservationConfig,
  ...sessionConfig,
  ...stationConfig,
};

export type Config = z.output<z.ZodObject<typeof configShape>>;

export const readConfig = (): Config => loadConfig(configShape);
