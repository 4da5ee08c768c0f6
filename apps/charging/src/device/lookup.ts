import type { DeviceState } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';
import { type Device, readDevices } from './store.ts';

export interface DeviceFilter {
  readonly stationId: string | null;
  readonly state: DeviceState | null;
  readonly active: boolean | null;
  /** The beginning of what is written on it. */
  readonly number: string | null;
  /** The last device of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** Newest first, to the second: ids begin with their time. */
export async function listDevices(db: SqlTx, filter: DeviceFilter): Promise<Device[]> {
  const { stationId, state, active, number, after, limit } = filter;
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM device
     WHERE (${stationId}::text IS NULL OR station_id = ${stationId}::text)
       AND (${state}::text IS NULL OR state = ${state}::text)
       AND (${active}::bool IS NULL OR active = ${active}::bool)
       AND (${number}::text IS NULL OR starts_with(number, ${number}::text))
       AND (${after}::text IS NULL OR id < ${after}::text)
     ORDER BY id DESC LIMIT ${limit}::int4`;
  const ids = rows.map(({ id }) => id);
  return (await readDevices(db, ids)).reverse();
}

/** By their ids: what partners know them by. */
export async function uuidsOfDevices(
  db: Pick<SqlTx, '$queryRaw'>,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.$queryRaw<{ id: string; uuid: string }[]>`
    SELECT id, uuid FROM device WHERE id = ANY(${ids}::text[])`;
  return new Map(rows.map(({ id, uuid }) => [id, uuid]));
}
