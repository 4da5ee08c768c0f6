import { LRUCache } from 'lru-cache';
import type { Deps } from '../deps.ts';
import { newTokenId, signAccessToken } from '../session/token.ts';
import { exchangedTokenSeconds, isWorthGiving } from './device.ts';
import type { SigningDevice } from './store.ts';

export interface ExchangedToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** The last token of each device, so that an app that asks ten things has one signed. Whoever asks has verified the device. */
export interface ExchangedTokens {
  tokenFor(device: Pick<SigningDevice, 'sessionId' | 'customerId' | 'roles'>, now: Date): Promise<ExchangedToken>;
}

const remembered = 10_000;

export function createExchangedTokens({ keyRing, tokenRules }: Pick<Deps, 'keyRing' | 'tokenRules'>): ExchangedTokens {
  const last = new LRUCache<string, ExchangedToken>({ max: remembered });

  const sign = async (device: Parameters<ExchangedTokens['tokenFor']>[0], now: Date): Promise<ExchangedToken> => {
    const { customerId, sessionId, roles } = device;
    const lifetimeSeconds = Math.min(tokenRules.lifetimeSeconds, exchangedTokenSeconds);
    const facts = {
      ...tokenRules,
      lifetimeSeconds,
      customerId,
      sessionId,
      roles,
      issuedAt: now,
      tokenId: newTokenId(),
    };
    const accessToken = await signAccessToken(await keyRing.current(), facts);
    return { accessToken, expiresAt: new Date((Math.floor(now.getTime() / 1000) + lifetimeSeconds) * 1000) };
  };

  return {
    async tokenFor(device, now) {
      // A role that was given or taken shows in the next token.
      const key = [device.sessionId, ...device.roles].join(' ');
      const known = last.get(key);
      if (known && isWorthGiving(known.expiresAt, now)) return known;
      const token = await sign(device, now);
      last.set(key, token);
      return token;
    },
  };
}
