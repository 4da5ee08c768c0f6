import type { SqlTx } from '@forecourt/messaging';
import type { Protocol } from '../ocpp/frame.ts';
import type { KnownStation } from './admission.ts';
import { tellStories } from './stories.ts';
import type { Told } from './story.ts';

export type Found = KnownStation & { readonly identity: string };

export const findByIdentity = async (tx: SqlTx, identities: readonly string[]): Promise<Found[]> =>
  tx.$queryRaw<Found[]>`
    SELECT id, identity, status, password_hash AS "passwordHash", next_password_hash AS "nextPasswordHash"
    FROM station WHERE identity = ANY(${identities}::text[])`;

/** So many may wait for an operator's yes; a stranger could otherwise fill the table. */
const mostPending = 500;

/** null: too many wait already. One that came meanwhile is left as it is, and found. */
export async function registerPending(
  tx: SqlTx,
  { id, identity, passwordHash, at }: { id: string; identity: string; passwordHash: string | null; at: Date },
): Promise<Found | null> {
  await tx.$executeRaw`
    INSERT INTO station (id, identity, status, password_hash, created_at)
    SELECT ${id}, ${identity}, 'pending', ${passwordHash}, ${at}
    WHERE (SELECT count(*) FROM (SELECT FROM station WHERE status = 'pending' LIMIT ${mostPending}) AS waiting) < ${mostPending}
    ON CONFLICT (identity) DO NOTHING`;
  const [found] = await findByIdentity(tx, [identity]);
  return found ?? null;
}

export interface Claim {
  readonly stationId: string;
  readonly protocol: Protocol;
  readonly address: string;
  /** The hash of the new password, of which this is the first use. */
  readonly promoted: string | null;
}

export interface Claimed {
  readonly generation: bigint;
  /** Who had it before. */
  readonly previous: string | null;
}

/**
 * Makes a process the holder of stations that came, each time under a new generation. null: the station has been blocked
 * or removed meanwhile. Rows are locked in the order of their ids, since other processes do the same.
 */
export async function claimStations(
  tx: SqlTx,
  { instance, claims, now }: { instance: string; claims: readonly Claim[]; now: Date },
): Promise<(Claimed | null)[]> {
  const byStation = Map.groupBy(claims, ({ stationId }) => stationId);
  const last = [...byStation.values()].map((group) => group.at(-1) as Claim);
  const rows = await tx.$queryRaw<{ id: string; generation: bigint; previous: string | null }[]>`
    WITH wish AS (
      SELECT * FROM unnest(
        ${last.map(({ stationId }) => stationId)}::text[],
        ${last.map(({ protocol }) => protocol)}::text[],
        ${last.map(({ promoted }) => promoted)}::text[],
        ${[...byStation.values()].map(({ length }) => length)}::int[]) AS wish (id, protocol, promoted, count)
    ), before AS (
      SELECT station.id, station.instance FROM station JOIN wish USING (id)
      WHERE station.status <> 'blocked' ORDER BY station.id FOR UPDATE OF station
    )
    UPDATE station SET
      generation = station.generation + wish.count, instance = ${instance}, protocol = wish.protocol,
      connected_at = ${now}, disconnected_at = NULL, heard_at = ${now},
      password_hash = CASE WHEN next_password_hash = wish.promoted THEN next_password_hash ELSE password_hash END,
      next_password_hash = CASE WHEN next_password_hash = wish.promoted THEN NULL ELSE next_password_hash END
    FROM wish JOIN before USING (id) WHERE station.id = wish.id
    RETURNING station.id, station.generation, before.instance AS previous`;
  const claimed = new Map(rows.map((row) => [row.id, row]));
  const left = new Map([...byStation].map(([id, group]) => [id, BigInt(group.length)]));
  const outcomes = claims.map(({ stationId }): Claimed | null => {
    const row = claimed.get(stationId);
    if (!row) return null;
    // several of one station in one go: the last one has the highest
    const after = (left.get(stationId) as bigint) - 1n;
    left.set(stationId, after);
    return { generation: row.generation - after, previous: row.previous };
  });
  await tellStories(
    tx,
    claims.flatMap(({ stationId, protocol, address }, index): Told[] => {
      const outcome = outcomes[index];
      const detail = { protocol, address, generation: String(outcome?.generation), instance };
      return outcome ? [{ stationId, at: now, kind: 'line.connected', detail }] : [];
    }),
  );
  return outcomes;
}

export interface Leave {
  readonly stationId: string;
  readonly generation: bigint;
  readonly code: number;
  readonly reason: string;
}

/** The socket is gone. Of one that was not the newest any more, nothing is said. */
export async function leaveStations(
  tx: SqlTx,
  { leaves, now }: { leaves: readonly Leave[]; now: Date },
): Promise<void> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH gone AS (
      SELECT * FROM unnest(
        ${leaves.map(({ stationId }) => stationId)}::text[],
        ${leaves.map(({ generation }) => String(generation))}::bigint[]) AS gone (id, generation)
    ), locked AS (
      SELECT station.id FROM station JOIN gone USING (id)
      WHERE station.generation = gone.generation AND station.instance IS NOT NULL ORDER BY station.id FOR UPDATE OF station
    )
    UPDATE station SET instance = NULL, disconnected_at = ${now}
    FROM gone JOIN locked USING (id)
    WHERE station.id = gone.id AND station.generation = gone.generation
    RETURNING station.id`;
  const went = new Set(rows.map(({ id }) => id));
  await tellStories(
    tx,
    leaves
      .filter(({ stationId }) => went.delete(stationId))
      .map(({ stationId, generation, code, reason }) => ({
        stationId,
        at: now,
        kind: 'line.disconnected',
        detail: { generation: String(generation), code, reason },
      })),
  );
}
