import fastifyRateLimit, { normalizeIP } from '@fastify/rate-limit';
import { AppError } from '@forecourt/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'iovalkey';
import type { GatewayConfig } from './config.ts';

/** Kinds of calls that have an allowance of their own for each client address. */
export type Traffic = 'ordinary' | 'credentials' | 'orders' | 'stations';

/** Counts what was refused, and refuses it as too much when it is. */
export type CountedRefusal = (request: FastifyRequest) => Promise<void>;

export interface Limits {
  /**
   * A signed request is an ordinary one; only wrong ones use up an allowance like that of logins, and only wrong ones hear
   * of it: whoever shares a network with a stranger who guesses goes on signing.
   */
  readonly countWrongSignature: CountedRefusal;
}

const windowMs = 60_000;

/**
 * Counts requests by client address and traffic: in Valkey when all replicas share one, else in memory with each
 * replica's share of the allowance. A Valkey that is away limits nobody; limits on codes, logins and money are the
 * services' own and do not depend on this.
 */
export async function limitRates(app: FastifyInstance, config: GatewayConfig): Promise<Limits> {
  const shared = config.REDIS_URL === undefined ? undefined : await connect(config.REDIS_URL);
  const replicas = shared ? 1 : config.GATEWAY_REPLICAS;
  const allowance: Record<Traffic, number> = {
    ordinary: Math.ceil(config.LIMIT_ORDINARY / replicas),
    credentials: Math.ceil(config.LIMIT_CREDENTIALS / replicas),
    orders: Math.ceil(config.LIMIT_ORDERS / replicas),
    stations: Math.ceil(config.LIMIT_STATIONS / replicas),
  };
  shared?.on('error', (error: Error) => app.log.warn({ error: error.message }, 'the shared rate limits are away'));
  app.addHook('onClose', async () => shared?.disconnect());

  await app.register(fastifyRateLimit, {
    timeWindow: windowMs,
    max: (request) => allowance[trafficOf(request)],
    keyGenerator: (request) => `${trafficOf(request)} ${addressKey(request.ip)}`,
    enableDraftSpec: true,
    cache: 50_000,
    ...(shared && { redis: shared, nameSpace: 'forecourt:gateway:limit:' }),
    skipOnError: true,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl / 1000),
  });

  const wrongSignatures = app.createRateLimit({
    max: allowance.credentials,
    keyGenerator: (request) => `signatures ${addressKey(request.ip)}`,
  });
  return {
    async countWrongSignature(request) {
      const count = await wrongSignatures(request);
      if (!count.isAllowed && count.isExceeded) throw tooMany(count.ttlInSeconds);
    },
  };
}

const tooMany = (retryAfterSeconds: number) =>
  new AppError('too_many_requests', 'Too many requests from this address.', { retryAfterSeconds });

const trafficOf = (request: FastifyRequest): Traffic => request.routeOptions.config.row?.traffic ?? 'ordinary';

/** Some proxies name a client with its port, which is another one for each connection. */
export const withoutPort = (address: string): string =>
  address.includes(':')
    ? (/^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address)
    : address;

/** An IPv6 client is counted by its /64, of which it can use every address. */
export const addressKey = (ip: string): string => {
  const address = withoutPort(ip);
  return address.includes(':') ? normalizeIP(address, 64) : address;
};

/** Fails fast instead of queueing, so that a lost Valkey costs requests no time. Loaded only where there is one. */
async function connect(url: string): Promise<Redis> {
  const { Redis } = await import('iovalkey');
  return new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 250,
    connectTimeout: 1000,
  });
}
