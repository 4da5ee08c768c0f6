import { createHmac } from 'node:crypto';
import type { Account } from '../seed/accounts.ts';
import { deviceKey } from '../seed/devices.ts';
import { both, type Flow, type Places } from './flow.ts';

export const accountNames = ['login', 'refresh', 'signed request'] as const;

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

/** As shipped apps sign: each request by itself, with a date of now and a nonce that was never used. */
export function signedFlow(places: Places, customerNumbers: readonly string[]): Flow {
  let nonce = Date.now() * 1000;
  return {
    name: 'signed request',
    ...both(places, {
      expectedStatus: 200,
      request: (n) => {
        nonce += 1;
        const date = new Date().toUTCString();
        const digest = createHmac('sha256', deviceKey).update(`GET/me${date}${nonce}`).digest('base64');
        const id = customerNumbers[n % customerNumbers.length] as string;
        return { method: 'GET', path: '/me', headers: { date, authentication: `hmac ${id}:${nonce}:${digest}` } };
      },
    }),
  };
}
