import { z } from 'zod';

/** What every process reads; spread it into the service's own shape. */
export const commonConfig = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HOST: z.string().optional(),
  PORT: z.coerce.number().int().min(0).max(65_535),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  NATS_URL: z.string().min(1),
  STREAM_PREFIX: z
    .string()
    .regex(/^[a-z0-9]*$/)
    .default(''),
  JWKS_URL: z.url().default('http://127.0.0.1:3001/.well-known/jwks.json'),
  TOKEN_ISSUER: z.string().min(1).default('forecourt'),
  TOKEN_AUDIENCE: z.string().min(1).default('forecourt'),
  TRUSTED_PROXIES: z.string().default(''),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
};

export type CommonConfig = z.output<z.ZodObject<typeof commonConfig>>;

export function loadConfig<S extends z.ZodRawShape>(
  _shape: S,
  _env: NodeJS.ProcessEnv = process.env,
): z.output<z.ZodObject<S>> {
  throw new Error('arrives with the next commit');
}
