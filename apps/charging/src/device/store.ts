import type { DeviceState } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { lockAggregate, type SqlTx } from '@forecourt/messaging';
import { type ConnectorStatus, type DeviceFacts, type DeviceFields, isReachable } from './device.ts';
import type { DeviceSettings } from './settings.ts';

/** A device with all that its state follows from. */
export interface Device {
  readonly id: string;
  readonly uuid: string;
  readonly version: number;
  readonly number: string;
  readonly stationId: string;
  readonly connector: number;
  readonly longitude: number;
  readonly latitude: number;
  readonly currency: string;
  /** Minor units for a kWh, and for a minute of waiting. */
  readonly price: bigint;
  readonly waitingPrice: bigint;
  /** What it can give at most; null: nobody has said. */
  readonly powerW: number | null;
  readonly active: boolean;
  readonly inRepair: boolean;
  readonly status: ConnectorStatus | null;
  readonly errorCode: string | null;
  readonly statusAt: Date | null;
  /** As it was last told; what it is now follows from `factsOf`. */
  readonly state: DeviceState;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly stationIdentity: string;
  readonly stationStatus: string;
  readonly protocol: string | null;
  readonly ownStatus: ConnectorStatus | null;
  readonly connected: boolean;
  readonly disconnectedAt: Date | null;
  /** The session that runs on it. */
  readonly sessionId: string | null;
  /** For whom it is kept, and the reservation. */
  readonly reservedFor: string | null;
  readonly reservationId: string | null;
}

/** In the order of their ids. */
export const readDevices = (tx: SqlTx, ids: readonly string[]): PromiseLike<Device[]> =>
  tx.$queryRaw`
    SELECT device.id, device.uuid, device.version, device.number, device.station_id AS "stationId", device.connector,
           device.longitude, device.latitude, device.currency, device.price, device.waiting_price AS "waitingPrice",
           device.power_w AS "powerW", device.active, device.in_repair AS "inRepair", device.status, device.error_code AS "errorCode",
           device.status_at AS "statusAt", device.state, device.created_at AS "createdAt",
           device.changed_at AS "changedAt", station.identity AS "stationIdentity", station.status AS "stationStatus",
           station.protocol, station.own_status AS "ownStatus", station.instance IS NOT NULL AS connected,
           station.disconnected_at AS "disconnectedAt", session.id AS "sessionId",
           reservation.customer_id AS "reservedFor", reservation.id AS "reservationId"
      FROM device
      JOIN station ON station.id = device.station_id
      LEFT JOIN session ON session.device_id = device.id
           AND session.state IN ('requested', 'held', 'starting', 'charging', 'waiting')
      LEFT JOIN reservation ON reservation.device_id = device.id AND reservation.status IN ('asked', 'active')
     WHERE device.id = ANY(${ids}::text[])
     ORDER BY device.id`;

export const findDevice = async (tx: SqlTx, id: string): Promise<Device | null> =>
  (await readDevices(tx, [id]))[0] ?? null;

/** The one at a connector (1.6) or EVSE (2.0.1) of a station. */
export async function findDeviceAt(tx: SqlTx, stationId: string, connector: number): Promise<Device | null> {
  const [id] = await idsOfStation(tx, stationId, connector);
  return id === undefined ? null : findDevice(tx, id);
}

/** The devices of a station, or the one at a connector of it; in the order of their ids. */
export async function idsOfStation(tx: SqlTx, stationId: string, connector: number | null): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM device
     WHERE station_id = ${stationId}::text AND (${connector}::int4 IS NULL OR connector = ${connector}::int4)
     ORDER BY id`;
  return rows.map(({ id }) => id);
}

/** Before the transaction's first write, and before the sessions on them. */
export async function lockDevices(tx: SqlTx, ids: readonly string[]): Promise<void> {
  for (const id of [...ids].sort()) await lockAggregate(tx, 'device', id);
}

export const factsOf = (device: Device, now: Date, { patienceMs }: DeviceSettings): DeviceFacts => {
  const { connected, disconnectedAt, stationStatus } = device;
  const line = { accepted: stationStatus === 'accepted', connected, disconnectedAt };
  return { ...device, inUse: device.sessionId !== null, reachable: isReachable(line, { now, patienceMs }) };
};

/** The next version of a device: its state, and that it has changed. */
export const saveState = (
  tx: SqlTx,
  { id, version, state, changedAt }: Pick<Device, 'id' | 'version' | 'state' | 'changedAt'>,
): PromiseLike<number> =>
  tx.$executeRaw`
    UPDATE device SET state = ${state}::text, version = ${version}::int4, changed_at = ${changedAt}::timestamptz,
           changed_xid = pg_current_xact_id()
     WHERE id = ${id}::text`;

/** What the station says of a connector. It shows in no list of what has changed until the state does. */
export const saveStatus = (
  tx: SqlTx,
  said: { id: string; status: ConnectorStatus; errorCode: string | null; at: Date },
): PromiseLike<number> =>
  tx.$executeRaw`
    UPDATE device SET status = ${said.status}::text, error_code = ${said.errorCode}::text,
           status_at = ${said.at}::timestamptz
     WHERE id = ${said.id}::text`;

/** What the station says of itself as a whole; gives 0 when what it says is older than what is known. */
export const saveOwnStatus = (
  tx: SqlTx,
  said: { stationId: string; status: ConnectorStatus; errorCode: string | null; at: Date; late: boolean },
): PromiseLike<number> =>
  tx.$executeRaw`
    UPDATE station SET own_status = ${said.status}::text, own_error_code = ${said.errorCode}::text,
           own_status_at = ${said.at}::timestamptz
     WHERE id = ${said.stationId}::text
       AND (NOT ${said.late}::bool OR own_status_at IS NULL OR own_status_at < ${said.at}::timestamptz)`;

/**
 * Devices that are shown as well though their station's line has been down for longer than is tolerated, and others that
 * are shown as out of order though it is up.
 */
export async function findMistaken(db: SqlTx, lostBefore: Date, most: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT device.id FROM device JOIN station ON station.id = device.station_id
     WHERE NOT device.in_repair
       AND CASE WHEN station.instance IS NULL
                THEN station.disconnected_at < ${lostBefore}::timestamptz AND device.state <> 'Error'
                ELSE station.status = 'accepted' AND device.state = 'Error' AND device.status <> 'Faulted'
                     AND station.own_status IS DISTINCT FROM 'Faulted' END
     ORDER BY device.id LIMIT ${most}::int4`;
  return rows.map(({ id }) => id);
}

export interface InsertedDevice extends DeviceFields {
  readonly id: string;
  readonly uuid: string;
  readonly stationId: string;
  readonly currency: string;
  readonly createdAt: Date;
}

/** Out of order until it is known to be better. */
export const insertDevice = (tx: SqlTx, device: InsertedDevice): Promise<number> =>
  orRefused(tx.$executeRaw`
    INSERT INTO device (id, uuid, number, station_id, connector, longitude, latitude, currency, price, waiting_price,
                        power_w, active, in_repair, state, created_at, changed_at)
    VALUES (${device.id}, ${device.uuid}::uuid, ${device.number}, ${device.stationId}, ${device.connector},
            ${device.longitude}, ${device.latitude}, ${device.currency}, ${device.price}, ${device.waitingPrice},
            ${device.powerW}::int, ${device.active}, ${device.inRepair}, 'Error', ${device.createdAt}, ${device.createdAt})`);

export const saveFields = (
  tx: SqlTx,
  device: DeviceFields & Pick<Device, 'id' | 'version' | 'state' | 'changedAt'>,
): Promise<number> =>
  orRefused(tx.$executeRaw`
    UPDATE device SET number = ${device.number}, connector = ${device.connector}, longitude = ${device.longitude},
           latitude = ${device.latitude}, price = ${device.price}, waiting_price = ${device.waitingPrice},
           power_w = ${device.powerW}::int, active = ${device.active}, in_repair = ${device.inRepair}, state = ${device.state},
           version = ${device.version}, changed_at = ${device.changedAt}, changed_xid = pg_current_xact_id()
     WHERE id = ${device.id}`);

const refusals = {
  device_number_key: ['device_number_taken', 'Another device has this number.'],
  device_station_id_connector_key: ['connector_taken', 'This connector of the station has a device.'],
  device_station_id_fkey: ['station_not_found', 'There is no such station.'],
} as const;

async function orRefused<T>(work: PromiseLike<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { constraint } = error as { constraint?: unknown };
    const refusal = Object.entries(refusals).find(([name]) => name === constraint)?.[1];
    throw refusal ? new AppError(refusal[0], refusal[1], { cause: error }) : error;
  }
}
