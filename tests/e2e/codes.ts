import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { expect } from 'vitest';
import { messagesTo, type SentMessage } from './mailbox.ts';
import { aPhone } from './people.ts';
import { type Answer, gateway, type HttpClient } from './storefront-client.ts';
import type { SignedIn } from './storefront-shapes.ts';

/** Of a voice message too, which says digit by digit. A year in some other news is none. */
export const codeIn = ({ text }: Pick<SentMessage, 'text'>): string | undefined =>
  /(?<=[:\n]\s*)\d{4,8}(?=[.\n])/.exec(text.replaceAll(/(?<=\d), (?=\d)/g, ''))?.[0];

/** All codes that this phone or address was sent, newest first. */
const codesTo = async (to: string, client: HttpClient = gateway): Promise<string[]> =>
  (await messagesTo(to, client)).flatMap((message) => codeIn(message) ?? []);

/** Waits until this many codes have come, and gives the newest. */
export const codeTo = (to: string, client: HttpClient = gateway, count = 1): Promise<string> =>
  until(
    async () => {
      const codes = await codesTo(to, client);
      return codes.length >= count ? codes[0] : undefined;
    },
    { timeoutMs: 15_000, message: `no code number ${count} to ${to}` },
  );

/** A code of the same form that is not this one. */
export const anotherCode = (code: string, by = 1): string => {
  const lowest = 10 ** (code.length - 1);
  return String(lowest + ((Number(code) - lowest + by) % (9 * lowest)));
};

export interface AskedCode {
  readonly phone: string;
  readonly clientId: string;
  readonly requestId: string;
}

/** Asks to sign in at the shop, as a browser of its own. */
export async function askForCode(client: HttpClient = gateway, phone = aPhone()): Promise<AskedCode> {
  const clientId = randomUUID();
  const { status, text, body } = await client.post<{ requestId: string }>('/auth/request-code', { phone, clientId });
  expect(status, text).toBe(201);
  return { phone, clientId, requestId: body.requestId };
}

export const enterCode = (
  { phone, clientId, requestId }: AskedCode,
  code: string,
  client: HttpClient = gateway,
): Promise<Answer<SignedIn>> => client.post('/auth/verify-code', { phone, clientId, requestId, code });
