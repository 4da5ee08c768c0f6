import type { CodeRequest } from '../seed/codes.ts';
import { both, type Flow, type Places } from './flow.ts';

export const codeNames = ['code request', 'code check'] as const;

const headers = { 'content-type': 'application/json' };

/** Each for a phone of its own: nobody may ask for a second code at once. */
export function codeRequestFlow(places: Places): Flow {
  let phones = 0;
  return {
    name: 'code request',
    ...both(places, {
      expectedStatus: 201,
      request: () => {
        phones += 1;
        const phone = `+38067${String(phones).padStart(7, '0')}`;
        const body = JSON.stringify({ phone, clientId: 'bench' });
        return { method: 'POST', path: '/auth/request-code', headers, body };
      },
    }),
  };
}

/** A wrong one for each of many requests in turn: what is compared is counting a try before the code is looked at. */
export function codeCheckFlow(places: Places, requests: readonly CodeRequest[]): Flow {
  return {
    name: 'code check',
    ...both(places, {
      expectedStatus: 400,
      request: (n) => ({
        method: 'POST',
        path: '/auth/verify-code',
        headers,
        body: JSON.stringify({ ...requests[n % requests.length], clientId: 'bench', code: 'wrong' }),
      }),
    }),
  };
}
