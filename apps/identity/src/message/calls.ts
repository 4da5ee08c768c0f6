import type { SqlTx } from '@forecourt/messaging';
import type { Answer } from './provider.ts';
import type { QueuedMessage } from './store.ts';

export interface NewCall {
  readonly id: string;
  readonly message: Pick<QueuedMessage, 'id' | 'attempts'>;
  readonly provider: string;
  readonly at: Date;
}

/**
 * Writes calls down that are about to be made, and tells which may be: not those about a message that somebody else has
 * taken over. Once a row is there, whoever takes the message over knows of the call, and that its outcome is in doubt.
 */
export async function beginCalls(db: Pick<SqlTx, '$queryRaw'>, calls: readonly NewCall[]): Promise<readonly boolean[]> {
  const rows = calls.map(({ id, message, provider, at }) => ({
    id,
    message: message.id,
    attempts: message.attempts,
    provider,
    at,
  }));
  const begun = await db.$queryRaw<{ id: string }[]>`
    INSERT INTO message_call (id, message_id, provider, begun_at)
    SELECT call.id, call.message, call.provider, call.at
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS call (id uuid, message text, attempts int, provider text, at timestamptz)
    JOIN message ON message.id = call.message AND message.attempts = call.attempts AND message.status = 'queued'
    RETURNING id`;
  const ids = new Set(begun.map(({ id }) => id));
  return calls.map(({ id }) => ids.has(id));
}

export interface EndedCall {
  readonly id: string;
  readonly answer: Answer;
  readonly at: Date;
}

/** As JSON for a statement. */
export const endedRows = (calls: readonly EndedCall[]): string =>
  JSON.stringify(
    calls.map(({ id, answer, at }) => ({
      id,
      at,
      outcome: answer.outcome,
      reference: answer.outcome === 'taken' ? answer.reference : null,
      error: answer.outcome === 'taken' ? null : answer.reason,
    })),
  );

/** For calls that did not decide anything; those that did are noted with what became of the message. */
export async function endCalls(db: Pick<SqlTx, '$executeRaw'>, calls: readonly EndedCall[]): Promise<void> {
  await db.$executeRaw`
    UPDATE message_call SET ended_at = ended.at, outcome = ended.outcome, reference = ended.reference,
      error = ended.error
    FROM jsonb_to_recordset(${endedRows(calls)}::jsonb)
      AS ended (id uuid, at timestamptz, outcome text, reference text, error text)
    WHERE message_call.id = ended.id AND message_call.ended_at IS NULL`;
}

/** What whoever died with them in hand has left. */
export const closeLostCalls = (
  db: Pick<SqlTx, '$executeRaw'>,
  messageIds: readonly string[],
  at: Date,
): PromiseLike<number> =>
  db.$executeRaw`
    UPDATE message_call SET ended_at = ${at}::timestamptz, outcome = 'in_doubt',
      error = 'whoever made the call is gone'
    WHERE message_id = ANY (${[...messageIds]}::text[]) AND ended_at IS NULL`;
