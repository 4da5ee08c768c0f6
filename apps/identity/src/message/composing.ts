import type { Language } from '@forecourt/dialects';
import {
  type Channel,
  htmlText,
  type LateFactsByKind,
  type LateKind,
  type Letter,
  type MessageFacts,
  plainText,
  type RowFacts,
} from './message.ts';
import type { OutgoingMessage, Provider } from './provider.ts';
import type { QueuedMessage } from './store.ts';
import { write } from './words.ts';

type Text = Pick<OutgoingMessage, 'language' | 'subject' | 'text' | 'html'>;

/** What goes out by this provider. null: there is nothing to send after all. */
export async function compose(
  lateFacts: LateFactsByKind,
  message: QueuedMessage,
  provider: Provider,
): Promise<OutgoingMessage | null> {
  const text = await textOf(lateFacts, message, provider);
  const { id, channel, recipient, notAfter } = message;
  return text && { id, channel, recipient, notAfter, ...text };
}

async function textOf(lateFacts: LateFactsByKind, message: QueuedMessage, provider: Provider): Promise<Text | null> {
  const { kind, channel, facts } = message;
  if (kind in lateFacts) return lateText(lateFacts, kind as LateKind, message, provider);
  const language = spokenBy(provider, channel, message.language);
  // The facts of a row are what `queueMessage` took for its kind.
  return asText(write(kind, language, facts as MessageFacts[typeof kind]), channel, language);
}

async function lateText<Kind extends LateKind>(
  lateFacts: LateFactsByKind,
  kind: Kind,
  { recipient, facts, channel }: QueuedMessage,
  provider: Provider,
): Promise<Text | null> {
  const late = await lateFacts[kind]({ recipient, facts: facts as RowFacts[Kind] });
  if (!late) return null;
  const language = spokenBy(provider, channel, late.language);
  return asText(write(kind, language, late.facts), channel, language);
}

/** A voice that reads Georgian letters in English says nothing. */
const spokenBy = ({ speaks }: Provider, channel: Channel, language: Language): Language =>
  channel !== 'voice' || !speaks || speaks.has(language) ? language : 'en';

function asText(letter: Letter, channel: Channel, language: Language): Text {
  const email = channel === 'email';
  return {
    language,
    subject: email ? letter.subject : null,
    text: plainText(letter, channel),
    html: email ? htmlText(letter, language) : null,
  };
}

/**
 * A reason goes into the log and into a row. Mail servers repeat the address that they refuse, and could repeat what they
 * were sent; what Postgres cannot keep would keep those of other messages out, too.
 */
export function withoutPrivate(
  reason: string,
  { recipient, text }: Pick<OutgoingMessage, 'recipient' | 'text'>,
): string {
  return reason
    .replaceAll('\0', '')
    .toWellFormed()
    .replaceAll(recipient, '<recipient>')
    .replaceAll(recipient.replace('+', ''), '<recipient>')
    .replaceAll(/[\w~-]{4,}/g, (word) => (/\d/.test(word) && text.includes(word) ? '<hidden>' : word))
    .slice(0, 500);
}
