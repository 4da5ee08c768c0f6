import type { SqlTx } from '@forecourt/messaging';
import type { Customer } from '../customer/customer.ts';
import type { NewSession } from '../session/store.ts';
import type { TypedLogin } from './login.ts';

export interface FoundLogin {
  /** Null: nobody's login. */
  readonly customer: Customer | null;
  readonly passwordHash: string | null;
  /** This browser has logged in to this account before. */
  readonly knownBrowser: boolean;
  /** One of the counts that this attempt goes to must wait already. */
  readonly mustWait: boolean;
}

/** The throttle's rows that an attempt may go to. */
export interface LoginThrottleKeys {
  readonly address: string;
  /** Shared by all browsers that the account does not know. */
  readonly strangers: string;
  readonly browser: string;
}

type FoundRow = { [Key in keyof Customer]: Customer[Key] | null } & Omit<FoundLogin, 'customer'>;

/** One statement, the same for a login that nobody has. */
export async function findLogin(
  db: SqlTx,
  identifier: TypedLogin,
  clientId: string,
  keys: LoginThrottleKeys,
  now: Date,
): Promise<FoundLogin> {
  const { email = null, phone = null } = identifier as { email?: string; phone?: string };
  const [row] = await db.$queryRaw<[FoundRow]>`
    SELECT customer.id, uuid, number, phone, phone_verified_at AS "phoneVerifiedAt", email,
           email_verified_at AS "emailVerifiedAt", name, first_name AS "firstName", middle_name AS "middleName",
           last_name AS "lastName", birthday::text, sex, additional_info AS "additionalInfo",
           personal_number AS "personalNumber", referral_code AS "referralCode", marketing_opt_in AS "marketingOptIn",
           language, roles, blocked_at AS "blockedAt", version,
           created_at AS "createdAt", updated_at AS "updatedAt", last_login_at AS "lastLoginAt",
           password_hash AS "passwordHash", browser.known AS "knownBrowser",
           EXISTS (SELECT FROM throttle WHERE free_at > ${now}::timestamptz AND forgotten_at > ${now}::timestamptz
                   AND key IN (${keys.address}, CASE WHEN browser.known THEN ${keys.browser} ELSE ${keys.strangers} END)
           ) AS "mustWait"
    FROM (VALUES (1)) AS somebody
    LEFT JOIN customer ON email = ${email}::text OR phone = ${phone}::text
    CROSS JOIN LATERAL (
      SELECT EXISTS (SELECT FROM session WHERE customer_id = customer.id AND client_id = ${clientId}::text) AS known
    ) AS browser`;
  const { passwordHash, knownBrowser, mustWait, ...customer } = row;
  return { customer: customer.id === null ? null : (customer as Customer), passwordHash, knownBrowser, mustWait };
}

export interface PasswordProof {
  /** The hash that the password was checked against: when it is not the customer's any more, the check is worth nothing. */
  readonly passwordHash: string;
  /** That the token says; one that was withdrawn meanwhile must not be said any more. */
  readonly roles: readonly string[];
  /** The same password by today's parameters. */
  readonly rehashed: string | null;
  /** The throttle's row to clear. */
  readonly forget: string;
}

/**
 * Opens the session and notes the visit, in one statement; false when the password changed, a role was withdrawn or a block
 * came meanwhile.
 */
export async function openSessionByPassword(db: SqlTx, s: NewSession, proof: PasswordProof): Promise<boolean> {
  const opened = await db.$queryRaw<unknown[]>`
    WITH visitor AS (
      UPDATE customer SET last_login_at = ${s.openedAt}::timestamptz,
                          password_hash = COALESCE(${proof.rehashed}::text, password_hash)
      WHERE id = ${s.customerId} AND password_hash = ${proof.passwordHash} AND blocked_at IS NULL
        AND roles @> ${proof.roles}::text[]
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
