import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import type { StationStatus } from './registry.ts';

/** A station as operators see it: without its password. */
export interface Station {
  readonly id: string;
  readonly identity: string;
  readonly name: string | null;
  readonly status: StationStatus;
  readonly protocol: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly serialNumber: string | null;
  readonly firmware: string | null;
  readonly hasPassword: boolean;
  /** It was told another password, and has not come with it yet. */
  readonly passwordPending: boolean;
  readonly connected: boolean;
  readonly connectedAt: Date | null;
  readonly disconnectedAt: Date | null;
  readonly heardAt: Date | null;
  readonly bootedAt: Date | null;
  readonly ownStatus: string | null;
  readonly ownErrorCode: string | null;
  readonly ownStatusAt: Date | null;
  readonly clockAheadMs: bigint | null;
  readonly createdAt: Date;
}

export interface StationFilter {
  readonly status: StationStatus | null;
  readonly connected: boolean | null;
  /** The beginning of its identity. */
  readonly identity: string | null;
  readonly id: string | null;
  /** The last station of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** Newest first, to the second: ids begin with their time. */
export const listStations = (db: SqlTx, filter: StationFilter): PromiseLike<Station[]> =>
  db.$queryRaw`
    SELECT id, identity, name, status, protocol, vendor, model, serial_number AS "serialNumber", firmware,
           password_hash IS NOT NULL AS "hasPassword", next_password_hash IS NOT NULL AS "passwordPending",
           instance IS NOT NULL AS connected, connected_at AS "connectedAt", disconnected_at AS "disconnectedAt",
           heard_at AS "heardAt", booted_at AS "bootedAt", own_status AS "ownStatus", own_error_code AS "ownErrorCode",
           own_status_at AS "ownStatusAt", clock_ahead_ms AS "clockAheadMs", created_at AS "createdAt"
      FROM station
     WHERE (${filter.id}::text IS NULL OR id = ${filter.id}::text)
       AND (${filter.status}::text IS NULL OR status = ${filter.status}::text)
       AND (${filter.connected}::bool IS NULL OR (instance IS NOT NULL) = ${filter.connected}::bool)
       AND (${filter.identity}::text IS NULL OR starts_with(identity, ${filter.identity}::text))
       AND (${filter.after}::text IS NULL OR id < ${filter.after}::text)
     ORDER BY id DESC LIMIT ${filter.limit}::int4`;

const any = { status: null, connected: null, identity: null, after: null, limit: 1 };

/** Refuses `station_not_found`. */
export async function getStation(db: SqlTx, id: string): Promise<Station> {
  const [station] = await listStations(db, { ...any, id });
  if (!station) throw new AppError('station_not_found', 'There is no such station.');
  return station;
}

export interface NewStation {
  readonly id: string;
  readonly identity: string;
  readonly name: string | null;
  readonly passwordHash: string | null;
  readonly createdAt: Date;
}

/** False: there is one with this identity. */
export const insertStation = async (
  tx: SqlTx,
  { id, identity, name, passwordHash, createdAt }: NewStation,
): Promise<boolean> =>
  (await tx.$executeRaw`
    INSERT INTO station (id, identity, name, status, password_hash, created_at)
    VALUES (${id}, ${identity}, ${name}, 'accepted', ${passwordHash}, ${createdAt})
    ON CONFLICT (identity) DO NOTHING`) > 0;

export const saveName = (tx: SqlTx, id: string, name: string | null): PromiseLike<number> =>
  tx.$executeRaw`UPDATE station SET name = ${name} WHERE id = ${id}`;

export const saveStatus = (tx: SqlTx, id: string, status: StationStatus): PromiseLike<number> =>
  tx.$executeRaw`UPDATE station SET status = ${status} WHERE id = ${id}`;

/** This one alone from now on. */
export const savePassword = (tx: SqlTx, id: string, hash: string): PromiseLike<number> =>
  tx.$executeRaw`UPDATE station SET password_hash = ${hash}, next_password_hash = NULL WHERE id = ${id}`;

/** Good beside the one that it has; gives the one that was so before. */
export async function saveNextPassword(tx: SqlTx, id: string, hash: string): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ before: string | null }[]>`
    WITH before AS (SELECT id, next_password_hash FROM station WHERE id = ${id} FOR UPDATE)
    UPDATE station SET next_password_hash = ${hash} FROM before WHERE station.id = before.id
    RETURNING before.next_password_hash AS before`;
  return row?.before ?? null;
}

/** The station took it: of several that it was told, the last. It may have come with it already. */
export const keepNextPassword = (tx: SqlTx, id: string, hash: string): PromiseLike<number> =>
  tx.$executeRaw`
    UPDATE station SET next_password_hash = ${hash}
     WHERE id = ${id} AND password_hash IS DISTINCT FROM ${hash}::text`;

/** The station did not take it: what was good before is, and nothing else. */
export const dropNextPassword = (tx: SqlTx, id: string, hash: string, before: string | null): PromiseLike<number> =>
  tx.$executeRaw`UPDATE station SET next_password_hash = ${before}::text WHERE id = ${id} AND next_password_hash = ${hash}`;
