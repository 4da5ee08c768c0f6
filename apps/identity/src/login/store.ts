import type { SqlTx } from '@forecourt/messaging';
import type { Customer } from '../customer/customer.ts';
import type { NewSession } from '../session/store.ts';
import type { TypedLogin } from './login.ts';

export interface FoundLogin {
  readonly customer: Customer;
  readonly passwordHash: string | null;
  /** This browser has logged in to this account before. */
  readonly knownBrowser: boolean;
}

/** One statement, the same for a login that nobody has. */
export async function findLogin(db: SqlTx, identifier: TypedLogin, clientId: string): Promise<FoundLogin | null> {
  const { email = null, phone = null } = identifier as { email?: string; phone?: string };
  const [row] = await db.$queryRaw<(Customer & Omit<FoundLogin, 'customer'>)[]>`
    SELECT id, uuid, number, phone, phone_verified_at AS "phoneVerifiedAt", email, name,
           marketing_opt_in AS "marketingOptIn", language, roles, blocked_at AS "blockedAt", version,
           created_at AS "createdAt", updated_at AS "updatedAt", last_login_at AS "lastLoginAt",
           password_hash AS "passwordHash",
           EXISTS (SELECT FROM session WHERE customer_id = customer.id AND client_id = ${clientId}::text) AS "knownBrowser"
    FROM customer WHERE email = ${email}::text OR phone = ${phone}::text`;
  if (!row) return null;
  const { passwordHash, knownBrowser, ...customer } = row;
  return { customer, passwordHash, knownBrowser };
}

export interface PasswordProof {
  /** The hash that the password was checked against: when it is not the customer's any more, the check is worth nothing. */
  readonly passwordHash: string;
  /** The same password by today's parameters. */
  readonly rehashed: string | null;
  /** The throttle's row to clear. */
  readonly forget: string;
}

/** Opens the session and notes the visit, in one statement; false when the password changed or a block came meanwhile. */
export async function openSessionByPassword(db: SqlTx, s: NewSession, proof: PasswordProof): Promise<boolean> {
  const opened = await db.$queryRaw<unknown[]>`
    WITH visitor AS (
      UPDATE customer SET last_login_at = ${s.openedAt}::timestamptz,
                          password_hash = COALESCE(${proof.rehashed}::text, password_hash)
      WHERE id = ${s.customerId} AND password_hash = ${proof.passwordHash} AND blocked_at IS NULL
      RETURNING id),
    opened AS (
      INSERT INTO session (id, customer_id, client_id, created_at, last_used_at, expires_at, user_agent, address)
      SELECT ${s.id}, id, ${s.visit.clientId}::text, ${s.openedAt}::timestamptz, ${s.openedAt}::timestamptz,
             ${s.expiresAt}::timestamptz, ${s.visit.userAgent}::text, ${s.visit.address}::text
      FROM visitor
      RETURNING id),
    issued AS (
      INSERT INTO refresh_token (hash, session_id, key_id, issued_at, expires_at)
      SELECT ${s.tokenHash}::bytea, id, ${s.keyId}, ${s.openedAt}::timestamptz, ${s.expiresAt}::timestamptz FROM opened),
    forgotten AS (DELETE FROM throttle WHERE key = ${proof.forget})
    SELECT id FROM visitor`;
  return opened.length === 1;
}
