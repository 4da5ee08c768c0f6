import type { Account } from '../seed/accounts.ts';
import { both, type Flow, type Places } from './flow.ts';

export const accountNames = ['login', 'refresh'] as const;

const json = { 'content-type': 'application/json' };

/** One at a time: identity hashes only so many at once on purpose, and what is compared is the work beside the hash. */
export function loginFlow(places: Places, accounts: readonly Account[]): Flow {
  return {
    name: 'login',
    connections: 1,
    ...both(places, {
      expectedStatus: 201,
      request: (n) => {
        const { login, password } = accounts[n % accounts.length] as Account;
        return {
          method: 'POST',
          path: '/auth/login',
          headers: json,
          body: JSON.stringify({ login, password, clientId: 'bench' }),
        };
      },
    }),
  };
}

/** Every connection spends the token that its last answer brought. */
export function refreshFlow(
  { yardstick, ours }: Places,
  tokens: { yardstick: readonly string[]; ours: readonly string[] },
): Flow {
  const chains = (first: readonly string[]) => {
    const held = [...first];
    return {
      expectedStatus: 201,
      request: (_n: number, connection: number) => ({
        method: 'POST' as const,
        path: '/auth/refresh',
        headers: json,
        body: JSON.stringify({ refreshToken: held[connection] }),
      }),
      answered: (body: string, connection: number) => {
        held[connection] = (JSON.parse(body) as { refreshToken: string }).refreshToken;
      },
    };
  };
  return {
    name: 'refresh',
    yardstick: { place: yardstick, visitors: chains(tokens.yardstick) },
    ours: { place: ours, visitors: chains(tokens.ours) },
  };
}
