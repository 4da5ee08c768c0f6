import type { Bank } from './bank.ts';
import type { Instance } from './network.ts';
import { compileCache } from './paths.ts';
import type { Secrets } from './secrets.ts';
import type { Broker } from './servers/broker.ts';
import { demoOperator, type ServiceName } from './services.ts';

export interface Surroundings {
  readonly instances: readonly Instance[];
  readonly databaseUrls: ReadonlyMap<string, string>;
  readonly broker: Broker;
  readonly bank: Bank;
  readonly streamPrefix: string;
  readonly secrets: Secrets;
  /** For every process, over all else. */
  readonly overrides: NodeJS.ProcessEnv;
}

/** What a process is told. Whatever else the caller's environment holds (LOG_LEVEL, SMTP_URL, a limit) is handed on. */
export function environmentOf({ service, port }: Instance, surroundings: Surroundings): NodeJS.ProcessEnv {
  const { instances, databaseUrls, broker, bank, streamPrefix, secrets, overrides } = surroundings;
  const urlsOf = (name: ServiceName) => instances.filter((instance) => instance.service === name).map(({ url }) => url);
  const { DATABASE_URL: _ofTheAdministrator, ...callers } = process.env;
  return {
    NODE_ENV: 'development',
    NODE_COMPILE_CACHE: compileCache,
    HOST: '127.0.0.1',
    TOKEN_SECRET: secrets.token,
    DEVICE_KEY_SECRETS: secrets.deviceKeys,
    CALLBACK_SECRET: secrets.callbacks,
    STATION_SECRET: secrets.stations,
    PUBLIC_URL: urlsOf('gateway')[0],
    OPERATOR_EMAIL: demoOperator.email,
    OPERATOR_PASSWORD: demoOperator.password,
    ...(broker.webSocketUrl && { PUSH_SERVERS: broker.webSocketUrl }),
    ...(service === 'payments' && bank.settings),
    ...callers,
    // Services hear of a caller's address from the gateway alone; what the gateway believes is the caller's setting.
    ...(service !== 'gateway' && { TRUSTED_PROXIES: '1' }),
    PORT: String(port),
    ...(databaseUrls.has(service) && { DATABASE_URL: databaseUrls.get(service) }),
    NATS_URL: broker.natsUrlOf(service),
    // The keys to the broker's door are identity's alone.
    ...(service === 'identity' && broker.settings),
    STREAM_PREFIX: streamPrefix,
    JWKS_URL: `${urlsOf('identity')[0]}/.well-known/jwks.json`,
    GATEWAY_URL: urlsOf('gateway')[0],
    IDENTITY_URL: urlsOf('identity').join(','),
    CATALOG_URL: urlsOf('catalog').join(','),
    ORDERS_URL: urlsOf('orders').join(','),
    CHARGING_URL: urlsOf('charging').join(','),
    PAYMENTS_URL: urlsOf('payments').join(','),
    ...overrides,
  };
}
