import { commonConfig, coreConfig, loadConfig } from '@forecourt/service-kit';
import { z } from 'zod';

const origin = z.url({ protocol: /^https?$/ }).refine((url) => new URL(url).origin === url, 'is not just an origin');

const list = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim().replace(/\/$/, '')))
    .pipe(z.array(item));

/** One base URL, or several with commas between when the service runs more than once. */
const service = (fallback: string) => list(origin).default([fallback]);

const perMinute = (production: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .transform((value) => ({ value, production }));

const shape = {
  ...coreConfig,
  PORT: coreConfig.PORT.default(3000),
  IDENTITY_URL: service('http://127.0.0.1:3001'),
  CATALOG_URL: service('http://127.0.0.1:3002'),
  ORDERS_URL: service('http://127.0.0.1:3003'),
  CHARGING_URL: service('http://127.0.0.1:3004'),
  PAYMENTS_URL: service('http://127.0.0.1:3005'),
  /** What services are asked over about signed requests; without it these are refused. */
  NATS_URL: z.string().min(1).optional(),
  STREAM_PREFIX: commonConfig.STREAM_PREFIX,
  /** Sites whose pages may call us; in development the web shop's. */
  CORS_ORIGINS: list(origin).optional(),
  /** Valkey or Redis that all replicas count requests in. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** How many gateways share the allowances when there is no REDIS_URL. */
  GATEWAY_REPLICAS: z.coerce.number().int().min(1).default(1),
  LIMIT_ORDINARY: perMinute(600),
  LIMIT_CREDENTIALS: perMinute(30),
  LIMIT_ORDERS: perMinute(20),
  /** Of upgrades: a site's stations share an address, and come back all at once. */
  LIMIT_STATIONS: perMinute(600),
  /** Health and metrics for the machine's own eyes, on a port that the world does not see. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  BODY_BYTES: z.coerce.number().int().min(1024).default(65_536),
  LARGE_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(64 * 1024 * 1024),
  /** Of requests that come to a password hash, with each process of their service: twice what one has at work at once. */
  COSTLY_AT_ONCE: z.coerce.number().int().min(1).max(64).default(8),
  CONNECT_TIMEOUT_MS: z.coerce.number().int().min(50).default(1000),
  RESPONSE_TIMEOUT_MS: z.coerce.number().int().min(50).default(10_000),
  PATIENT_RESPONSE_TIMEOUT_MS: z.coerce.number().int().min(50).default(45_000),
  LARGE_RESPONSE_TIMEOUT_MS: z.coerce.number().int().min(50).default(120_000),
  /** How long a client may take to send a body. */
  BODY_TIMEOUT_MS: z.coerce.number().int().min(50).default(15_000),
} satisfies z.ZodRawShape;

export type GatewayConfig = ReturnType<typeof readConfig>;

/** In development all tests and demos come from one address, so that limits by address would only be in the way. */
const developmentAllowance = 1_000_000;

export function readConfig(env?: Readonly<Record<string, string | undefined>>) {
  const config = loadConfig(shape, env);
  const development = config.NODE_ENV !== 'production';
  const allowance = (limit: { value: number | undefined; production: number }) =>
    limit.value ?? (development ? developmentAllowance : limit.production);
  return {
    ...config,
    development,
    CORS_ORIGINS: config.CORS_ORIGINS ?? (development ? ['http://localhost:5173'] : []),
    LIMIT_ORDINARY: allowance(config.LIMIT_ORDINARY),
    LIMIT_CREDENTIALS: allowance(config.LIMIT_CREDENTIALS),
    LIMIT_ORDERS: allowance(config.LIMIT_ORDERS),
    LIMIT_STATIONS: allowance(config.LIMIT_STATIONS),
  };
}
