import type { SqlTx } from '@forecourt/messaging';

type Reads = Pick<SqlTx, '$queryRaw'>;

/** Where their sessions run. */
export async function devicesInUseBy(db: Reads, customerId: string): Promise<{ id: string; deviceId: string }[]> {
  return await db.$queryRaw<{ id: string; deviceId: string }[]>`
    SELECT id, device_id AS "deviceId" FROM session
     WHERE customer_id = ${customerId} AND state IN ('requested', 'held', 'starting', 'charging', 'waiting')
     ORDER BY id`;
}

/**
 * What was sold stays, and that it was theirs; their cards go, with what was written by them and about them, and what they
 * charge now is ended, as is what is kept for them by the next round. Again changes nothing; under the locks of the devices that they use.
 */
export async function forgetCustomer(
  tx: Pick<SqlTx, '$executeRaw'>,
  { customerId, erasedAt }: { customerId: string; erasedAt: Date },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE session SET stop_asked_at = ${erasedAt}::timestamptz, reason = COALESCE(reason, 'erased'),
           due_at = ${erasedAt}::timestamptz, station_attempts = 0, station_not_before = NULL, quiet_until = NULL,
           version = version + 1
     WHERE customer_id = ${customerId} AND stop_asked_at IS NULL AND stopped_at IS NULL
       AND state IN ('requested', 'held', 'starting', 'charging', 'waiting')`;
  await tx.$executeRaw`DELETE FROM card WHERE customer_id = ${customerId}`;
  await tx.$executeRaw`
    UPDATE reservation SET expires_at = LEAST(expires_at, ${erasedAt}::timestamptz)
     WHERE customer_id = ${customerId} AND status IN ('asked', 'active')`;
  await tx.$executeRaw`
    UPDATE feedback SET description = ''
     WHERE description <> '' AND session_id IN (SELECT id FROM session WHERE customer_id = ${customerId})`;
  await tx.$executeRaw`
    UPDATE session_refund SET reason = ''
     WHERE reason <> '' AND status <> 'asked'
       AND session_id IN (SELECT id FROM session WHERE customer_id = ${customerId})`;
  // A card's number is its owner's; of a start by the app it says nothing.
  await tx.$executeRaw`
    UPDATE session SET id_token = NULL
     WHERE customer_id = ${customerId} AND origin <> 'app' AND id_token IS NOT NULL`;
}

export interface RunningDevice {
  readonly deviceId: string;
  readonly number: string;
  readonly longitude: number;
  readonly latitude: number;
  readonly currency: string;
  readonly price: bigint;
  readonly waitingPrice: bigint;
}

/** Where the newest of their sessions runs, priced as it was when that began. */
export async function findRunningDevice(db: Reads, customerId: string): Promise<RunningDevice | null> {
  const [device] = await db.$queryRaw<RunningDevice[]>`
    SELECT device.id AS "deviceId", device.number, device.longitude, device.latitude, session.currency, session.price,
           session.waiting_price AS "waitingPrice"
      FROM session JOIN device ON device.id = session.device_id
     WHERE session.customer_id = ${customerId} AND session.state IN ('starting', 'charging', 'waiting')
     ORDER BY session.id DESC LIMIT 1`;
  return device ?? null;
}

interface Page {
  readonly customerId: string;
  readonly after: string;
  readonly most: number;
}

/** Each oldest first; `place` is where the next page goes on. */
export const listSessionsOf = (db: Reads, { customerId, after, most }: Page) =>
  db.$queryRaw<KeptSession[]>`
    SELECT session.id AS place, session.currency, device_number AS device, state, requested_at AS "requestedAt",
           started_at AS "startedAt", ended_at AS "endedAt", energy_wh::int4 AS "energyWh", waited_sec AS "waitedSec",
           price, waiting_price AS "waitingPrice", amount, paid, refunded, id_token AS "startedBy",
           feedback.score::int4 AS score, feedback.description AS feedback
      FROM session LEFT JOIN feedback ON feedback.session_id = session.id
     WHERE customer_id = ${customerId} AND session.id > ${after} ORDER BY session.id LIMIT ${most}::int4`;

export interface KeptSession {
  readonly place: string;
  readonly currency: string;
  readonly device: string;
  readonly state: string;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly energyWh: number;
  readonly waitedSec: number;
  readonly price: bigint;
  readonly waitingPrice: bigint;
  readonly amount: bigint;
  readonly paid: bigint;
  readonly refunded: bigint;
  readonly startedBy: string | null;
  readonly score: number | null;
  readonly feedback: string | null;
}

export const listCardsOf = (db: Reads, { customerId, after, most }: Page) =>
  db.$queryRaw<{ place: string; token: string; label: string | null; blocked: boolean; createdAt: Date }[]>`
    SELECT id AS place, token, label, blocked, expires_at AS "expiresAt", created_at AS "createdAt"
      FROM card WHERE customer_id = ${customerId} AND id > ${after} ORDER BY id LIMIT ${most}::int4`;

export const listReservationsOf = (db: Reads, { customerId, after, most }: Page) =>
  db.$queryRaw<{ place: string; device: string; status: string; createdAt: Date }[]>`
    SELECT reservation.id AS place, device.number AS device, reservation.status, reservation.created_at AS "createdAt",
           expires_at AS "expiresAt", ended_at AS "endedAt"
      FROM reservation JOIN device ON device.id = device_id
     WHERE customer_id = ${customerId} AND reservation.id > ${after} ORDER BY reservation.id LIMIT ${most}::int4`;

export const listRefundsOf = (db: Reads, { customerId, after, most }: Page) =>
  db.$queryRaw<{ place: string; currency: string; amount: bigint; reason: string; status: string; askedAt: Date }[]>`
    SELECT session_id || '/' || key || '/' || n AS place, currency, session_refund.amount, session_refund.reason, status,
           asked_at AS "askedAt"
      FROM session_refund JOIN session ON session.id = session_id
     WHERE customer_id = ${customerId} AND session_id || '/' || key || '/' || n > ${after}
     ORDER BY session_id || '/' || key || '/' || n LIMIT ${most}::int4`;
