import { z } from 'zod';

const developmentSwitches = new WeakSet<z.ZodType>();

/** Marks a setting that a production process refuses to start with. */
export function developmentOnly<S extends z.ZodType>(schema: S): S {
  developmentSwitches.add(schema);
  return schema;
}

/** What every process reads, with a store or without. */
export const coreConfig = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Everything in production, this machine alone otherwise. */
  HOST: z.string().min(1).optional(),
  PORT: z.coerce.number().int().min(0).max(65_535),
  /** Hops in front of us (`1`) or their addresses (`10.0.0.0/8,192.168.1.4`); empty: nobody is believed. */
  TRUSTED_PROXIES: z.string().default(''),
  /** How long to answer on after readiness turned 503, so that load balancers notice. 5 in production, else 0. */
  DRAIN_SECONDS: z.coerce.number().min(0).max(20).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
};
export type CoreConfig = z.output<z.ZodObject<typeof coreConfig>>;

/** What every service reads; spread it into the service's own shape. */
export const commonConfig = {
  ...coreConfig,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(10),
  NATS_URL: z.string().min(1),
  /** Lets several systems share one nats-server. */
  STREAM_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9-]*$/)
    .default(''),
  /** Copies of this service's stream in a cluster of nats-servers: 1, 3 or 5. */
  STREAM_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
  /** A full stream refuses, and the outbox waits, rather than lose the oldest events. */
  STREAM_MAX_BYTES: z.coerce.number().int().min(1_048_576).default(1_073_741_824),
  /** How long published events stay in the outbox and the stream, for rebuilding. Less than the 30 days of the inbox. */
  EVENT_RETENTION_DAYS: z.coerce.number().int().min(1).max(28).default(7),
  JWKS_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:3001/.well-known/jwks.json'),
  TOKEN_ISSUER: z.string().min(1).default('forecourt'),
  TOKEN_AUDIENCE: z.string().min(1).default('forecourt'),
};
export type CommonConfig = z.output<z.ZodObject<typeof commonConfig>>;

type Environment = Readonly<Record<string, string | undefined>>;

const exitWith = (explanation: string): never => {
  process.stderr.write(`${explanation}\n`);
  process.exit(1);
};

/** Reads the environment once; a process with a bad setting says all that is wrong and does not start. */
export function loadConfig<S extends z.ZodRawShape>(
  shape: S,
  env: Environment = process.env,
  refuse: (explanation: string) => never = exitWith,
): z.output<z.ZodObject<S>> {
  const schema = z.object(shape);
  // An empty variable is how shells and compose files say "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => name in shape && value !== ''));
  const { success, data, error } = schema.safeParse(given);
  const complaints = [
    ...(error?.issues.map((issue) => complain(issue, given)) ?? []),
    ...switchedOn(shape, given, env),
  ];
  if (success && complaints.length === 0) return data;
  return refuse(['This configuration cannot be used:', ...complaints.map((line) => `  ${line}`)].join('\n'));
}

const secretName = /SECRET|PASSWORD|TOKEN|KEY|SEED|URL|DSN|PROVIDERS/;

function complain({ path, message }: z.core.$ZodIssue, given: Environment): string {
  const name = String(path[0]);
  const value = given[name];
  if (value === undefined) return `${name} is missing`;
  return secretName.test(name) ? `${name}: ${message}` : `${name}=${value}: ${message}`;
}

function switchedOn(shape: z.ZodRawShape, given: Environment, env: Environment): string[] {
  if (env.NODE_ENV !== 'production') return [];
  return Object.entries(shape)
    .filter(([name, schema]) => developmentSwitches.has(schema as z.ZodType) && given[name] !== undefined)
    .map(([name]) => `${name} is for development and must not be set with NODE_ENV=production`);
}
