import type { SqlTx } from '@forecourt/messaging';
import { tellStories } from './stories.ts';

/** This process lives. By the database's clock, which is the same for all of them. */
export async function beat(tx: SqlTx, instance: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO instance (id, seen_at) VALUES (${instance}, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()`;
}

export async function forgetInstance(tx: SqlTx, instance: string): Promise<void> {
  await tx.$executeRaw`DELETE FROM instance WHERE id = ${instance}`;
}

export async function forgetSilentInstances(tx: SqlTx, silentSeconds: number): Promise<void> {
  await tx.$executeRaw`DELETE FROM instance WHERE seen_at < now() - make_interval(secs => ${silentSeconds})`;
}

/** What they had has lost its line; gives how many. One that was only slow takes its stations again. */
export async function leaveOrphans(tx: SqlTx, now: Date): Promise<number> {
  const rows = await tx.$queryRaw<{ id: string; generation: bigint }[]>`
    WITH orphan AS (
      SELECT id FROM station WHERE instance IS NOT NULL AND instance NOT IN (SELECT id FROM instance)
      ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE station SET instance = NULL, disconnected_at = ${now} FROM orphan WHERE station.id = orphan.id
    RETURNING station.id, station.generation`;
  await tellStories(
    tx,
    rows.map(({ id, generation }) => ({
      stationId: id,
      at: now,
      kind: 'line.disconnected',
      detail: { generation: String(generation), reason: 'its process is gone' },
    })),
  );
  return rows.length;
}

export interface Standing {
  readonly id: string;
  readonly status: 'accepted' | 'pending' | 'blocked';
  readonly instance: string | null;
  readonly generation: bigint;
}

export const standingOf = async (tx: SqlTx, ids: readonly string[]): Promise<Standing[]> =>
  tx.$queryRaw<Standing[]>`SELECT id, status, instance, generation FROM station WHERE id = ANY(${ids}::text[])`;

/** What a process is said to have. */
export const heldBy = async (tx: SqlTx, instance: string): Promise<Standing[]> =>
  tx.$queryRaw<Standing[]>`SELECT id, status, instance, generation FROM station WHERE instance = ${instance}`;

/** Those that were given up for lost with this process, and are here all the same. */
export async function takeAgain(
  tx: SqlTx,
  { instance, held }: { instance: string; held: readonly { id: string; generation: bigint }[] },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE station SET instance = ${instance}, disconnected_at = NULL
    FROM unnest(${held.map(({ id }) => id)}::text[], ${held.map(({ generation }) => String(generation))}::bigint[])
      AS held (id, generation)
    WHERE station.id = held.id AND station.generation = held.generation AND station.instance IS NULL`;
}

export async function noteHeard(tx: SqlTx, ids: readonly string[], now: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE station SET heard_at = ${now} WHERE id IN (
      SELECT id FROM station WHERE id = ANY(${ids}::text[]) ORDER BY id FOR UPDATE)`;
}
