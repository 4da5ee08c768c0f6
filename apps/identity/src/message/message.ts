import type { Language } from '@forecourt/dialects';
import type { Purpose } from '../code/code.ts';

export type Channel = 'email' | 'sms' | 'voice';

/** Everything that we ever write to anybody, and what each needs to be written. */
export interface MessageFacts {
  password_reset: { readonly url: string };
  code: { readonly code: string; readonly purpose: Purpose };
  password_changed: Record<string, never>;
  email_changed: Record<string, never>;
  phone_changed: Record<string, never>;
  /** Somebody has, of an account that was opened without a proof. */
  phone_proved: Record<string, never>;
  /** Somebody else has proved that it is theirs. */
  email_lost: Record<string, never>;
  phone_lost: Record<string, never>;
  account_erased: Record<string, never>;
  order_placed: {
    readonly number: string;
    readonly total: string;
    readonly currency: string;
    readonly items: readonly { readonly title: string; readonly quantity: number }[];
  };
  order_changed: { readonly number: string; readonly status: 'new' | 'processing' | 'done' | 'cancelled' };
  /** Of a subscription to a package, in three days. */
  subscription_renewal: {
    readonly title: string;
    readonly price: string;
    readonly currency: string;
    /** ISO 8601. */
    readonly renewsAt: string;
    /** By whose calendar that is a day. */
    readonly timeZone: string;
    /** The wallet has enough for it. */
    readonly covered: boolean;
  };
  subscription_inactive: { readonly title: string };
  subscription_active: { readonly title: string; readonly until: string; readonly timeZone: string };
  subscription_ended: { readonly title: string };
  /** It was confirmed by a code, and could not be done. */
  order_refused: { readonly title: string };
}
export type MessageKind = keyof MessageFacts;

/** What is secret is in no row: these are only written, from what their row holds, while they are sent. */
interface LateRows {
  password_reset: Record<string, never>;
  code: { readonly codeRequestId: string; readonly send: number };
}
export type LateKind = keyof LateRows;

/** What waits in a message's row, as JSON. */
export type RowFacts = Omit<MessageFacts, LateKind> & LateRows;

/** null: there is nothing to send after all. */
export type LateFacts<Kind extends LateKind> = (message: {
  readonly recipient: string;
  readonly facts: RowFacts[Kind];
}) => Promise<{ facts: MessageFacts[Kind]; language: Language } | null>;

export type LateFactsByKind = { readonly [Kind in LateKind]: LateFacts<Kind> };

/** A text ready to go out. A subject says all there is to say in one sentence. */
export interface Letter {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** The whole of an SMS; without it, the subject is. */
  readonly sms?: string;
  /** What is read aloud; without it, what an SMS would say. */
  readonly speech?: string;
}

export function plainText({ subject, paragraphs, sms = subject, speech = sms }: Letter, channel: Channel): string {
  if (channel === 'email') return paragraphs.join('\n\n');
  return channel === 'sms' ? sms : speech;
}

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
