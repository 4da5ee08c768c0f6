import { availableParallelism } from 'node:os';
import { Currency } from '@forecourt/contracts';
import { commonConfig, developmentOnly, loadConfig } from '@forecourt/service-kit';
import { z } from 'zod';
import { brokerConfig } from './broker/settings.ts';
import { codeConfig } from './code/settings.ts';
import { MessageProviders } from './providers/settings.ts';

const longEnough = 'must be at least 32 characters';

const NamedSecret = z.object({
  id: z.string().regex(/^[\w-]{1,32}$/, 'is not id:secret,id:secret'),
  secret: z.string().min(32, longEnough),
});

/** `id:secret,id:secret`. */
const NamedSecrets = z
  .string()
  .transform((text) => text.split(',').map((pair) => /^([^:]*):(.*)$/s.exec(pair.trim())?.slice(1) ?? ['', '']))
  .transform((pairs) => pairs.map(([id, secret]) => ({ id, secret })))
  .pipe(z.tuple([NamedSecret], NamedSecret))
  .refine((secrets) => new Set(secrets.map(({ id }) => id)).size === secrets.length, 'two secrets have one id');

export const configShape = {
  ...commonConfig,
  PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  /** The root of every key that identity makes. Replacing it ends reset links and has a new signing key made. */
  TOKEN_SECRET: z.string().min(32, longEnough),
  /** Seals the keys that apps sign their requests with; the first one seals, all unseal. */
  DEVICE_KEY_SECRETS: NamedSecrets,
  /** The storefront promises its clients 900; whatever it is, they are told. */
  ACCESS_TOKEN_SECONDS: z.coerce.number().int().min(1).max(900).default(900),
  /** ISO 4217; what wallets are in. */
  CURRENCY: Currency.default('UAH'),
  /** Where the links in e-mails lead. */
  WEB_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:5173'),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Who sends SMS and makes calls, in order of preference. */
  MESSAGE_PROVIDERS: MessageProviders.prefault('[]'),
  MAIL_FROM: z.string().min(3).default('Forecourt <no-reply@forecourt.local>'),
  /** Both or neither: the first operator, made at the start when there is none with this address. */
  OPERATOR_EMAIL: z.email().toLowerCase().optional(),
  OPERATOR_PASSWORD: z.string().min(6).max(128).optional(),
  /** Multiplies the limits per network address; those per account stay. 1000 in development, else 1. */
  ADDRESS_LIMIT_SCALE: z.coerce.number().int().min(1).max(100_000).optional(),
  ...codeConfig,
  ...brokerConfig,
  /** Leaves a core to other requests, and one of libuv's four threads to files and names. */
  PASSWORD_HASH_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(Math.min(3, Math.max(1, availableParallelism() - 1))),
  /** More than this many waiting for their hash are told to come back later. */
  PASSWORD_HASH_QUEUE: z.coerce.number().int().min(1).max(10_000).default(100),
  /** Hashes that cost next to nothing, and protect as much: for tests, most of which sign somebody in. */
  PASSWORD_HASH_CHEAP: developmentOnly(z.stringbool().default(false)),
};

export type Config = z.output<z.ZodObject<typeof configShape>>;

export const readConfig = (): Config => loadConfig(configShape);
