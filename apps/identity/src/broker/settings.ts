import { fromCurveSeed, fromSeed } from '@nats-io/nkeys';
import { z } from 'zod';

const seedOf = (prefix: 'A' | 'X', read: (seed: Uint8Array) => { getPublicKey(): string }) =>
  z.string().refine((seed) => {
    try {
      return read(Buffer.from(seed)).getPublicKey().startsWith(prefix);
    } catch {
      return false;
    }
  }, `is not a seed (S${prefix}…)`);

/** `wss://nats.example.com:8443`, or without a scheme; several after commas. */
const server = /^(?:(?:wss?|nats|tls):\/\/)?(?:[\w.-]+|\[[\da-f:]+\])(?::\d{1,5})?$/i;
const Servers = z
  .string()
  .refine((servers) => servers.split(',').every((one) => server.test(one.trim())), 'is not like wss://host:8443');

/** Spread into the service's own shape. The first four go together: without them nobody answers for apps. */
export const brokerConfig = {
  /** The broker's user that logins of apps are asked of, in the account AUTH. */
  BROKER_CALLOUT_URL: z.string().min(1).optional(),
  /** The broker's user that finds and ends connections of apps, in the account SYS. */
  BROKER_SYSTEM_URL: z.string().min(1).optional(),
  /** Signs what an app may do: the broker believes whoever has it. */
  BROKER_ISSUER_SEED: seedOf('A', fromSeed).optional(),
  /** Opens what the broker asks, in which passwords are. */
  BROKER_XKEY_SEED: seedOf('X', fromCurveSeed).optional(),
  /** Where apps connect to, as their clients take it. */
  PUSH_SERVERS: Servers.default('ws://127.0.0.1:8443'),
};

export interface BrokerSettings {
  readonly calloutUrl: string;
  readonly systemUrl: string;
  readonly issuerSeed: string;
  readonly xkeySeed: string;
}

type Config = z.output<z.ZodObject<typeof brokerConfig>>;

/** null: the broker has no users but ours. */
export function brokerSettingsOf(config: Config & { readonly NODE_ENV: string }): BrokerSettings | null {
  const settings = {
    calloutUrl: config.BROKER_CALLOUT_URL,
    systemUrl: config.BROKER_SYSTEM_URL,
    issuerSeed: config.BROKER_ISSUER_SEED,
    xkeySeed: config.BROKER_XKEY_SEED,
  };
  const given = Object.values(settings).filter((value) => value !== undefined).length;
  if (given === 0) return null;
  if (given < 4) {
    throw new Error('BROKER_CALLOUT_URL, BROKER_SYSTEM_URL, BROKER_ISSUER_SEED and BROKER_XKEY_SEED go together');
  }
  if (config.NODE_ENV === 'production' && /\b(?:ws|nats):\/\//i.test(config.PUSH_SERVERS)) {
    throw new Error('PUSH_SERVERS must be wss:// or tls:// in production: passwords of apps go there');
  }
  return settings as BrokerSettings;
}
