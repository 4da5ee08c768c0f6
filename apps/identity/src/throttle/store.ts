import { AppError, type ErrorCode } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import type { Policy } from './throttle.ts';

export interface Attempt {
  readonly key: string;
  readonly policy: Policy;
}

/**
 * Counts an attempt on every key, in one statement, before it is known whether it will succeed: parallel guesses each
 * find the others counted. Refuses when one of the keys must wait; and whatever fails here refuses too.
 * A key that need not wait has been free for ever: who compares may have read the clock earlier, or have one that is
 * minutes behind that of whoever wrote.
 */
export async function takeAttempt(
  db: SqlTx,
  now: Date,
  attempts: readonly Attempt[],
  code: ErrorCode = 'too_many_attempts',
): Promise<void> {
  // One order for everybody, so that two requests with the same keys never wait for one another.
  const rows = [...attempts].sort((a, b) => (a.key < b.key ? -1 : 1)).map(asRow);
  const taken = await db.$queryRaw<{ key: string }[]>`
    WITH policy AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS row (key text, free int, memory interval, wait interval, longest interval, slides boolean)
    )
    INSERT INTO throttle AS t (key, attempts, free_at, forgotten_at)
    SELECT key, 1, CASE WHEN free > 1 THEN 'epoch'::timestamptz ELSE ${now}::timestamptz + wait END,
           ${now}::timestamptz + memory
    FROM policy
    ON CONFLICT (key) DO UPDATE SET (attempts, free_at, forgotten_at) = (
      SELECT next.attempts,
             CASE WHEN next.attempts < free THEN 'epoch'::timestamptz
                  ELSE LEAST(next.forgotten_at,
                             ${now}::timestamptz + LEAST(longest, wait * 2.0 ^ LEAST(next.attempts - free, 20))) END,
             next.forgotten_at
      FROM policy, LATERAL (SELECT t.forgotten_at <= ${now}::timestamptz AS afresh) AS count, LATERAL (
        SELECT CASE WHEN afresh THEN 1 ELSE t.attempts + 1 END AS attempts,
               CASE WHEN afresh OR slides THEN ${now}::timestamptz + memory ELSE t.forgotten_at END AS forgotten_at
      ) AS next
      WHERE policy.key = t.key)
    WHERE t.free_at <= ${now}::timestamptz OR t.forgotten_at <= ${now}::timestamptz
    RETURNING key`;
  if (taken.length === rows.length) return;
  throw new AppError(code, 'Too many attempts.', { retryAfterSeconds: await waitOf(db, now, rows) });
}

async function waitOf(db: SqlTx, now: Date, rows: readonly { key: string }[]): Promise<number> {
  const [wait] = await db.$queryRaw<{ freeAt: Date | null }[]>`
    SELECT max(free_at) AS "freeAt" FROM throttle WHERE key = ANY (${rows.map(({ key }) => key)}::text[])`;
  return Math.max(1, Math.ceil(((wait?.freeAt?.getTime() ?? 0) - now.getTime()) / 1000));
}

function asRow({ key, policy }: Attempt) {
  const waits = 'firstWaitSeconds' in policy;
  return {
    key,
    free: policy.free,
    memory: `${policy.memorySeconds} s`,
    wait: `${waits ? policy.firstWaitSeconds : policy.memorySeconds} s`,
    longest: `${waits ? policy.longestWaitSeconds : policy.memorySeconds} s`,
    slides: waits,
  };
}

/** A proof of who it is clears the account's count. */
export async function forgetAttempts(db: Pick<SqlTx, '$executeRaw'>, keys: readonly string[]): Promise<void> {
  await db.$executeRaw`DELETE FROM throttle WHERE key = ANY (${keys}::text[])`;
}

export const deleteForgottenAttempts = async (
  db: Pick<SqlTx, '$executeRaw'>,
  now: Date,
  limit: number,
): Promise<number> =>
  db.$executeRaw`
    DELETE FROM throttle WHERE key IN (
      SELECT key FROM throttle WHERE forgotten_at <= ${now}::timestamptz LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;
