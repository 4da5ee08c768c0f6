import type { Language } from '@forecourt/dialects';
import type { SqlTx } from '@forecourt/messaging';
import { newUuid } from '@forecourt/service-kit';
import { type EndedCall, endedRows } from './calls.ts';
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
  readonly createdAt: Date;
  readonly notAfter: Date | null;
  readonly leaseEnds: Date;
  /** Calls about it of which nobody knows whether they sent it. */
  readonly doubts: number;
}

export interface Taking {
  readonly limit: number;
  readonly now: Date;
  readonly leaseEnds: Date;
}

/**
 * Takes due messages until `leaseEnds`: a worker that dies loses them to another one. The kinds that somebody waits for
 * are a queue of their own, with its own index; the two statements say what the two indexes say.
 */
export const takeAwaited = (db: SqlTx, { limit, now, leaseEnds }: Taking): PromiseLike<QueuedMessage[]> =>
  db.$queryRaw<QueuedMessage[]>`
    UPDATE message SET attempts = attempts + 1, taken_until = ${leaseEnds}::timestamptz
    WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM message WHERE status = 'queued' AND kind IN ('code', 'password_reset')
        AND next_attempt_at <= ${now}::timestamptz AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz)
      ORDER BY next_attempt_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, facts, channel, recipient, language, attempts, created_at AS "createdAt",
      not_after AS "notAfter", taken_until AS "leaseEnds", CASE WHEN attempts = 1 THEN 0 ELSE (
        SELECT count(*)::int FROM message_call AS call
        WHERE call.message_id = message.id AND (call.outcome = 'in_doubt' OR call.ended_at IS NULL)) END AS doubts`;

export const takeOthers = (db: SqlTx, { limit, now, leaseEnds }: Taking): PromiseLike<QueuedMessage[]> =>
  db.$queryRaw<QueuedMessage[]>`
    UPDATE message SET attempts = attempts + 1, taken_until = ${leaseEnds}::timestamptz
    WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM message WHERE status = 'queued' AND kind NOT IN ('code', 'password_reset')
        AND next_attempt_at <= ${now}::timestamptz AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz)
      ORDER BY next_attempt_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, facts, channel, recipient, language, attempts, created_at AS "createdAt",
      not_after AS "notAfter", taken_until AS "leaseEnds", CASE WHEN attempts = 1 THEN 0 ELSE (
        SELECT count(*)::int FROM message_call AS call
        WHERE call.message_id = message.id AND (call.outcome = 'in_doubt' OR call.ended_at IS NULL)) END AS doubts`;

/** Since when the oldest message of each queue is due that nobody has in hand. */
export async function oldestDue(
  db: Pick<SqlTx, '$queryRaw'>,
  now: Date,
): Promise<{ awaited: Date | null; others: Date | null }> {
  const [row] = await db.$queryRaw<{ awaited: Date | null; others: Date | null }[]>`
    SELECT (SELECT min(next_attempt_at) FROM message WHERE status = 'queued' AND kind IN ('code', 'password_reset')
              AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz)) AS awaited,
           (SELECT min(next_attempt_at) FROM message WHERE status = 'queued' AND kind NOT IN ('code', 'password_reset')
              AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz)) AS others`;
  return row ?? { awaited: null, others: null };
}

export type Outcome =
  | { readonly status: 'sent' | 'dropped' }
  | { readonly status: 'failed' | 'expired' | 'in_doubt' | 'undeliverable'; readonly error: string }
  | { readonly status: 'queued'; readonly error: string; readonly nextAttemptAt: Date }
  /** Given back: the lease is too short by now to begin with it. */
  | { readonly status: 'queued'; readonly untried: true; readonly nextAttemptAt: Date };

/** What became of one attempt at one message. */
export interface Attempted {
  readonly message: QueuedMessage;
  readonly outcome: Outcome;
  readonly at: Date;
  /** The last call about it; those before are noted. */
  readonly call: EndedCall | null;
}

/**
 * Each only for the attempt that it speaks of: a worker that overslept its lease does not overrule its successor. What its
 * call came to stays true.
 */
export async function recordOutcomes(db: Pick<SqlTx, '$executeRaw'>, attempted: readonly Attempted[]): Promise<void> {
  const rows = attempted.map(({ message: { id, attempts }, outcome: { status, ...rest }, at }) => ({
    id,
    attempts,
    status,
    sentAt: status === 'sent' ? at : null,
    ...rest,
  }));
  const calls = endedRows(attempted.flatMap(({ call }) => call ?? []));
  await db.$executeRaw`
    WITH call AS (
      UPDATE message_call SET ended_at = ended.at, outcome = ended.outcome, reference = ended.reference,
        error = ended.error
      FROM jsonb_to_recordset(${calls}::jsonb)
        AS ended (id uuid, at timestamptz, outcome text, reference text, error text)
      WHERE message_call.id = ended.id AND message_call.ended_at IS NULL)
    UPDATE message SET status = became.status, next_attempt_at = became."nextAttemptAt", sent_at = became."sentAt",
      taken_until = NULL, attempts = CASE WHEN untried THEN message.attempts - 1 ELSE message.attempts END,
      last_error = CASE WHEN untried THEN last_error ELSE became.error END
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS became (id text, attempts int, status text,
      "sentAt" timestamptz, "nextAttemptAt" timestamptz, error text, untried boolean)
    WHERE message.id = became.id AND message.attempts = became.attempts AND message.status = 'queued'`;
}

/** With the calls that were made about them. */
export const deleteOldMessages = async (db: Pick<SqlTx, '$queryRaw'>, before: Date, limit: number): Promise<number> => {
  const [deleted] = await db.$queryRaw<{ count: number }[]>`
    WITH gone AS (
      DELETE FROM message WHERE id IN (
        SELECT id FROM message WHERE created_at < ${before}::timestamptz AND status <> 'queued'
        LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)
      RETURNING id),
    calls AS (DELETE FROM message_call WHERE message_id IN (SELECT id FROM gone))
    SELECT count(*)::int AS count FROM gone`;
  return deleted?.count ?? 0;
};

/** The last message to somebody who was erased names them until it is sent, and no longer. */
export const deleteFarewells = async (db: Pick<SqlTx, '$executeRaw'>): Promise<number> =>
  db.$executeRaw`
    WITH gone AS (
      DELETE FROM message WHERE kind = 'account_erased' AND status <> 'queued' RETURNING id)
    DELETE FROM message_call WHERE message_id IN (SELECT id FROM gone)`;
