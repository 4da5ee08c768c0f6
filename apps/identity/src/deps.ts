import {
  claimGuestOrders,
  exportChargingOfCustomer,
  exportOrdersOfCustomer,
  exportPaymentsOfCustomer,
  readRunningSession,
  readWallet,
} from '@forecourt/contracts';
import { ask } from '@forecourt/messaging';
import {
  type Clock,
  createTokenVerifier,
  type Database,
  type Logger,
  type Runtime,
  type TokenVerifier,
} from '@forecourt/service-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import { Gauge } from 'prom-client';
import type { z } from 'zod';
import { createKnownProfiles, type KnownProfiles } from './app-profile/known-profiles.ts';
import type { CodeLimits } from './code/limits.ts';
import { type CodeMetrics, createCodeMetrics } from './code/metrics.ts';
import { codeToSend } from './code/service.ts';
import { codeLimitsOf } from './code/settings.ts';
import type { Config } from './config.ts';
import { createDeviceKeySealer, type DeviceKeySealer } from './device/sealer.ts';
import type { AskForPage } from './export/service.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import type { Breaker } from './message/breaker.ts';
import type { LateFactsByKind } from './message/message.ts';
import { createMessageMetrics, type MessageMetrics } from './message/metrics.ts';
import type { Provider, Providers } from './message/provider.ts';
import { createPasswordHasher, type PasswordHasher } from './password/hasher.ts';
import { resetLink } from './password-reset/service.ts';
import { breakersOf, closeProviders, createProviders } from './providers/providers.ts';
import { deriveSecrets, type Secrets } from './secret.ts';
import { createExchangedTokens, type ExchangedTokens } from './session/exchanged-tokens.ts';
import { createKeyRing, type KeyRing } from './signing-key/service.ts';
import { verificationKeys } from './signing-key/verification.ts';

export interface Deps {
  readonly db: PrismaClient;
  /** The same pool without Prisma, for hot paths. */
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly secrets: Secrets;
  readonly hasher: PasswordHasher;
  readonly keyRing: KeyRing;
  /** Verifies with the key ring itself, where other services fetch the JWKS. */
  readonly tokens: TokenVerifier;
  readonly tokenRules: { readonly issuer: string; readonly audience: string; readonly lifetimeSeconds: number };
  readonly deviceKeys: DeviceKeySealer;
  readonly appProfiles: KnownProfiles;
  readonly exchangedTokens: ExchangedTokens;
  readonly webUrl: string;
  /** Cookies go over TLS alone. */
  readonly secureCookies: boolean;
  /** ISO 4217; what the wallet of every customer is in. */
  readonly currency: string;
  readonly addressLimitScale: number;
  readonly providers: Providers;
  readonly breakers: ReadonlyMap<Provider, Breaker>;
  readonly codeLimits: CodeLimits;
  readonly codeMetrics: CodeMetrics;
  readonly lateFacts: LateFactsByKind;
  readonly messageMetrics: MessageMetrics;
  /** Where apps connect to the broker, as their clients take it. */
  readonly pushServers: string;
  /** Attaches the guest orders of a new customer; fails when orders does not answer in time. */
  askForClaim(claim: z.output<typeof claimGuestOrders.request>): Promise<unknown>;
  /** What is in a customer's wallet; fails when payments does not answer at once. */
  askForWallet(customerId: string): Promise<{ readonly available: bigint }>;
  /** Where a customer charges now; fails when charging does not answer at once. */
  askForRunningSession(customerId: string): Promise<z.output<typeof readRunningSession.reply>>;
  /** What other services keep about a customer, by the name that it is shown under. */
  readonly elsewhere: Readonly<Record<string, AskForPage>>;
}

const claimTimeoutMs = 1_500;
/** Somebody looks at a screen; what payments last told is at hand. */
const walletTimeoutMs = 500;
const runningSessionTimeoutMs = 500;

export async function createDeps(config: Config, runtime: Runtime): Promise<Deps> {
  const { database, clock, log, nats, metrics, revocations } = runtime;
  const db = new PrismaClient({ adapter: new PrismaPg(database.pool, { schema: 'identity' }) });
  runtime.onClose('prisma', () => db.$disconnect());

  const secrets = deriveSecrets(config.TOKEN_SECRET);
  const keyRing = createKeyRing({ database, clock, log, secret: secrets.signingKeys });
  const tokenRules = {
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    lifetimeSeconds: config.ACCESS_TOKEN_SECONDS,
  };
  const hasher = await createPasswordHasher({
    concurrency: config.PASSWORD_HASH_CONCURRENCY,
    queue: config.PASSWORD_HASH_QUEUE,
    cost: config.PASSWORD_HASH_CHEAP ? 'cheap' : 'due',
  });
  new Gauge({
    name: 'identity_password_hashes_waiting',
    help: 'Passwords that wait for their turn to be hashed.',
    registers: [metrics.registry],
    collect() {
      this.set(hasher.waiting());
    },
  });
  const addressLimitScale = config.ADDRESS_LIMIT_SCALE ?? (config.NODE_ENV === 'production' ? 1 : 1000);
  const codeLimits = codeLimitsOf(config, addressLimitScale);
  const providers = createProviders(config, database, clock);
  runtime.onClose('providers', () => closeProviders(providers));
  const breakers = breakersOf(providers, clock);

  return {
    db,
    database,
    clock,
    log,
    secrets,
    hasher,
    keyRing,
    tokens: createTokenVerifier({ keys: verificationKeys(keyRing), ...tokenRules, clock, revocations }),
    tokenRules,
    deviceKeys: createDeviceKeySealer(config.DEVICE_KEY_SECRETS),
    exchangedTokens: createExchangedTokens({ keyRing, tokenRules }),
    appProfiles: createKnownProfiles({ db, clock }),
    webUrl: config.WEB_URL,
    secureCookies: config.NODE_ENV === 'production',
    currency: config.CURRENCY,
    addressLimitScale,
    codeLimits,
    codeMetrics: createCodeMetrics(metrics.registry, { database, secrets, clock, codeLimits }),
    providers,
    breakers,
    lateFacts: {
      password_reset: resetLink({ db, clock, secrets, webUrl: config.WEB_URL }),
      code: codeToSend({ db, clock, secrets }),
    },
    messageMetrics: createMessageMetrics(metrics.registry, { database, clock, breakers }),
    pushServers: config.PUSH_SERVERS,
    askForClaim: (claim) => ask(nats, claimGuestOrders, claim, { timeoutMs: claimTimeoutMs }),
    askForWallet: (customerId) => ask(nats, readWallet, { customerId }, { timeoutMs: walletTimeoutMs }),
    askForRunningSession: (customerId) =>
      ask(nats, readRunningSession, { customerId }, { timeoutMs: runningSessionTimeoutMs }),
    elsewhere: {
      charging: (page, timeoutMs) => ask(nats, exportChargingOfCustomer, page, { timeoutMs }),
      orders: (page, timeoutMs) => ask(nats, exportOrdersOfCustomer, page, { timeoutMs }),
      payments: (page, timeoutMs) => ask(nats, exportPaymentsOfCustomer, page, { timeoutMs }),
    },
  };
}
