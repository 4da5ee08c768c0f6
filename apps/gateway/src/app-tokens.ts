import { createHash } from 'node:crypto';
import { appTokenForm, exchangeToken } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { ask, type Nats } from '@forecourt/messaging';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { CountedRefusal } from './limits.ts';

export interface AppTokens {
  /** The access token to go on with; undefined: what the request bears is no app's token, or one that is worth nothing. */
  worthOf(request: FastifyRequest): Promise<string | undefined>;
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

const bearer = /^Bearer +(\S+) *$/i;

/**
 * What drivers' apps bear, exchanged for an access token that is kept for a while: their requests cost no question each.
 * A token that identity does not know goes on as it came, and is refused like any other by whoever verifies it. Services
 * hear of a session that has ended by themselves, so what is kept here outlives no revocation.
 */
export function createAppTokens(nats: () => Nats, countWrong: CountedRefusal): AppTokens {
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
    async worthOf(request) {
      const token = bearer.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined || !appTokenForm.test(token)) return undefined;
      try {
        return await kept.fetch(keyOf(token), { context: { token, requestId: request.id } });
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error;
        await countWrong(request);
        return undefined;
      }
    },
  };
}

/** Whoever reads the memory of this process finds no token that is good for weeks. */
const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64');
