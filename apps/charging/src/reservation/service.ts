import { randomBytes } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { stateOf } from '../device/device.ts';
import { refreshDevices } from '../device/service.ts';
import { type Device, factsOf, findDevice, lockDevices } from '../device/store.ts';
import { askStation } from '../station/asking.ts';
import { kept, type Reservation, type ReservationStatus, tokenBytes, tokenFrom, whyNotKept } from './reservation.ts';
import { findOver, findReservationAt, findReservationOf, insertReservation, moveReservation } from './store.ts';

export type ReservationDeps = Pick<
  Deps,
  'clock' | 'database' | 'log' | 'lines' | 'deviceSettings' | 'reservationSettings' | 'wrote'
>;

type MovingDeps = Pick<Deps, 'clock' | 'database' | 'deviceSettings' | 'wrote'>;

interface Whose {
  readonly customerId: string;
  readonly deviceId: string;
}

const minute = 60_000;
const reserveMs = 20_000;
const cancelMs = 10_000;
/** After that nobody waits for the station's answer any more. */
const askedForMs = 2 * minute;

/**
 * Keeps a device for a driver. A second time it is the same reservation. Refuses `device_not_found`, `device_busy`,
 * `device_offline`, `device_timeout`, `reservation_limit`.
 */
export async function reserve(
  deps: ReservationDeps,
  wish: Whose & { minutes?: number | undefined },
): Promise<Reservation> {
  const { database, clock } = deps;
  const { reservation, device } = await database.transaction(async (tx) => {
    await lockDevices(tx, [wish.deviceId]);
    const device = await findDevice(tx, wish.deviceId);
    if (!device?.active) throw new AppError('device_not_found', 'There is no such device.');
    const known = await findReservationOf(tx, wish);
    if (known?.status === 'active') return { reservation: known, device };
    const now = clock();
    const refusal = whyNotKept(stateOf(factsOf(device, now, deps.deviceSettings)));
    if (refusal) throw new AppError(refusal, sentences[refusal]);
    const reservation = await insertReservation(tx, {
      id: newObjectId(now),
      deviceId: device.id,
      customerId: wish.customerId,
      idToken: tokenFrom(randomBytes(tokenBytes)),
      expiresAt: new Date(now.getTime() + minutesOf(wish.minutes, deps) * minute),
      createdAt: now,
    });
    await refreshDevices(tx, deps, [device.id]);
    return { reservation, device };
  });
  return reservation.status === 'active' ? reservation : askFor(deps, reservation, device);
}

const minutesOf = (wished: number | undefined, { reservationSettings }: ReservationDeps): number =>
  Math.min(wished ?? reservationSettings.usualMinutes, reservationSettings.mostMinutes);

const sentences = {
  device_busy: 'The device is in use.',
  device_offline: 'The device is not connected.',
  device_timeout: 'The device did not answer in time.',
} as const;

async function askFor(deps: ReservationDeps, reservation: Reservation, device: Device): Promise<Reservation> {
  const { number, idToken, expiresAt } = reservation;
  const wish = { action: 'reserve', connector: device.connector, number, idToken, expiresAt } as const;
  const { outcome } = await askStation(deps, device.stationId, wish, { deadlineMs: reserveMs });
  const refusal = kept[outcome];
  const moved = await move(deps, reservation, refusal ? 'refused' : 'active');
  if (refusal) {
    if (outcome === 'timeout') await takeBack(deps, device.stationId, number);
    throw new AppError(refusal, sentences[refusal]);
  }
  // Canceled, or run out, while the station was asked.
  if (!moved) {
    await takeBack(deps, device.stationId, number);
    throw new AppError('reservation_not_found', 'The reservation is over.');
  }
  return { ...reservation, status: 'active' };
}

/** Refuses `reservation_not_found`. It is over at once; the station is told, and forgets it by itself when it cannot be. */
export async function cancelReservation(deps: ReservationDeps, whose: Whose): Promise<void> {
  const reservation = await findReservationOf(deps.database, whose);
  const device = await findDevice(deps.database, whose.deviceId);
  if (!reservation || !device || !(await move(deps, reservation, 'canceled'))) {
    throw new AppError('reservation_not_found', 'Nothing is kept for you there.');
  }
  await takeBack(deps, device.stationId, reservation.number);
}

/** A station says that it keeps a device for nobody any more. */
export async function endReserved(
  deps: MovingDeps,
  { stationId, number, isOver }: { stationId: string; number: number; isOver: boolean },
): Promise<boolean> {
  const reservation = await findReservationAt(deps.database, { stationId, number });
  return reservation !== null && move(deps, reservation, isOver ? 'expired' : 'canceled');
}

/** Each way out of a reservation is taken once: by whoever comes first. */
const move = async (
  deps: MovingDeps,
  { id, deviceId, status }: Reservation,
  to: ReservationStatus,
): Promise<boolean> => {
  const moved = await deps.database.transaction(async (tx) => {
    await lockDevices(tx, [deviceId]);
    const done = await moveReservation(tx, { id, from: status, to, now: deps.clock() });
    if (done) await refreshDevices(tx, deps, [deviceId]);
    return done;
  });
  deps.wrote();
  return moved;
};

const takeBack = (deps: ReservationDeps, stationId: string, number: number): Promise<unknown> =>
  askStation(deps, stationId, { action: 'cancelReservation', number }, { deadlineMs: cancelMs });

const atOnce = 50;

/** Ends what has run out, as the station does by itself. Gives whether there may be more. */
export async function endReservations(deps: ReservationDeps): Promise<boolean> {
  const now = deps.clock();
  const askedBefore = new Date(now.getTime() - askedForMs);
  const over = await findOver(deps.database, { now, askedBefore, most: atOnce });
  for (const reservation of over) await move(deps, reservation, reservation.expiresAt <= now ? 'expired' : 'refused');
  return over.length === atOnce;
}
