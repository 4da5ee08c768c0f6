import type { SqlTx } from '@forecourt/messaging';
import type { KnownCredential } from './broker.ts';

export interface NewCredential {
  readonly id: string;
  readonly sessionId: string;
  readonly customerId: string;
  readonly passwordHash: Buffer;
  /** For a customer who has none yet. */
  readonly newTopic: string;
  readonly now: Date;
  readonly expiresAt: Date;
  /** Older ones of the session than the newest so many are worth nothing any more. */
  readonly kept: number;
}

/** Stores it, and gives the customer's topic. */
export async function insertCredential(tx: Pick<SqlTx, '$queryRaw'>, c: NewCredential): Promise<string> {
  const [row] = await tx.$queryRaw<{ topic: string }[]>`
    WITH outdated AS (
      DELETE FROM broker_credential WHERE id IN (
        SELECT id FROM broker_credential WHERE session_id = ${c.sessionId}
        ORDER BY created_at DESC, id DESC OFFSET ${c.kept - 1}::int)),
    made AS (
      INSERT INTO broker_credential (id, session_id, password_hash, created_at, expires_at)
      VALUES (${c.id}, ${c.sessionId}, ${c.passwordHash}::bytea, ${c.now}::timestamptz, ${c.expiresAt}::timestamptz))
    INSERT INTO push_topic (customer_id, topic, created_at)
    VALUES (${c.customerId}, ${c.newTopic}, ${c.now}::timestamptz)
    ON CONFLICT (customer_id) DO UPDATE SET customer_id = excluded.customer_id
    RETURNING topic`;
  return (row as { topic: string }).topic;
}

/** By their ids; those that are nobody's are missing. */
export async function findCredentials(
  db: Pick<SqlTx, '$queryRaw'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, KnownCredential>> {
  const rows = await db.$queryRaw<(KnownCredential & { id: string })[]>`
    SELECT b.id, b.password_hash AS "passwordHash", b.session_id AS "sessionId", t.topic,
           LEAST(b.expires_at, s.expires_at) AS "expiresAt", s.ended_at IS NULL AND c.blocked_at IS NULL AS "isOpen"
    FROM broker_credential AS b JOIN session AS s ON s.id = b.session_id JOIN customer AS c ON c.id = s.customer_id
    JOIN push_topic AS t ON t.customer_id = c.id
    WHERE b.id = ANY (${ids}::text[])`;
  return new Map(rows.map(({ id, ...credential }) => [id, credential]));
}

/** Takes the credentials of ended sessions away, and notes that their connections are to end. */
export async function closeSessions(tx: Pick<SqlTx, '$executeRaw'>, sessionIds: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    WITH gone AS (DELETE FROM broker_credential WHERE session_id = ANY (${sessionIds}::text[]) RETURNING session_id)
    INSERT INTO broker_kick (session_id, requested_at)
    SELECT DISTINCT session_id, now() FROM gone ORDER BY session_id
    ON CONFLICT (session_id) DO NOTHING`;
}

export async function listKicks(db: Pick<SqlTx, '$queryRaw'>, limit: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ sessionId: string }[]>`
    SELECT session_id AS "sessionId" FROM broker_kick ORDER BY requested_at LIMIT ${limit}::int`;
  return rows.map(({ sessionId }) => sessionId);
}

export const deleteKicks = (db: Pick<SqlTx, '$executeRaw'>, sessionIds: readonly string[]): PromiseLike<number> =>
  db.$executeRaw`DELETE FROM broker_kick WHERE session_id = ANY (${sessionIds}::text[])`;

/** Those of the sessions whose apps may be connected. */
export async function openSessionsOf(
  db: Pick<SqlTx, '$queryRaw'>,
  sessionIds: readonly string[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT s.id FROM session AS s JOIN customer AS c ON c.id = s.customer_id
    WHERE s.id = ANY (${sessionIds}::text[]) AND s.ended_at IS NULL AND c.blocked_at IS NULL
      AND (s.expires_at IS NULL OR s.expires_at > ${now}::timestamptz)`;
  return new Set(rows.map(({ id }) => id));
}

export const deleteExpiredCredentials = async (
  db: Pick<SqlTx, '$executeRaw'>,
  now: Date,
  limit: number,
): Promise<number> =>
  db.$executeRaw`
    DELETE FROM broker_credential WHERE id IN (
      SELECT id FROM broker_credential WHERE expires_at < ${now}::timestamptz LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;

/** Noted where nobody looks after a broker. Whoever is connected all the same is found by looking at all of them. */
export const deleteOldKicks = (db: Pick<SqlTx, '$executeRaw'>): PromiseLike<number> =>
  db.$executeRaw`DELETE FROM broker_kick WHERE requested_at < now() - interval '1 day'`;
