import { createHmac } from 'node:crypto';
import type { Visitors } from '../load.ts';
import type { Account } from '../seed/accounts.ts';
import { hashesAtOnce } from '../seed/customers.ts';
import { deviceKey } from '../seed/devices.ts';
import { both, type Flow, type Places } from './flow.ts';

export const accountNames = ['login', 'login, alone', 'refresh', 'signed request'] as const;

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
