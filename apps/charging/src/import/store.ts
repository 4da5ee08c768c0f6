import type { SqlTx } from '@forecourt/messaging';

export interface KnownStation {
  readonly id: string;
  readonly identity: string;
  readonly name: string | null;
}

export const findStations = (tx: SqlTx, identities: readonly string[]): PromiseLike<KnownStation[]> =>
  tx.$queryRaw`SELECT id, identity, name FROM station WHERE identity = ANY(${identities}::text[])`;

export interface Occupied {
  readonly id: string;
  readonly number: string;
  readonly stationId: string;
  readonly connector: number;
}

/** The devices with these numbers, and all that are on these stations. */
export const findOccupied = (
  tx: SqlTx,
  { numbers, stationIds }: { numbers: readonly string[]; stationIds: readonly string[] },
): PromiseLike<Occupied[]> =>
  tx.$queryRaw`
    SELECT id, number, station_id AS "stationId", connector FROM device
     WHERE number = ANY(${numbers}::text[]) OR station_id = ANY(${stationIds}::text[])`;
