import type { Language } from '@forecourt/dialects';
import type { SqlTx } from '@forecourt/messaging';
import { newUuid } from '@forecourt/service-kit';
import type { Channel, MessageKind, RowFacts } from './message.ts';

export type NewMessage = {
  [Kind in MessageKind]: { readonly kind: Kind; readonly facts: RowFacts[Kind] };
}[MessageKind] & {
  readonly channel: Channel;
  readonly recipient: string;
  readonly language: Language;
  /** The same key twice is one message. */
  readonly dedupeKey: string;
  readonly now: Date;
  /** From this on it is not sent any more. */
  readonly notAfter?: Date;
};

export const queueMessage = (tx: Pick<SqlTx, '$executeRaw'>, message: NewMessage): Promise<void> =>
  queueMessages(tx, [message]);

/**
 * One INSERT in your transaction; a worker sends them once that has committed. In the order of their keys, so that two
 * who write the same wait in a line and not in a circle.
 */
export async function queueMessages(tx: Pick<SqlTx, '$executeRaw'>, messages: readonly NewMessage[]): Promise<void> {
  const rows = JSON.stringify(messages.map((message) => ({ id: newUuid(message.now), ...message })));
  await tx.$executeRaw`
    INSERT INTO message (id, kind, facts, channel, recipient, language, status, next_attempt_at, not_after, created_at,
                         dedupe_key)
    SELECT id, kind, facts, channel, recipient, language, 'queued', now, "notAfter", now, "dedupeKey"
    FROM jsonb_to_recordset(${rows}::jsonb) AS row (id text, kind text, facts jsonb, channel text, recipient text,
      language text, now timestamptz, "notAfter" timestamptz, "dedupeKey" text)
    ORDER BY "dedupeKey"
    ON CONFLICT (dedupe_key) DO NOTHING`;
}

export interface QueuedMessage {
  readonly id: string;
  readonly kind: MessageKind;
  readonly facts: unknown;
  readonly channel: Channel;
  readonly recipient: string;
  readonly language: Language;
  /** This one counted. */
  readonly attempts: number;
  readonly notAfter: Date | null;
}

/** Takes due messages until `leaseEnds`: a worker that dies loses them to another one. */
export const takeDue = (db: SqlTx, limit: number, now: Date, leaseEnds: Date): PromiseLike<QueuedMessage[]> =>
  db.$queryRaw<QueuedMessage[]>`
    UPDATE message SET attempts = attempts + 1, taken_until = ${leaseEnds}::timestamptz
    WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM message WHERE status = 'queued' AND next_attempt_at <= ${now}::timestamptz
        AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz)
      ORDER BY next_attempt_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, facts, channel, recipient, language, attempts, not_after AS "notAfter"`;

export type Outcome =
  | { readonly status: 'sent' | 'dropped' }
  | { readonly status: 'failed' | 'expired' | 'undeliverable'; readonly error: string }
  | { readonly status: 'queued'; readonly error: string; readonly nextAttemptAt: Date }
  /** Given back: the lease is too short by now to begin with it. */
  | { readonly status: 'queued'; readonly untried: true; readonly nextAttemptAt: Date };

/** What became of one attempt at one message. */
export interface Attempted {
  readonly message: QueuedMessage;
  readonly outcome: Outcome;
  readonly at: Date;
}

/** Each only for the attempt that it speaks of: a worker that overslept its lease does not overrule its successor. */
export async function recordOutcomes(db: Pick<SqlTx, '$executeRaw'>, attempted: readonly Attempted[]): Promise<void> {
  const rows = attempted.map(({ message: { id, attempts }, outcome: { status, ...rest }, at }) => ({
    id,
    attempts,
    status,
    sentAt: status === 'sent' ? at : null,
    ...rest,
  }));
  await db.$executeRaw`
    UPDATE message SET status = became.status, next_attempt_at = became."nextAttemptAt", sent_at = became."sentAt",
      taken_until = NULL, attempts = CASE WHEN untried THEN message.attempts - 1 ELSE message.attempts END,
      last_error = CASE WHEN untried THEN last_error ELSE error END
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS became (id text, attempts int, status text,
      "sentAt" timestamptz, "nextAttemptAt" timestamptz, error text, untried boolean)
    WHERE message.id = became.id AND message.attempts = became.attempts AND message.status = 'queued'`;
}

export const deleteOldMessages = async (db: Pick<SqlTx, '$executeRaw'>, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    DELETE FROM message WHERE id IN (
      SELECT id FROM message WHERE created_at < ${before}::timestamptz AND status <> 'queued'
      LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;
