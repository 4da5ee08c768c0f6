import type { Language } from '@forecourt/dialects';
import type { SqlTx } from '@forecourt/messaging';
import { newUuid } from '@forecourt/service-kit';
import type { Channel, MessageFacts, MessageKind } from './message.ts';

/** A message whose facts are complete, or, for a reset, are made when it is sent. */
export type NewMessage = {
  [Kind in MessageKind]: {
    readonly kind: Kind;
    readonly facts: Kind extends 'password_reset' ? Record<string, never> : MessageFacts[Kind];
  };
}[MessageKind] & {
  readonly channel: Channel;
  readonly recipient: string;
  readonly language: Language;
  /** The same key twice is one message. */
  readonly dedupeKey: string;
  readonly now: Date;
};

/** One INSERT in your transaction; a worker sends it once that has committed. */
export async function queueMessage(tx: Pick<SqlTx, '$executeRaw'>, m: NewMessage): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO message (id, kind, facts, channel, recipient, language, status, next_attempt_at, created_at, dedupe_key)
    VALUES (${newUuid(m.now)}, ${m.kind}, ${JSON.stringify(m.facts)}::jsonb, ${m.channel}, ${m.recipient}, ${m.language}, 'queued',
            ${m.now}::timestamptz, ${m.now}::timestamptz, ${m.dedupeKey})
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
}

/** Takes due messages for as long as `leaseEnds`: a worker that dies loses them to another one. */
export const takeDue = (db: SqlTx, limit: number, now: Date, leaseEnds: Date): PromiseLike<QueuedMessage[]> =>
  db.$queryRaw<QueuedMessage[]>`
    UPDATE message SET attempts = attempts + 1, next_attempt_at = ${leaseEnds}::timestamptz
    WHERE id IN (
      SELECT id FROM message WHERE status = 'queued' AND next_attempt_at <= ${now}::timestamptz
      ORDER BY next_attempt_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, facts, channel, recipient, language, attempts`;

export type Outcome =
  | { readonly status: 'sent' | 'dropped' }
  | { readonly status: 'failed' | 'undeliverable'; readonly error: string }
  | { readonly status: 'queued'; readonly error: string; readonly nextAttemptAt: Date };

/** Only for the attempt that it speaks of: a worker that overslept its lease does not overrule its successor. */
export async function recordOutcome(
  db: SqlTx,
  { id, attempts }: QueuedMessage,
  outcome: Outcome,
  now: Date,
): Promise<void> {
  await db.$executeRaw`
    UPDATE message SET status = ${outcome.status},
           next_attempt_at = ${'nextAttemptAt' in outcome ? outcome.nextAttemptAt : null}::timestamptz,
           last_error = ${'error' in outcome ? outcome.error : null}::text,
           sent_at = ${outcome.status === 'sent' ? now : null}::timestamptz
    WHERE id = ${id} AND attempts = ${attempts}::int AND status = 'queued'`;
}

export const deleteOldMessages = async (db: Pick<SqlTx, '$executeRaw'>, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    DELETE FROM message WHERE id IN (
      SELECT id FROM message WHERE created_at < ${before}::timestamptz AND status <> 'queued'
      LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;
