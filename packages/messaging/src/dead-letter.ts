import type { PlainHeaders } from './headers.ts';
import type { SqlTx } from './sql-tx.ts';

/**
 * `unreadable`: not what the contract promises. `refused`: the handler says that it can never work. `out_of_tries`: it
 * failed, or took its process down, too often. `unpublishable`: the stream can never take it.
 */
export type DeathCause = 'unreadable' | 'refused' | 'out_of_tries' | 'unpublishable';

export interface DeadLetter {
  readonly consumer: string;
  readonly messageId: string;
  readonly subject: string;
  readonly headers: PlainHeaders;
  readonly payload: Uint8Array;
  readonly reason: DeathCause;
  readonly error: string;
  readonly deliveries: number;
}

/** Once a consumer and message, however often it dies. One that dies again after a replay may be replayed again. */
export async function bury(tx: Pick<SqlTx, '$executeRaw'>, letter: DeadLetter): Promise<void> {
  const headers = JSON.stringify(letter.headers).replaceAll('\\u0000', '');
  const payload = Buffer.from(letter.payload).toString('base64');
  await tx.$executeRaw`
    INSERT INTO dead_letter (consumer, message_id, subject, headers, payload, reason, error, deliveries)
    VALUES (${letter.consumer}::text, ${letter.messageId}::text, ${letter.subject}::text, ${headers}::jsonb,
            decode(${payload}::text, 'base64'), ${letter.reason}::text, ${storable(letter.error)}::text, ${letter.deliveries}::int)
    ON CONFLICT (consumer, message_id) DO UPDATE
      SET reason = excluded.reason, error = excluded.error, deliveries = excluded.deliveries, last_at = now()`;
}

export interface RequestedReplay {
  readonly id: string;
  readonly consumer: string;
  readonly messageId: string;
  readonly subject: string;
  readonly headers: PlainHeaders;
  readonly payload: Uint8Array;
}

/** Locks the oldest letter of these consumers that somebody asked to have replayed, and that nobody else has in hand. */
export async function takeRequestedReplay(tx: SqlTx, consumers: readonly string[]): Promise<RequestedReplay | null> {
  const [row] = await tx.$queryRaw<
    { id: string; consumer: string; message_id: string; subject: string; headers: string; payload: string }[]
  >`SELECT id::text AS id, consumer, message_id, subject, headers::text AS headers, encode(payload, 'base64') AS payload
    FROM dead_letter
    WHERE replay_requested_at IS NOT NULL AND consumer IN (SELECT jsonb_array_elements_text(${JSON.stringify(consumers)}::jsonb))
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`;
  if (row === undefined) return null;
  return {
    id: row.id,
    consumer: row.consumer,
    messageId: row.message_id,
    subject: row.subject,
    headers: JSON.parse(row.headers) as PlainHeaders,
    payload: Buffer.from(row.payload, 'base64'),
  };
}

export async function markReplayed(tx: Pick<SqlTx, '$executeRaw'>, id: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE dead_letter SET replay_requested_at = NULL, replayed_at = now() WHERE id = ${id}::bigint`;
}

export async function markReplayFailed(tx: Pick<SqlTx, '$executeRaw'>, id: string, error: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE dead_letter
    SET replay_requested_at = NULL, error = ${storable(error)}::text, deliveries = deliveries + 1, last_at = now()
    WHERE id = ${id}::bigint`;
}

const longestError = 4000;

export const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);

/** Postgres takes no NUL in text. */
const storable = (text: string) => text.replaceAll('\0', '').toWellFormed().slice(0, longestError);
