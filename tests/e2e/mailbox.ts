import { until } from '@forecourt/testing';
import { gateway, type HttpClient } from './storefront-client.ts';

export interface SentMessage {
  id: string;
  channel: 'sms' | 'voice' | 'email';
  to: string;
  subject?: string;
  text: string;
  createdAt: string;
}

/** What this address or phone was told so far, newest first. */
export async function messagesTo(to: string, client: HttpClient = gateway): Promise<SentMessage[]> {
  const { body } = await client.get<{ items: SentMessage[] }>(`/dev/messages?to=${encodeURIComponent(to)}`);
  return body.items;
}

/** Waits for a message to `to` whose text says `what`. */
export const messageSaying = (to: string, what: string | RegExp, client: HttpClient = gateway): Promise<SentMessage> =>
  until(
    async () =>
      (await messagesTo(to, client)).find(({ text }) =>
        typeof what === 'string' ? text.includes(what) : what.test(text),
      ),
    { timeoutMs: 10_000, message: `no message to ${to} says ${what}` },
  );

const resetLink = /http:\/\/localhost:5173\/reset-password\?token=(eyJ[\w.-]+)/;

/** The tokens of the reset links in this mailbox, newest first. */
const resetTokensOf = async (email: string, client: HttpClient = gateway): Promise<string[]> =>
  (await messagesTo(email, client)).flatMap(({ text }) => resetLink.exec(text)?.[1] ?? []);

/** Asks for a reset, and reads the token out of the mail. */
export async function resetTokenFor(email: string, client: HttpClient = gateway): Promise<string> {
  const before = (await resetTokensOf(email, client)).length;
  await client.post('/auth/forgot-password', { email });
  return until(
    async () => {
      const tokens = await resetTokensOf(email, client);
      return tokens.length > before ? tokens[0] : undefined;
    },
    { timeoutMs: 10_000, message: `no reset mail to ${email}` },
  );
}
