import { randomBytes } from 'node:crypto';
import type { Switches } from './switches.ts';

export interface Tokens {
  /** As the API answers it. */
  issue(switches: Switches): Record<string, unknown>;
  isAccess(token: string): boolean;
  isRefresh(token: string): boolean;
  /** All of them end now, as when QPay forgets them. */
  forget(): void;
}

/** Kept in memory: after a restart everybody signs in again. */
export function createTokens(now: () => Date): Tokens {
  const ends = { access: new Map<string, number>(), refresh: new Map<string, number>() };
  const seconds = () => Math.floor(now().getTime() / 1000);
  const make = (kind: keyof typeof ends, endsAt: number) => {
    const token = randomBytes(32).toString('base64url');
    ends[kind].set(token, endsAt);
    return token;
  };
  const lives = (kind: keyof typeof ends, token: string) => (ends[kind].get(token) ?? 0) > seconds();

  return {
    issue({ tokenSeconds, expiresIn }) {
      const endsAt = seconds() + tokenSeconds;
      const refreshEndsAt = endsAt + tokenSeconds;
      const told = (second: number) => (expiresIn === 'absolute' ? second : second - seconds());
      return {
        token_type: 'bearer',
        refresh_expires_in: told(refreshEndsAt),
        refresh_token: make('refresh', refreshEndsAt),
        access_token: make('access', endsAt),
        expires_in: told(endsAt),
        scope: 'get_token',
        'not-before-policy': '0',
        session_state: 'sandbox',
      };
    },
    isAccess: (token) => lives('access', token),
    isRefresh: (token) => lives('refresh', token),
    forget() {
      ends.access.clear();
      ends.refresh.clear();
    },
  };
}
