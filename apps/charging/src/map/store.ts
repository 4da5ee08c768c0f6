import type { DeviceState } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';
import type { Place } from './box.ts';

/** A device as the map shows it. */
export interface Sight extends Place {
  readonly id: string;
  readonly number: string;
  readonly currency: string;
  /** Minor units for a kWh, and for a minute of waiting. */
  readonly price: bigint;
  readonly waitingPrice: bigint;
  readonly state: DeviceState;
  readonly active: boolean;
}

/** All that is committed was written by older transactions than this one; of it and newer ones more may come. */
export async function readHorizon(db: SqlTx): Promise<string> {
  const [row] = await db.$queryRaw<{ horizon: string }[]>`
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon`;
  return row?.horizon ?? '0';
}

/** A page of all devices, by their ids. */
export const readSights = (db: SqlTx, after: string, limit: number): PromiseLike<Sight[]> =>
  db.$queryRaw`
    SELECT id, number, longitude, latitude, currency, price, waiting_price AS "waitingPrice", state, active
      FROM device WHERE id > ${after}::text ORDER BY id LIMIT ${limit}::int4`;

/** What transactions have changed that were not over at `horizon`, some of it perhaps seen before; and the next horizon. */
export async function readChanged(db: SqlTx, horizon: string): Promise<{ horizon: string; changed: Sight[] }> {
  const rows = await db.$queryRaw<(Sight & { horizon: string; id: string | null })[]>`
    SELECT seen.horizon, device.id, device.number, device.longitude, device.latitude, device.currency, device.price,
           device.waiting_price AS "waitingPrice", device.state, device.active
      FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon) seen
      LEFT JOIN device ON device.changed_xid >= ${horizon}::text::xid8`;
  return { horizon: rows[0]?.horizon ?? horizon, changed: rows.filter(({ id }) => id !== null) };
}
