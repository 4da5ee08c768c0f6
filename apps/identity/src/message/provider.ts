import type { Language } from '@forecourt/dialects';
import type { Channel } from './message.ts';

/** What a provider is given. */
export interface OutgoingMessage {
  /** The same for every call about one message. */
  readonly id: string;
  readonly channel: Channel;
  readonly recipient: string;
  /** Of the text. */
  readonly language: Language;
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
  /** From this on it is worth nothing; a provider that can is to drop it by then. */
  readonly notAfter: Date | null;
}

/** One call, and no other, has this id; once `signal` aborts, nobody waits for its answer any more. */
export interface Call {
  readonly id: string;
  readonly signal: AbortSignal;
}

/** What came of one call. A reason is for operators: it holds no address, text or secret. */
export type Answer =
  /** On its way, for good; with the provider's own name for it. */
  | { readonly outcome: 'taken'; readonly reference: string | null }
  /** Not by this provider, now or ever. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** The recipient told this provider to send them nothing more. */
  | { readonly outcome: 'unwanted'; readonly reason: string }
  /** Certainly not sent; perhaps another time. */
  | Later
  /** Nobody knows whether it was sent. */
  | { readonly outcome: 'in_doubt'; readonly reason: string };

interface Later {
  readonly outcome: 'later';
  readonly reason: string;
  /** The provider has said when. */
  readonly retryAfterSeconds?: number;
  /** It is about this recipient; the provider itself is well. */
  readonly healthy?: true;
}

export interface Provider {
  /** In metrics, logs and rows. */
  readonly name: string;
  /** How many messages it is given at once. */
  readonly atOnce: number;
  /** How long a call may take, if the message keeps that long. */
  readonly patienceSeconds: number;
  /** Languages that it can read aloud; without it, all. What it cannot is written in English. */
  readonly speaks?: ReadonlySet<Language>;
  send(message: OutgoingMessage, call: Call): Promise<Answer>;
  close(): void;
}

/** In order of preference. A channel without any: nothing is lost, its messages wait as undeliverable. */
export type Providers = Readonly<Partial<Record<Channel, readonly Provider[]>>>;
