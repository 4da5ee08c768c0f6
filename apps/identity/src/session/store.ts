import type { SqlTx } from '@forecourt/messaging';
import type { EndReason, TokenState, Visit } from './session.ts';

type Statements = Pick<SqlTx, '$executeRaw'>;

export interface NewSession {
  readonly id: string;
  readonly customerId: string;
  readonly visit: Visit;
  readonly tokenHash: Buffer;
  readonly keyId: string;
  readonly openedAt: Date;
  readonly expiresAt: Date;
}

export async function insertSession(tx: SqlTx, s: NewSession): Promise<void> {
  await tx.$executeRaw`
    WITH opened AS (
      INSERT INTO session (id, customer_id, client_id, created_at, last_used_at, expires_at, user_agent, address)
      VALUES (${s.id}, ${s.customerId}, ${s.visit.clientId}, ${s.openedAt}::timestamptz, ${s.openedAt}::timestamptz,
              ${s.expiresAt}::timestamptz, ${s.visit.userAgent}, ${s.visit.address})
      RETURNING id)
    INSERT INTO refresh_token (hash, session_id, key_id, issued_at, expires_at)
    SELECT ${s.tokenHash}::bytea, id, ${s.keyId}, ${s.openedAt}::timestamptz, ${s.expiresAt}::timestamptz FROM opened`;
}

export interface Spending {
  readonly hash: Buffer;
  readonly successorHash: Buffer;
  readonly keyId: string;
  readonly now: Date;
  readonly successorExpiresAt: Date;
}

export interface SessionOwner {
  readonly sessionId: string;
  readonly customerId: string;
  readonly roles: readonly string[];
}

/**
 * Spends a refresh token and stores its successor, or gives null and changes nothing. The session's row comes first:
 * whoever ends the session meanwhile is waited for, and a session that has ended issues nothing.
 */
export async function spendToken(db: SqlTx, s: Spending): Promise<SessionOwner | null> {
  const [owner] = await db.$queryRaw<SessionOwner[]>`
    WITH used AS (
      UPDATE session AS s SET last_used_at = ${s.now}::timestamptz, expires_at = ${s.successorExpiresAt}::timestamptz
      FROM refresh_token AS t, customer AS c
      WHERE t.hash = ${s.hash}::bytea AND t.spent_at IS NULL AND t.expires_at > ${s.now}::timestamptz
        AND s.id = t.session_id AND s.ended_at IS NULL AND c.id = s.customer_id AND c.blocked_at IS NULL
      RETURNING s.id, s.customer_id, c.roles),
    spent AS (
      UPDATE refresh_token AS t SET spent_at = ${s.now}::timestamptz FROM used
      WHERE t.hash = ${s.hash}::bytea AND t.spent_at IS NULL AND t.session_id = used.id
      RETURNING used.id, used.customer_id, used.roles),
    issued AS (
      INSERT INTO refresh_token (hash, session_id, key_id, issued_at, expires_at)
      SELECT ${s.successorHash}::bytea, id, ${s.keyId}, ${s.now}::timestamptz, ${s.successorExpiresAt}::timestamptz
      FROM spent)
    SELECT id AS "sessionId", customer_id AS "customerId", roles FROM spent`;
  return owner ?? null;
}

export type FoundToken = TokenState & SessionOwner & { readonly keyId: string; readonly issuedAt: Date };

export async function findToken(db: SqlTx, hash: Buffer): Promise<FoundToken | null> {
  const [token] = await db.$queryRaw<FoundToken[]>`
    SELECT t.session_id AS "sessionId", t.key_id AS "keyId", t.issued_at AS "issuedAt", t.expires_at AS "expiresAt",
           t.spent_at AS "spentAt", s.ended_at AS "sessionEndedAt", c.id AS "customerId", c.roles,
           c.blocked_at AS "customerBlockedAt"
    FROM refresh_token AS t JOIN session AS s ON s.id = t.session_id JOIN customer AS c ON c.id = s.customer_id
    WHERE t.hash = ${hash}::bytea`;
  return token ?? null;
}

export interface EndedSession {
  readonly sessionId: string;
  readonly customerId: string;
}

/** Those that had not ended yet, and only they, are given back: each end is told once. */
export const endSession = (tx: SqlTx, sessionId: string, reason: EndReason, now: Date): PromiseLike<EndedSession[]> =>
  tx.$queryRaw<EndedSession[]>`
    UPDATE session SET ended_at = ${now}::timestamptz, end_reason = ${reason}
    WHERE id = ${sessionId} AND ended_at IS NULL
    RETURNING id AS "sessionId", customer_id AS "customerId"`;

export const endSessionsOf = (
  tx: SqlTx,
  customerId: string,
  reason: EndReason,
  now: Date,
  except: string | null,
): PromiseLike<EndedSession[]> =>
  tx.$queryRaw<EndedSession[]>`
    UPDATE session SET ended_at = ${now}::timestamptz, end_reason = ${reason}
    WHERE customer_id = ${customerId} AND ended_at IS NULL AND id IS DISTINCT FROM ${except}::text
      AND (expires_at IS NULL OR expires_at > ${now}::timestamptz)
    RETURNING id AS "sessionId", customer_id AS "customerId"`;

export interface OpenSession {
  readonly id: string;
  readonly openedAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly userAgent: string | null;
  readonly address: string | null;
}

/** The logins of a customer that still go on, used last first; apps with a key are listed as devices. */
export const listSessionsOf = (db: SqlTx, customerId: string, now: Date, most: number): PromiseLike<OpenSession[]> =>
  db.$queryRaw<OpenSession[]>`
    SELECT id, created_at AS "openedAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt", user_agent AS "userAgent",
           address
    FROM session
    WHERE customer_id = ${customerId} AND ended_at IS NULL AND expires_at > ${now}::timestamptz
    ORDER BY last_used_at DESC, id DESC LIMIT ${most}::int`;

/** Empty unless it is a login of this customer that still goes on. */
export const endSessionOf = (
  tx: SqlTx,
  { customerId, sessionId, reason, now }: { customerId: string; sessionId: string; reason: EndReason; now: Date },
): PromiseLike<EndedSession[]> =>
  tx.$queryRaw<EndedSession[]>`
    UPDATE session SET ended_at = ${now}::timestamptz, end_reason = ${reason}
    WHERE id = ${sessionId} AND customer_id = ${customerId} AND ended_at IS NULL AND expires_at > ${now}::timestamptz
    RETURNING id AS "sessionId", customer_id AS "customerId"`;

/** `device` signs with a key, `app` holds a token for weeks, and all else is a browser. */
export type SessionKind = 'browser' | 'app' | 'device';

export interface ListedSession extends Omit<OpenSession, 'expiresAt'> {
  readonly kind: SessionKind;
  /** null: a device's. */
  readonly expiresAt: Date | null;
}

/** The same with the customer's apps among them. */
export const listEverySessionOf = (
  db: SqlTx,
  customerId: string,
  now: Date,
  most: number,
): PromiseLike<ListedSession[]> =>
  db.$queryRaw<ListedSession[]>`
    SELECT id,
           CASE WHEN expires_at IS NULL THEN 'device'
                WHEN EXISTS (SELECT FROM app_token WHERE session_id = session.id) THEN 'app'
                ELSE 'browser' END AS kind,
           created_at AS "openedAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt", user_agent AS "userAgent",
           address
    FROM session
    WHERE customer_id = ${customerId} AND ended_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${now}::timestamptz)
    ORDER BY last_used_at DESC, id DESC LIMIT ${most}::int`;

/** Empty unless it is one of this customer, in a browser or in an app, that still goes on. */
export const endSessionOrDeviceOf = (
  tx: SqlTx,
  { customerId, sessionId, now }: { customerId: string; sessionId: string; now: Date },
): PromiseLike<EndedSession[]> =>
  tx.$queryRaw<EndedSession[]>`
    UPDATE session SET ended_at = ${now}::timestamptz, end_reason = 'ended_by_customer'
    WHERE id = ${sessionId} AND customer_id = ${customerId} AND ended_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${now}::timestamptz)
    RETURNING id AS "sessionId", customer_id AS "customerId"`;

/** The browser of a session of this customer; one of an app is its own. null: the session is none of theirs. */
export async function findBrowser(
  db: Pick<SqlTx, '$queryRaw'>,
  { sessionId, customerId }: { sessionId: string; customerId: string },
): Promise<string | null> {
  const [session] = await db.$queryRaw<{ browser: string }[]>`
    SELECT COALESCE(client_id, id) AS browser FROM session WHERE id = ${sessionId} AND customer_id = ${customerId}`;
  return session?.browser ?? null;
}

/** Nothing but their rows is left of sessions that could not be refreshed, and of apps that were ended, since `before`. */
export const deleteOldSessions = async (db: Statements, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    DELETE FROM session WHERE id IN (
      SELECT id FROM session
      WHERE expires_at < ${before}::timestamptz OR (expires_at IS NULL AND ended_at < ${before}::timestamptz)
      LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;

export const deleteOldTokens = async (db: Statements, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    DELETE FROM refresh_token WHERE hash IN (
      SELECT hash FROM refresh_token WHERE expires_at < ${before}::timestamptz LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;
