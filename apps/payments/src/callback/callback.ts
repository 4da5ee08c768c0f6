import { createHmac, timingSafeEqual } from 'node:crypto';

/** Where a provider tells that something happened to what it made under a number. Nobody but who was told can know it. */
export interface Callbacks {
  urlOf(number: string): string;
  isOurs(number: string, token: string): boolean;
}

export const callbackPath = '/payments/callback';

export function createCallbacks({ secret, publicUrl }: { secret: string; publicUrl: string }): Callbacks {
  const tokenOf = (number: string) => createHmac('sha256', secret).update(`callback ${number}`).digest('base64url');
  return {
    urlOf: (number) => `${publicUrl.replace(/\/$/, '')}${callbackPath}/${number}/${tokenOf(number)}`,
    isOurs: (number, token) => {
      const [expected, given] = [Buffer.from(tokenOf(number)), Buffer.from(token)];
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
  };
}
