import { createHash } from 'node:crypto';
import { exchangeToken } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { ask, type Nats } from '@forecourt/messaging';
import { LRUCache } from 'lru-cache';

export interface OpaqueTokens {
  /** The access token to go on with; undefined: it is worth nothing. */
  worthOf(token: string, requestId: string): Promise<string | undefined>;
}

interface Asking {
  readonly token: string;
  readonly requestId: string;
}

const timeoutMs = 2000;
/** Identity gives none that ends within thirty seconds: so this is right whatever the clock says here. */
const keepMs = 25_000;
const marginMs = 5_000;
const mostKept = 20_000;

/**
 * Tokens that say nothing, exchanged for an access token that is kept for a while: requests with them cost no question
 * each. Services hear of a session that has ended by themselves, so what is kept here outlives no revocation.
 */
export function createOpaqueTokens(nats: () => Nats): OpaqueTokens {
  const kept = new LRUCache<string, string, Asking>({
    max: mostKept,
    // Whoever asked gets the answer, also when there was no room left to keep it.
    ignoreFetchAbort: true,
    fetchMethod: async (_key, _stale, { options, context: { token, requestId } }) => {
      const { accessToken, expiresAt } = await ask(nats(), exchangeToken, { token }, { timeoutMs, requestId });
      // 0 would be for ever.
      options.ttl = Math.max(1, Math.min(keepMs, expiresAt.getTime() - Date.now() - marginMs));
      return accessToken;
    },
  });

  return {
    async worthOf(token, requestId) {
      try {
        return await kept.fetch(keyOf(token), { context: { token, requestId } });
      } catch (error) {
        if (error instanceof AppError && error.code === 'unauthenticated') return undefined;
        throw error;
      }
    },
  };
}

/** Whoever reads the memory of this process finds no token that is good for weeks. */
const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64');
