import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import type { Reservation, ReservationStatus } from './reservation.ts';

/** The one of a customer on a device that is in force, or that its station is being asked for. */
export const findReservationOf = async (
  tx: SqlTx,
  { deviceId, customerId }: { deviceId: string; customerId: string },
): Promise<Reservation | null> => {
  const [found] = await tx.$queryRaw<Reservation[]>`
    SELECT id, number, device_id AS "deviceId", customer_id AS "customerId", id_token AS "idToken", status,
           expires_at AS "expiresAt"
      FROM reservation
     WHERE device_id = ${deviceId} AND customer_id = ${customerId} AND status IN ('asked', 'active')`;
  return found ?? null;
};

/** By what a station calls it. */
export const findReservationAt = async (
  db: Pick<SqlTx, '$queryRaw'>,
  { stationId, number }: { stationId: string; number: number },
): Promise<Reservation | null> => {
  const [found] = await db.$queryRaw<Reservation[]>`
    SELECT reservation.id, reservation.number, device_id AS "deviceId", customer_id AS "customerId",
           id_token AS "idToken", reservation.status, expires_at AS "expiresAt"
      FROM reservation JOIN device ON device.id = reservation.device_id
     WHERE reservation.number = ${number}::int AND device.station_id = ${stationId}
       AND reservation.status IN ('asked', 'active')`;
  return found ?? null;
};

export type NewReservation = Omit<Reservation, 'number' | 'status'> & { readonly createdAt: Date };

/** Refuses `reservation_limit`. */
export async function insertReservation(tx: SqlTx, reservation: NewReservation): Promise<Reservation> {
  const { id, deviceId, customerId, idToken, expiresAt, createdAt } = reservation;
  const rows = await tx.$queryRaw<{ number: number }[]>`
    INSERT INTO reservation (id, device_id, customer_id, id_token, status, expires_at, created_at)
    VALUES (${id}, ${deviceId}, ${customerId}, ${idToken}, 'asked', ${expiresAt}, ${createdAt})
    ON CONFLICT (customer_id) WHERE status IN ('asked', 'active') DO NOTHING
    RETURNING number`;
  const [row] = rows;
  if (!row) throw new AppError('reservation_limit', 'Another device is kept for you already.');
  return { ...reservation, number: row.number, status: 'asked' };
}

/** False: it was not in `from` any more. */
export async function moveReservation(
  tx: SqlTx,
  { id, from, to, now }: { id: string; from: ReservationStatus; to: ReservationStatus; now: Date },
): Promise<boolean> {
  const endedAt = to === 'active' ? null : now;
  const moved = await tx.$executeRaw`
    UPDATE reservation SET status = ${to}, ended_at = ${endedAt}::timestamptz WHERE id = ${id} AND status = ${from}`;
  return moved > 0;
}

/** Whoever it was kept for has begun; in the transaction that says so. */
export const useReservation = (
  tx: SqlTx,
  { deviceId, customerId, now }: { deviceId: string; customerId: string; now: Date },
): PromiseLike<number> =>
  tx.$executeRaw`
    UPDATE reservation SET status = 'used', ended_at = ${now}
     WHERE device_id = ${deviceId} AND customer_id = ${customerId} AND status IN ('asked', 'active')`;

/** What has run out, and what nobody lived to hear the station's answer about. */
export const findOver = (
  db: SqlTx,
  { now, askedBefore, most }: { now: Date; askedBefore: Date; most: number },
): PromiseLike<Reservation[]> =>
  db.$queryRaw`
    SELECT id, number, device_id AS "deviceId", customer_id AS "customerId", id_token AS "idToken", status,
           expires_at AS "expiresAt"
      FROM reservation
     WHERE status IN ('asked', 'active')
       AND (expires_at <= ${now}::timestamptz OR (status = 'asked' AND created_at < ${askedBefore}::timestamptz))
     ORDER BY expires_at LIMIT ${most}::int4`;
