import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from './log.ts';

export interface SigningKeys {
  readonly keys: JWTVerifyGetKey;
  close(): void;
}

const refreshMs = 300_000;

/**
 * Identity's public keys. Once fetched they stay in use while identity is away; an unknown key id asks again, at most
 * every ten seconds, and a key that was withdrawn is gone with the next refresh.
 */
export function remoteSigningKeys(url: string, log: Logger): SigningKeys {
  const keys = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: 10_000,
    timeoutDuration: 3_000,
  });
  const refresh = () =>
    keys.reload().catch((error: unknown) => log.warn({ err: error }, 'signing keys could not be refreshed'));
  const timer = setInterval(refresh, refreshMs).unref();
  return { keys, close: () => clearInterval(timer) };
}
