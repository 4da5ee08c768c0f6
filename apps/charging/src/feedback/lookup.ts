import type { SqlTx } from '@forecourt/messaging';
import type { Feedback } from './store.ts';

export interface FeedbackFilter {
  readonly deviceId: string | null;
  readonly score: number | null;
  readonly from: Date | null;
  /** Not included. */
  readonly to: Date | null;
}

export interface GivenFeedback extends Feedback {
  readonly sessionId: string;
  readonly deviceId: string;
  readonly deviceNumber: string;
  readonly customerId: string | null;
  readonly at: Date;
}

/** The newest purchase first. */
export const listFeedback = (
  db: Pick<SqlTx, '$queryRaw'>,
  { deviceId, score, from, to, after, limit }: FeedbackFilter & { after: string | null; limit: number },
): PromiseLike<GivenFeedback[]> =>
  db.$queryRaw<GivenFeedback[]>`
    SELECT session_id AS "sessionId", feedback.device_id AS "deviceId", device_number AS "deviceNumber",
           customer_id AS "customerId", score::int4 AS score, description, at
      FROM feedback JOIN session ON session.id = session_id
     WHERE (${deviceId}::text IS NULL OR feedback.device_id = ${deviceId}::text)
       AND (${score}::int4 IS NULL OR score = ${score}::int4)
       AND (${from}::timestamptz IS NULL OR at >= ${from}::timestamptz)
       AND (${to}::timestamptz IS NULL OR at < ${to}::timestamptz)
       AND (${after}::text IS NULL OR session_id < ${after}::text)
     ORDER BY session_id DESC LIMIT ${limit}::int4`;

/** How often each score was given. */
export async function countScores(
  db: Pick<SqlTx, '$queryRaw'>,
  { deviceId, score, from, to }: FeedbackFilter,
): Promise<Map<number, number>> {
  const rows = await db.$queryRaw<{ score: number; count: number }[]>`
    SELECT score::int4 AS score, count(*)::int4 AS count FROM feedback
     WHERE (${deviceId}::text IS NULL OR device_id = ${deviceId}::text)
       AND (${score}::int4 IS NULL OR score = ${score}::int4)
       AND (${from}::timestamptz IS NULL OR at >= ${from}::timestamptz)
       AND (${to}::timestamptz IS NULL OR at < ${to}::timestamptz)
     GROUP BY score`;
  return new Map(rows.map(({ score, count }) => [score, count]));
}
