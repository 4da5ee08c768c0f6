import { LRUCache } from 'lru-cache';
import type { Deps } from '../deps.ts';
import type { SessionOwner } from './store.ts';
import { newTokenId, signAccessToken } from './token.ts';

export interface ExchangedToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** The last token of each app, so that one that asks ten things has one signed. Whoever asks has verified the session. */
export interface ExchangedTokens {
  tokenFor(session: SessionOwner, now: Date): Promise<ExchangedToken>;
}

const lifetimeSeconds = 60;
const remembered = 10_000;

/** A token is given again for half its life, so that whoever gets it has time to use it. */
const isWorthGiving = (expiresAt: Date, now: Date): boolean =>
  expiresAt.getTime() - now.getTime() >= (lifetimeSeconds * 1000) / 2;

export function createExchangedTokens({ keyRing, tokenRules }: Pick<Deps, 'keyRing' | 'tokenRules'>): ExchangedTokens {
  const last = new LRUCache<string, ExchangedToken>({ max: remembered });

  const sign = async ({ customerId, sessionId, roles }: SessionOwner, now: Date): Promise<ExchangedToken> => {
    const seconds = Math.min(tokenRules.lifetimeSeconds, lifetimeSeconds);
    const facts = {
      ...tokenRules,
      lifetimeSeconds: seconds,
      customerId,
      sessionId,
      roles,
      issuedAt: now,
      tokenId: newTokenId(),
    };
    const accessToken = await signAccessToken(await keyRing.current(), facts);
    return { accessToken, expiresAt: new Date((Math.floor(now.getTime() / 1000) + seconds) * 1000) };
  };

  return {
    async tokenFor(session, now) {
      // A role that was given or taken shows in the next token.
      const key = [session.sessionId, ...session.roles].join(' ');
      const known = last.get(key);
      if (known && isWorthGiving(known.expiresAt, now)) return known;
      const token = await sign(session, now);
      last.set(key, token);
      return token;
    },
  };
}
