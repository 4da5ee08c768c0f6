import type { SqlTx } from '@forecourt/messaging';

export interface Feedback {
  /** 1 to 5. */
  readonly score: number;
  readonly description: string;
}

/** A second one replaces the first. false: nothing of theirs that has begun has this id. */
export async function saveFeedback(
  tx: Pick<SqlTx, '$executeRaw'>,
  wish: Feedback & { sessionId: string; customerId: string; at: Date },
): Promise<boolean> {
  const saved = await tx.$executeRaw`
    INSERT INTO feedback (session_id, device_id, score, description, at)
    SELECT id, device_id, ${wish.score}::int2, ${wish.description}, ${wish.at}::timestamptz
      FROM session
     WHERE id = ${wish.sessionId} AND customer_id = ${wish.customerId} AND started_at IS NOT NULL AND state <> 'failed'
    ON CONFLICT (session_id) DO UPDATE
       SET score = excluded.score, description = excluded.description, at = excluded.at`;
  return saved > 0;
}

/** Of these purchases, those that somebody has said something about. */
export async function readFeedback(
  db: Pick<SqlTx, '$queryRaw'>,
  sessionIds: readonly string[],
): Promise<Map<string, Feedback>> {
  const rows = await db.$queryRaw<(Feedback & { sessionId: string })[]>`
    SELECT session_id AS "sessionId", score::int4 AS score, description
      FROM feedback WHERE session_id = ANY(${sessionIds}::text[])`;
  return new Map(rows.map(({ sessionId, ...feedback }) => [sessionId, feedback]));
}
