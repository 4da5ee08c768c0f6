import { commonConfig, loadConfig } from '@forecourt/service-kit';
import { z } from 'zod';

const shape = {
  ...commonConfig,
  PORT: commonConfig.PORT.default(3002),
  /** ISO 4217; what every price is in. */
  CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('UAH'),
};

export type Config = z.output<z.ZodObject<typeof shape>>;

export const readConfig = (): Config => loadConfig(shape);
