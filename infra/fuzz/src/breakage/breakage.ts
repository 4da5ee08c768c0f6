import type { Draft } from '../generate/draft.ts';
import type { Message } from '../wire/message.ts';

/** One way to break one part of a request. */
export interface Breakage {
  /** `body.items.0.price`, `query.limit`, `path.id`, `header.content-type`, `document`, `target`, `method` */
  readonly place: string;
  /** `number.infinity` */
  readonly kind: string;
  readonly onDraft?: (draft: Draft) => Draft;
  /** After the draft has been written: what cannot be said in its terms. */
  readonly onMessage?: (message: Message) => Message;
  /** It may lead to another route or to none, so that any dialect may answer, and in any way but a fault. */
  readonly elsewhere?: true;
  /** The server may hang up on it. */
  readonly mayHangUp?: true;
}
