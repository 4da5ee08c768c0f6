import type { Language } from '@forecourt/dialects';

export type Channel = 'email' | 'sms' | 'voice';

/** Everything that we ever write to anybody, and what each needs to be written. All of it is JSON: it waits in a row. */
export interface MessageFacts {
  password_reset: { readonly url: string };
  password_changed: Record<string, never>;
  email_changed: Record<string, never>;
  order_placed: {
    readonly number: string;
    readonly total: string;
    readonly currency: string;
    readonly items: readonly { readonly title: string; readonly quantity: number }[];
  };
  order_changed: { readonly number: string; readonly status: 'new' | 'processing' | 'done' | 'cancelled' };
}
export type MessageKind = keyof MessageFacts;

/** Facts that are only made while a message is sent, by its recipient; null: there is nothing to send after all. */
export type LateFacts = (
  recipient: string,
) => Promise<{ facts: MessageFacts['password_reset']; language: Language } | null>;

/** A text ready to go out. A subject says all there is to say in one sentence, and is the whole of an SMS. */
export interface Letter {
  readonly subject: string;
  readonly paragraphs: readonly string[];
}

const firstWaitSeconds = 10;
const longestWaitSeconds = 3600;
export const maxAttempts = 12;

/** Ten seconds, then twice as long each time up to an hour: about five hours in all. null: it is given up. */
export function nextAttempt(attempts: number, now: Date): Date | null {
  if (attempts >= maxAttempts) return null;
  const seconds = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (attempts - 1));
  return new Date(now.getTime() + seconds * 1000);
}

export const plainText = ({ subject, paragraphs }: Letter, channel: Channel): string =>
  channel === 'email' ? paragraphs.join('\n\n') : subject;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] as string);

export function htmlText({ subject, paragraphs }: Letter, language: Language): string {
  const asHtml = (paragraph: string) =>
    `<p>${escapeHtml(paragraph)
      .replaceAll('\n', '<br>')
      .replaceAll(/https?:\/\/[^\s<]+/g, '<a href="$&">$&</a>')}</p>`;
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>${paragraphs.map(asHtml).join('')}</body></html>`;
}
