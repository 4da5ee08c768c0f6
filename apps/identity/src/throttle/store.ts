import { AppError, type ErrorCode } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import type { Policy } from './throttle.ts';

export interface Attempt {
  readonly key: string;
  readonly policy: Policy;
  /** How much of what is free it takes; 1 when nothing is said. */
  readonly weight?: number;
  /** How this key refuses, when not as the others do. */
  readonly refusal?: ErrorCode;
}

/** A key after its attempt was counted. */
export interface Counted {
  readonly key: string;
  readonly attempts: number;
  /** When the next attempt may come; long ago when it need not wait. */
  readonly freeAt: Date;
}

/**
 * Counts an attempt on every key, in one statement, before it is known whether it will succeed: parallel guesses each
 * find the others counted. Refuses when one of the keys must wait; and whatever fails here refuses too.
 * In a transaction, a refusal takes back what other keys have counted; without one, they stay counted.
 */
export const takeAttempt = async (
  db: SqlTx,
  now: Date,
  attempts: readonly Attempt[],
  code?: ErrorCode,
): Promise<void> => void (await countAttempt(db, now, attempts, code));

/**
 * The same, and tells how the keys stand then.
 * A key that need not wait has been free for ever: who compares may have read the clock earlier, or have one that is
 * minutes behind that of whoever wrote. A window asks how many there were, so that a new limit is in force at once.
 */
export async function countAttempt(
  db: SqlTx,
  now: Date,
  attempts: readonly Attempt[],
  code: ErrorCode = 'too_many_attempts',
): Promise<readonly Counted[]> {
  // One order for everybody, so that two requests with the same keys never wait for one another.
  const rows = [...attempts].sort((a, b) => (a.key < b.key ? -1 : 1)).map(asRow);
  const counted = await db.$queryRaw<Counted[]>`
    WITH policy AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS row (key text, weight int, free int, memory interval, waits interval[])
    )
    INSERT INTO throttle AS t (key, attempts, free_at, forgotten_at)
    SELECT key, weight,
           CASE WHEN weight < free THEN 'epoch'::timestamptz
                ELSE ${now}::timestamptz + LEAST(memory, waits[1]) END,
           ${now}::timestamptz + memory
    FROM policy
    WHERE free > 0
    ON CONFLICT (key) DO UPDATE SET (attempts, free_at, forgotten_at) = (
      SELECT next.attempts,
             CASE WHEN next.attempts < free THEN 'epoch'::timestamptz
                  ELSE LEAST(next.forgotten_at,
                             ${now}::timestamptz + waits[LEAST(next.attempts - free + 1, cardinality(waits))]) END,
             next.forgotten_at
      FROM policy, LATERAL (SELECT t.forgotten_at <= ${now}::timestamptz AS afresh) AS count, LATERAL (
        SELECT CASE WHEN afresh THEN weight ELSE t.attempts + weight END AS attempts,
               CASE WHEN afresh OR waits IS NOT NULL THEN ${now}::timestamptz + memory
                    ELSE t.forgotten_at END AS forgotten_at
      ) AS next
      WHERE policy.key = t.key)
    WHERE t.forgotten_at <= ${now}::timestamptz OR (
      SELECT CASE WHEN waits IS NULL THEN t.attempts < free ELSE t.free_at <= ${now}::timestamptz END
      FROM policy WHERE policy.key = t.key)
    RETURNING key, attempts, free_at AS "freeAt"`;
  if (counted.length === rows.length) return counted;

  const passed = new Set(counted.map(({ key }) => key));
  const refused = attempts.filter(({ key }) => !passed.has(key));
  const refusal = refused.find((attempt) => attempt.refusal !== undefined)?.refusal ?? code;
  throw new AppError(refusal, 'Too many attempts.', { retryAfterSeconds: await waitOf(db, now, refused.map(asRow)) });
}

/** A window is over when all in it is forgotten; the others say themselves when they are free. */
async function waitOf(db: SqlTx, now: Date, rows: readonly ReturnType<typeof asRow>[]): Promise<number> {
  const [wait] = await db.$queryRaw<{ freeAt: Date | null }[]>`
    SELECT max(CASE WHEN waits IS NULL THEN forgotten_at ELSE free_at END) AS "freeAt"
    FROM throttle JOIN jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS row (key text, waits interval[]) USING (key)`;
  return Math.max(1, Math.ceil(((wait?.freeAt?.getTime() ?? 0) - now.getTime()) / 1000));
}

const asRow = ({ key, policy, weight = 1 }: Attempt) => ({
  key,
  weight,
  free: policy.free,
  memory: `${policy.memorySeconds} s`,
  waits: 'waitsSeconds' in policy ? policy.waitsSeconds.map((seconds) => `${seconds} s`) : null,
});

/** How much of what is free has been taken. */
export async function countOf(db: SqlTx, key: string, now: Date): Promise<number> {
  const [row] = await db.$queryRaw<{ attempts: number }[]>`
    SELECT attempts FROM throttle WHERE key = ${key}::text AND forgotten_at > ${now}::timestamptz`;
  return row?.attempts ?? 0;
}

/** A proof of who it is clears the account's count. */
export async function forgetAttempts(db: Pick<SqlTx, '$executeRaw'>, keys: readonly string[]): Promise<void> {
  await db.$executeRaw`DELETE FROM throttle WHERE key = ANY (${keys}::text[])`;
}

/** One that was counted in a window and turned out to be none of those that it is for. */
export async function giveBackAttempt(db: Pick<SqlTx, '$executeRaw'>, key: string): Promise<void> {
  await db.$executeRaw`UPDATE throttle SET attempts = attempts - 1 WHERE key = ${key}::text AND attempts > 0`;
}

export const deleteForgottenAttempts = async (
  db: Pick<SqlTx, '$executeRaw'>,
  now: Date,
  limit: number,
): Promise<number> =>
  db.$executeRaw`
    DELETE FROM throttle WHERE key IN (
      SELECT key FROM throttle WHERE forgotten_at <= ${now}::timestamptz LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;
