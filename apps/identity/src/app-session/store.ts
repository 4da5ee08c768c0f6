import type { SqlTx } from '@forecourt/messaging';
import type { Visit } from '../session/session.ts';

export interface NewAppSession {
  readonly sessionId: string;
  readonly customerId: string;
  readonly visit: Visit;
  readonly tokenHash: Buffer;
  readonly openedAt: Date;
  readonly expiresAt: Date;
}

export async function insertAppSession(tx: Pick<SqlTx, '$executeRaw'>, s: NewAppSession): Promise<void> {
  await tx.$executeRaw`
    WITH opened AS (
      INSERT INTO session (id, customer_id, client_id, created_at, last_used_at, expires_at, user_agent, address)
      VALUES (${s.sessionId}, ${s.customerId}, ${s.visit.clientId}, ${s.openedAt}::timestamptz,
              ${s.openedAt}::timestamptz, ${s.expiresAt}::timestamptz, ${s.visit.userAgent}, ${s.visit.address})
      RETURNING id)
    INSERT INTO app_token (hash, session_id, created_at, expires_at)
    SELECT ${s.tokenHash}::bytea, id, ${s.openedAt}::timestamptz, ${s.expiresAt}::timestamptz FROM opened`;
}

export interface Renewal {
  readonly sessionId: string;
  readonly customerId: string;
  readonly tokenHash: Buffer;
  readonly now: Date;
  readonly expiresAt: Date;
  readonly mostUnused: number;
}

/**
 * One more token of a session of an app; false when it is none, or is over. The session's row comes first: whoever ends
 * it meanwhile is waited for. Older tokens that never came into use make room, the one in use is among none of them.
 */
export async function insertSuccessor(tx: Pick<SqlTx, '$executeRaw'>, r: Renewal): Promise<boolean> {
  const inserted = await tx.$executeRaw`
    WITH renewed AS (
      UPDATE session AS s SET last_used_at = ${r.now}::timestamptz, expires_at = ${r.expiresAt}::timestamptz
      FROM customer AS c
      WHERE s.id = ${r.sessionId} AND s.customer_id = ${r.customerId} AND s.ended_at IS NULL
        AND s.expires_at > ${r.now}::timestamptz AND EXISTS (SELECT FROM app_token WHERE session_id = s.id)
        AND c.id = s.customer_id AND c.blocked_at IS NULL AND c.erased_at IS NULL
      RETURNING s.id),
    dropped AS (
      DELETE FROM app_token WHERE hash IN (
        SELECT t.hash FROM app_token AS t JOIN renewed ON renewed.id = t.session_id WHERE t.used_at IS NULL
        ORDER BY t.created_at DESC OFFSET ${r.mostUnused - 1}::int))
    INSERT INTO app_token (hash, session_id, created_at, expires_at)
    SELECT ${r.tokenHash}::bytea, id, ${r.now}::timestamptz, ${r.expiresAt}::timestamptz FROM renewed`;
  return inserted === 1;
}

export interface TokenUse {
  readonly hash: Buffer;
  readonly now: Date;
  /** When the tokens before this one end, now that it has come into use. */
  readonly graceEnd: Date;
  /** A use of the session is noted when the last one is older. */
  readonly noteUsesBefore: Date;
}

export interface TokenHolder {
  readonly sessionId: string;
  readonly customerId: string;
}

/** Whose token it is, as long as it is anybody's. Its first use ends those that it replaces. */
export async function useToken(db: Pick<SqlTx, '$queryRaw'>, u: TokenUse): Promise<TokenHolder | null> {
  const [holder] = await db.$queryRaw<TokenHolder[]>`
    WITH held AS (
      SELECT t.hash, t.session_id, t.created_at, t.used_at, s.customer_id, s.last_used_at
      FROM app_token AS t JOIN session AS s ON s.id = t.session_id JOIN customer AS c ON c.id = s.customer_id
      WHERE t.hash = ${u.hash}::bytea AND t.expires_at > ${u.now}::timestamptz AND s.ended_at IS NULL
        AND c.blocked_at IS NULL AND c.erased_at IS NULL),
    noted AS (
      UPDATE session AS s SET last_used_at = ${u.now}::timestamptz FROM held
      WHERE s.id = held.session_id AND held.last_used_at < ${u.noteUsesBefore}::timestamptz),
    begun AS (
      UPDATE app_token AS t SET used_at = ${u.now}::timestamptz FROM held
      WHERE t.hash = held.hash AND held.used_at IS NULL),
    replaced AS (
      UPDATE app_token AS t SET expires_at = ${u.graceEnd}::timestamptz FROM held
      WHERE held.used_at IS NULL AND t.session_id = held.session_id AND t.created_at < held.created_at
        AND t.expires_at > ${u.graceEnd}::timestamptz)
    SELECT session_id AS "sessionId", customer_id AS "customerId" FROM held`;
  return holder ?? null;
}

/** Those that were replaced; the last one of a session goes with it, and says until then that it is an app's. */
export const deleteReplacedTokens = async (
  db: Pick<SqlTx, '$executeRaw'>,
  before: Date,
  limit: number,
): Promise<number> =>
  db.$executeRaw`
    DELETE FROM app_token WHERE hash IN (
      SELECT t.hash FROM app_token AS t
      WHERE t.expires_at < ${before}::timestamptz AND EXISTS (
        SELECT FROM app_token AS later WHERE later.session_id = t.session_id AND later.expires_at > t.expires_at)
      LIMIT ${limit}::int FOR UPDATE OF t SKIP LOCKED)`;
