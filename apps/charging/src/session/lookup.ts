import type { SqlTx } from '@forecourt/messaging';
import type { Case } from './plan.ts';
import type { Flag, Origin, State } from './session.ts';
import { readCases } from './store.ts';

/** A customer's charges that have begun: purchases; newest first. */
export async function listBegun(
  db: SqlTx,
  { customerId, offset, limit }: { customerId: string; offset: number; limit: number },
): Promise<Case[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM session WHERE customer_id = ${customerId} AND started_at IS NOT NULL AND state <> 'failed'
     ORDER BY id DESC OFFSET ${offset}::int4 LIMIT ${limit}::int4`;
  return await readInOrder(db, rows);
}

/** One of a customer's that has begun. */
export async function findBegun(
  db: SqlTx,
  { id, customerId }: { id: string; customerId: string },
): Promise<Case | null> {
  const known = (await readCases(db, [id])).get(id);
  if (!known || known.session.customerId !== customerId) return null;
  return known.session.startedAt && known.session.state !== 'failed' ? known : null;
}

export interface SessionFilter {
  readonly customerId: string | null;
  readonly deviceId: string | null;
  readonly stationId: string | null;
  readonly state: State | null;
  readonly origin: Origin | null;
  /** `any`: whatever a person should look at. */
  readonly flag: Flag | 'any' | null;
  /** When it was asked for, or began at the station. */
  readonly from: Date | null;
  readonly to: Date | null;
  /** The last session of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** Newest first, whether or not anything came of them. */
export async function listSessions(db: SqlTx, filter: SessionFilter): Promise<Case[]> {
  const { customerId, deviceId, stationId, state, origin, flag, from, to, after, limit } = filter;
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM session
     WHERE (${customerId}::text IS NULL OR customer_id = ${customerId}::text)
       AND (${deviceId}::text IS NULL OR device_id = ${deviceId}::text)
       AND (${stationId}::text IS NULL OR station_id = ${stationId}::text)
       AND (${state}::text IS NULL OR state = ${state}::text)
       AND (${origin}::text IS NULL OR origin = ${origin}::text)
       AND (${flag}::text IS NULL OR flag = ${flag}::text OR (${flag}::text = 'any' AND flag IS NOT NULL))
       AND (${from}::timestamptz IS NULL OR requested_at >= ${from}::timestamptz)
       AND (${to}::timestamptz IS NULL OR requested_at < ${to}::timestamptz)
       AND (${after}::text IS NULL OR id < ${after}::text)
     ORDER BY id DESC LIMIT ${limit}::int4`;
  return await readInOrder(db, rows);
}

export const findCase = async (db: SqlTx, id: string): Promise<Case | null> =>
  (await readCases(db, [id])).get(id) ?? null;

async function readInOrder(db: SqlTx, rows: readonly { id: string }[]): Promise<Case[]> {
  const ids = rows.map(({ id }) => id);
  const cases = await readCases(db, ids);
  return ids.flatMap((id) => cases.get(id) ?? []);
}
