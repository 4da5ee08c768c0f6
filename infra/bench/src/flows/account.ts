import type { Visitors } from '../load.ts';
import type { Account } from '../seed/accounts.ts';
import { hashesAtOnce } from '../seed/customers.ts';
import { both, type Flow, type Places } from './flow.ts';

export const accountNames = ['login', 'login, alone', 'refresh'] as const;

const json = { 'content-type': 'application/json' };

/**
 * Both sides hash as few passwords at once, and a few more people than that ask: while one password is hashed, what
 * another login does beside its hash goes on, as in a shop where more than one person signs in. And once with a single
 * person, who waits for one after the other.
 */
export function loginFlows(places: Places, accounts: readonly Account[]): Flow[] {
  const visitors: Visitors = {
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
  };
  return [
    { name: 'login', connections: hashesAtOnce + 3, ...both(places, visitors) },
    { name: 'login, alone', connections: 1, ...both(places, visitors) },
  ];
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
