import type { SqlTx } from '@forecourt/messaging';
import type { Visit } from '../session/session.ts';
import type { EndedSession } from '../session/store.ts';
import type { Device } from './device.ts';
import type { SealedKey } from './sealer.ts';

export interface NewDevice extends SealedKey {
  readonly sessionId: string;
  readonly customerId: string;
  readonly profileId: string;
  readonly visit: Visit;
  readonly openedAt: Date;
}

/** The session and its key; false when there is no such customer, or they are blocked. */
export async function insertDevice(tx: SqlTx, d: NewDevice): Promise<boolean> {
  const opened = await tx.$executeRaw`
    WITH opened AS (
      INSERT INTO session (id, customer_id, client_id, created_at, last_used_at, expires_at, user_agent, address)
      SELECT ${d.sessionId}, id, ${d.visit.clientId}::text, ${d.openedAt}::timestamptz, ${d.openedAt}::timestamptz, NULL,
             ${d.visit.userAgent}::text, ${d.visit.address}::text
      FROM customer WHERE id = ${d.customerId} AND blocked_at IS NULL AND erased_at IS NULL
      RETURNING id)
    INSERT INTO device_key (session_id, profile_id, sealed_key, sealed_by)
    SELECT id, ${d.profileId}, ${d.sealedKey}::bytea, ${d.sealedBy} FROM opened`;
  return opened === 1;
}

/** Ends the customer's devices but the so many that were used last. Under the customer's lock. */
export const endDevicesBut = (tx: SqlTx, customerId: string, most: number, now: Date): PromiseLike<EndedSession[]> =>
  tx.$queryRaw<EndedSession[]>`
    UPDATE session SET ended_at = ${now}::timestamptz, end_reason = 'displaced'
    WHERE id IN (
      SELECT s.id FROM session AS s JOIN device_key AS k ON k.session_id = s.id
      WHERE s.customer_id = ${customerId} AND s.ended_at IS NULL
      ORDER BY s.last_used_at DESC, s.id DESC OFFSET ${most}::int)
    RETURNING id AS "sessionId", customer_id AS "customerId"`;

/** Used last, first. */
export const listDevicesOf = (db: SqlTx, customerId: string): PromiseLike<Device[]> =>
  db.$queryRaw<Device[]>`
    SELECT s.id, k.profile_id AS "profileId", p.name AS "profileName", s.created_at AS "openedAt",
           s.last_used_at AS "lastUsedAt", s.user_agent AS "userAgent", s.address,
           k.push_token IS NOT NULL AS "hasPushToken"
    FROM session AS s JOIN device_key AS k ON k.session_id = s.id JOIN app_profile AS p ON p.id = k.profile_id
    WHERE s.customer_id = ${customerId} AND s.ended_at IS NULL
    ORDER BY s.last_used_at DESC, s.id DESC`;

/** Empty unless it is a device of this customer that had not ended yet. */
export const endDeviceOf = (
  tx: SqlTx,
  { customerId, sessionId, reason, now }: { customerId: string; sessionId: string; reason: string; now: Date },
): PromiseLike<EndedSession[]> =>
  tx.$queryRaw<EndedSession[]>`
    UPDATE session SET ended_at = ${now}::timestamptz, end_reason = ${reason}
    WHERE id = ${sessionId} AND customer_id = ${customerId} AND ended_at IS NULL
      AND EXISTS (SELECT FROM device_key WHERE session_id = session.id)
    RETURNING id AS "sessionId", customer_id AS "customerId"`;

/** A push token is one app's on one phone: another device that had it is that app before it was registered anew. */
export async function savePushToken(db: SqlTx, sessionId: string, token: string, now: Date): Promise<boolean> {
  const [kept] = await db.$queryRaw<unknown[]>`
    WITH device AS (
      SELECT k.session_id FROM device_key AS k JOIN session AS s ON s.id = k.session_id
      WHERE k.session_id = ${sessionId} AND s.ended_at IS NULL),
    others AS (
      UPDATE device_key SET push_token = NULL, push_token_at = NULL
      WHERE push_token = ${token} AND session_id <> ${sessionId} AND EXISTS (SELECT FROM device))
    UPDATE device_key SET push_token = ${token}, push_token_at = ${now}::timestamptz
    FROM device WHERE device_key.session_id = device.session_id
    RETURNING device_key.session_id`;
  return kept !== undefined;
}

/** Whose request may have been signed, and by which of their keys. */
export interface Signers {
  /** The profile that the request names is one of ours, or it names none. */
  readonly profileKnown: boolean;
  readonly devices: readonly SigningDevice[];
}

export interface SigningDevice extends SealedKey {
  readonly sessionId: string;
  readonly customerId: string;
  readonly roles: readonly string[];
  readonly lastUsedAt: Date;
  readonly profileBlocked: boolean;
}

type SignerRow = { [Key in keyof SigningDevice]: SigningDevice[Key] | null } & { profileKnown: boolean };

/** One statement, the same for a number that nobody has, and for somebody who is blocked. */
export async function findSigners(db: SqlTx, customerNumber: bigint, profile: string | null): Promise<Signers> {
  const rows = await db.$queryRaw<[SignerRow, ...SignerRow[]]>`
    SELECT named.known AS "profileKnown", device.*
    FROM (SELECT ${profile}::text IS NULL OR EXISTS (
            SELECT FROM app_profile WHERE id = ${profile}::text AND blocked_at IS NULL) AS known) AS named
    LEFT JOIN (
      SELECT s.id AS "sessionId", c.id AS "customerId", c.roles, s.last_used_at AS "lastUsedAt",
             k.sealed_key AS "sealedKey", k.sealed_by AS "sealedBy", p.blocked_at IS NOT NULL AS "profileBlocked"
      FROM customer AS c JOIN session AS s ON s.customer_id = c.id JOIN device_key AS k ON k.session_id = s.id
        JOIN app_profile AS p ON p.id = k.profile_id
      WHERE c.number = ${customerNumber} AND c.blocked_at IS NULL AND c.erased_at IS NULL AND s.ended_at IS NULL
    ) AS device ON true`;
  const devices = rows.filter(({ sessionId }) => sessionId !== null) as unknown as SigningDevice[];
  return { profileKnown: rows[0].profileKnown, devices };
}

export interface TakenRequest {
  readonly customerNumber: bigint;
  readonly digest: Buffer;
  readonly sessionId: string;
  /** A use is noted when the last one is older. */
  readonly noteUsesBefore: Date;
  readonly now: Date;
}

/** False when it was taken before: of equal requests at once, here or in another process, one passes. */
export async function takeRequest(db: SqlTx, r: TakenRequest): Promise<boolean> {
  const taken = await db.$queryRaw<unknown[]>`
    WITH taken AS (
      INSERT INTO signed_request (customer_number, digest, seen_at)
      VALUES (${r.customerNumber}, ${r.digest}, ${r.now}::timestamptz)
      ON CONFLICT DO NOTHING
      RETURNING 1),
    noted AS (
      UPDATE session SET last_used_at = ${r.now}::timestamptz
      WHERE id = ${r.sessionId} AND last_used_at < ${r.noteUsesBefore}::timestamptz AND EXISTS (SELECT FROM taken))
    SELECT FROM taken`;
  return taken.length === 1;
}

export const deleteOldRequests = async (db: Pick<SqlTx, '$executeRaw'>, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    DELETE FROM signed_request WHERE (customer_number, digest) IN (
      SELECT customer_number, digest FROM signed_request WHERE seen_at < ${before}::timestamptz
      LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;

/** Nothing is verified with the key of a device that has ended, so it need not lie about for as long as the session's row. */
export const deleteEndedKeys = async (db: Pick<SqlTx, '$executeRaw'>, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    DELETE FROM device_key WHERE session_id IN (
      SELECT k.session_id FROM device_key AS k JOIN session AS s ON s.id = k.session_id
      WHERE s.expires_at IS NULL AND s.ended_at < ${before}::timestamptz
      LIMIT ${limit}::int FOR UPDATE OF k SKIP LOCKED)`;

export type StoredKey = SealedKey & { readonly sessionId: string };

/** Keys of other secrets than `sealsBy`, in order, locked: those that another process has are passed over. */
export const lockKeysOfOthers = (
  tx: SqlTx,
  { sealsBy, after, limit }: { sealsBy: string; after: string; limit: number },
): PromiseLike<StoredKey[]> =>
  tx.$queryRaw<StoredKey[]>`
    SELECT session_id AS "sessionId", sealed_key AS "sealedKey", sealed_by AS "sealedBy" FROM device_key
    WHERE sealed_by <> ${sealsBy} AND session_id > ${after}
    ORDER BY session_id LIMIT ${limit}::int FOR UPDATE SKIP LOCKED`;

export async function saveKeys(tx: SqlTx, keys: readonly StoredKey[]): Promise<void> {
  const sealed = keys.map(({ sessionId, sealedKey, sealedBy }) => ({
    session_id: sessionId,
    sealed_key: Buffer.from(sealedKey).toString('base64'),
    sealed_by: sealedBy,
  }));
  await tx.$executeRaw`
    UPDATE device_key AS k SET sealed_key = decode(anew.sealed_key, 'base64'), sealed_by = anew.sealed_by
    FROM jsonb_to_recordset(${JSON.stringify(sealed)}::jsonb) AS anew (session_id text, sealed_key text, sealed_by text)
    WHERE k.session_id = anew.session_id`;
}
