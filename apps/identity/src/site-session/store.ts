import type { SqlTx } from '@forecourt/messaging';
import type { Visit } from '../session/session.ts';

export interface NewSiteSession {
  readonly sessionId: string;
  readonly customerId: string;
  readonly visit: Visit;
  readonly tokenHash: Buffer;
  readonly openedAt: Date;
  readonly expiresAt: Date;
}

export async function insertSiteSession(tx: Pick<SqlTx, '$executeRaw'>, s: NewSiteSession): Promise<void> {
  await tx.$executeRaw`
    WITH opened AS (
      INSERT INTO session (id, customer_id, client_id, created_at, last_used_at, expires_at, user_agent, address)
      VALUES (${s.sessionId}, ${s.customerId}, ${s.visit.clientId}, ${s.openedAt}::timestamptz,
              ${s.openedAt}::timestamptz, ${s.expiresAt}::timestamptz, ${s.visit.userAgent}, ${s.visit.address})
      RETURNING id)
    INSERT INTO site_token (hash, session_id) SELECT ${s.tokenHash}::bytea, id FROM opened`;
}

export interface TokenUse {
  readonly hash: Buffer;
  readonly now: Date;
  /** A use of the session is noted when the last one is older. */
  readonly noteUsesBefore: Date;
}

export interface SiteSessionHolder {
  readonly sessionId: string;
  readonly customerId: string;
}

/** Whose token it is, as long as it is anybody's. */
export async function useSiteToken(db: Pick<SqlTx, '$queryRaw'>, u: TokenUse): Promise<SiteSessionHolder | null> {
  const [holder] = await db.$queryRaw<SiteSessionHolder[]>`
    WITH held AS (
      SELECT s.id, s.customer_id, s.last_used_at
      FROM site_token AS t JOIN session AS s ON s.id = t.session_id JOIN customer AS c ON c.id = s.customer_id
      WHERE t.hash = ${u.hash}::bytea AND s.ended_at IS NULL AND s.expires_at > ${u.now}::timestamptz
        AND c.blocked_at IS NULL AND c.erased_at IS NULL),
    noted AS (
      UPDATE session AS s SET last_used_at = ${u.now}::timestamptz FROM held
      WHERE s.id = held.id AND held.last_used_at < ${u.noteUsesBefore}::timestamptz)
    SELECT id AS "sessionId", customer_id AS "customerId" FROM held`;
  return holder ?? null;
}
