import type { SqlTx } from '@forecourt/messaging';
import { readPortions } from '../money/store.ts';
import { type Gap, withoutGap } from '../waiting/waiting.ts';
import type { Case } from './plan.ts';
import { asJson, columnsOf, fromRow, type Kept, type SessionRow } from './row.ts';
import type { Session } from './session.ts';

type Reads = Pick<SqlTx, '$queryRaw'>;
type Writes = Pick<SqlTx, '$executeRaw'>;

/**
 * Under their locks; each a version further than it was read. A look that is to come anyway, and sooner, is left where it is:
 * the index of what is due need not change with every reading.
 */
export async function saveSessions(tx: Writes, kept: readonly Kept[], now: Date): Promise<void> {
  if (kept.length === 0) return;
  const saved = await tx.$executeRaw`
    UPDATE session SET version = row.version, state = row.state, origin = row.origin, customer_id = row.customer_id,
      price = row.price, waiting_price = row.waiting_price, id_token = row.id_token, protocol = row.protocol,
      transaction_id = row.transaction_id, start_key = row.start_key, assumed = row.assumed, meter_start_wh = row.meter_start_wh,
      meter_from_wh = row.meter_from_wh, meter_wh = row.meter_wh, counted_wh = row.counted_wh,
      doubted_wh = row.doubted_wh, metered_at = row.metered_at, energy_wh = row.energy_wh,
      power_w = row.power_w, charging_state = row.charging_state,
      waited_sec = row.waited_sec, waiting_since = row.waiting_since, start_asked_at = row.start_asked_at,
      started_at = row.started_at, charged_at = row.charged_at, stop_asked_at = row.stop_asked_at,
      stopped_at = row.stopped_at, unplugged_at = row.unplugged_at, ended_at = row.ended_at, heard_at = row.heard_at,
      reason = row.reason, flag = row.flag, amount = row.amount, paid = row.paid, settled = row.settled,
      attempts = row.attempts, not_before = row.not_before, station_attempts = row.station_attempts,
      station_not_before = row.station_not_before, quiet_until = row.quiet_until,
      due_at = CASE WHEN session.due_at > ${now}::timestamptz AND session.due_at <= row.due_at THEN session.due_at
        ELSE row.due_at END
    FROM jsonb_to_recordset(${asJson(kept.map(columnsOf))}::jsonb) AS row (id text, version int, state text,
      origin text, customer_id text, price bigint, waiting_price bigint, id_token text, protocol text,
      transaction_id text, start_key text, assumed boolean, meter_start_wh bigint, meter_from_wh bigint, meter_wh bigint,
      counted_wh bigint, doubted_wh bigint, metered_at timestamptz, energy_wh bigint, power_w int,
      charging_state text, waited_sec int, waiting_since timestamptz, start_asked_at timestamptz,
      started_at timestamptz, charged_at timestamptz, stop_asked_at timestamptz, stopped_at timestamptz,
      unplugged_at timestamptz, ended_at timestamptz, heard_at timestamptz, reason text, flag text, amount bigint,
      paid bigint, settled bigint, attempts int, not_before timestamptz, station_attempts int, station_not_before timestamptz,
      quiet_until timestamptz, due_at timestamptz)
    WHERE session.id = row.id AND session.version = row.version - 1`;
  if (saved !== kept.length) throw new Error('a session was changed without its lock');
}

/** Of a session that has moved on by a reading and by nothing else, which is most of what happens. */
export async function saveRead(tx: Writes, kept: readonly Kept[], now: Date): Promise<void> {
  if (kept.length === 0) return;
  const rows = kept.map(({ session, dueAt }) => ({
    id: session.id,
    version: session.version,
    meter_wh: session.register.lastWh,
    metered_at: session.meteredAt,
    energy_wh: session.energyWh,
    power_w: session.powerW,
    heard_at: session.heardAt,
    amount: session.amount,
    due_at: dueAt,
  }));
  const saved = await tx.$executeRaw`
    UPDATE session SET version = row.version, meter_wh = row.meter_wh, metered_at = row.metered_at,
      energy_wh = row.energy_wh, power_w = row.power_w, heard_at = row.heard_at,
      amount = row.amount,
      due_at = CASE WHEN session.due_at > ${now}::timestamptz AND session.due_at <= row.due_at THEN session.due_at
        ELSE row.due_at END
    FROM jsonb_to_recordset(${asJson(rows)}::jsonb) AS row (id text, version int, meter_wh bigint,
      metered_at timestamptz, energy_wh bigint, power_w int, heard_at timestamptz, amount bigint,
      due_at timestamptz)
    WHERE session.id = row.id AND session.version = row.version - 1`;
  if (saved !== kept.length) throw new Error('a session was changed without its lock');
}

const ofReadings: ReadonlySet<string> = new Set([
  'version',
  'meteredAt',
  'energyWh',
  'powerW',
  'heardAt',
  'amount',
] satisfies (keyof Session)[]);

/** Whether `saveRead` saves all of it: what did not change is the very same value; of a wait a gap may be taken out. */
export function isReadAlone(before: Session, after: Session): boolean {
  const { lastWh: _, ...counted } = after.register;
  const sameCount = Object.entries(counted).every(
    ([key, value]) => before.register[key as keyof typeof counted] === value,
  );
  return (
    before.waiting.since === null &&
    sameCount &&
    Object.entries(after).every(
      ([key, value]) => key === 'register' || ofReadings.has(key) || before[key as keyof Session] === value,
    )
  );
}

/** With what never changes; the rest follows by `saveSessions`. Nobody else works on it until `takenUntil`. */
export async function insertSession(
  tx: Writes,
  { session, takenUntil }: { session: Session; takenUntil: Date | null },
): Promise<void> {
  const { id, uuid, number, version, state, origin, customerId, stationId, deviceId, deviceNumber, currency } = session;
  const { price, waitingPrice, graceSec, waitingCapSec, mostPowerW, idToken, remoteStartId, requestedAt, endedAt } =
    session;
  await tx.$executeRaw`
    INSERT INTO session (id, uuid, number, version, state, origin, customer_id, station_id, device_id, device_number,
      currency, price, waiting_price, grace_sec, waiting_cap_sec, most_power_w, id_token, remote_start_id, requested_at, ended_at,
      taken_until)
    VALUES (${id}, ${uuid}::uuid, ${number}::int, ${version}::int, ${state}, ${origin}, ${customerId}, ${stationId},
      ${deviceId}, ${deviceNumber}, ${currency}, ${price}::bigint, ${waitingPrice}::bigint, ${graceSec}::int,
      ${waitingCapSec}::int, ${mostPowerW}::int, ${idToken}, ${remoteStartId}::int, ${requestedAt}::timestamptz, ${endedAt}::timestamptz,
      ${takenUntil}::timestamptz)`;
}

/** What the next session is called at its station; also for what becomes none. */
export async function nextNumber(tx: Reads): Promise<number> {
  const [row] = await tx.$queryRaw<{ number: bigint }[]>`
    SELECT nextval(pg_get_serial_sequence('session', 'number')) AS number`;
  return Number((row as { number: bigint }).number);
}

export const saveDue = (tx: Writes, { id, dueAt }: { id: string; dueAt: Date | null }): PromiseLike<number> =>
  tx.$executeRaw`
    UPDATE session SET due_at = ${dueAt}::timestamptz
    WHERE id = ${id} AND due_at IS DISTINCT FROM ${dueAt}::timestamptz`;

/** Under their locks, in no order. */
export async function readCases(tx: SqlTx, ids: readonly string[]): Promise<Map<string, Case>> {
  const rows = await tx.$queryRaw<(SessionRow & LineRow)[]>`
    SELECT session.*, station.instance, station.connected_at, station.disconnected_at
    FROM session JOIN station ON station.id = session.station_id WHERE session.id = ANY(${ids}::text[])`;
  const portions = await readPortions(tx, ids);
  return new Map(
    rows.map((row) => [
      row.id,
      { session: heardThrough(row), portions: portions.get(row.id) ?? [], lostAt: lostSince(row) },
    ]),
  );
}

interface LineRow {
  instance: string | null;
  connected_at: Date | null;
  disconnected_at: Date | null;
}

/** As it is known by now: while the line was broken, nobody waited that we know of. */
function heardThrough(row: SessionRow & LineRow): Session {
  const session = fromRow(row);
  const gap = gapOf(row);
  return gap ? { ...session, waiting: withoutGap(session.waiting, gap) } : session;
}

const lostSince = ({ instance, connected_at, disconnected_at }: LineRow): Date | null =>
  instance === null ? (disconnected_at ?? connected_at) : null;

/** Who died with the line in hand wrote down no end of it: then the last word about the session is all that is known. */
function gapOf({ connected_at: to, disconnected_at, heard_at, requested_at }: SessionRow & LineRow): Gap | null {
  if (!to) return null;
  const heard = heard_at ?? requested_at;
  const from = disconnected_at && disconnected_at <= to && disconnected_at >= heard ? disconnected_at : heard;
  return from < to ? { from, to } : null;
}

export async function findSession(tx: Reads, id: string): Promise<Session | null> {
  const [row] = await tx.$queryRaw<SessionRow[]>`SELECT * FROM session WHERE id = ${id}`;
  return row ? fromRow(row) : null;
}

/** By the station's name for it, or by what its start has in common with one that was told before. */
export async function findTold(
  tx: Reads,
  { stationId, transactionId, startKey }: { stationId: string; transactionId: string | null; startKey: string | null },
): Promise<Session | null> {
  const [row] = await tx.$queryRaw<SessionRow[]>`
    SELECT * FROM session WHERE station_id = ${stationId}
      AND (transaction_id = ${transactionId}::text OR start_key = ${startKey}::text) LIMIT 1`;
  return row ? fromRow(row) : null;
}

export async function findOnDevice(tx: Reads, deviceId: string): Promise<Session | null> {
  const [row] = await tx.$queryRaw<SessionRow[]>`
    SELECT * FROM session WHERE device_id = ${deviceId}
      AND state IN ('requested', 'held', 'starting', 'charging', 'waiting')`;
  return row ? fromRow(row) : null;
}

/** The newest of a customer on a device. */
export async function findLastOf(
  tx: Reads,
  { customerId, deviceId }: { customerId: string; deviceId: string },
): Promise<Session | null> {
  const [row] = await tx.$queryRaw<SessionRow[]>`
    SELECT * FROM session WHERE device_id = ${deviceId} AND customer_id = ${customerId} ORDER BY id DESC LIMIT 1`;
  return row ? fromRow(row) : null;
}

/** The start that a driver wished for and that came to nothing so far, or too late. */
export async function findWish(
  tx: Reads,
  { stationId, idToken, remoteStartId }: { stationId: string; idToken: string | null; remoteStartId: number | null },
): Promise<Session | null> {
  const [row] = await tx.$queryRaw<SessionRow[]>`
    SELECT * FROM session WHERE station_id = ${stationId} AND origin = 'app'
      AND (remote_start_id = ${remoteStartId}::int OR id_token = upper(${idToken}::text))
    ORDER BY id DESC LIMIT 1`;
  return row ? fromRow(row) : null;
}

/** Where a card charges now. */
export async function findRunningOf(tx: Reads, idToken: string): Promise<Session | null> {
  const [row] = await tx.$queryRaw<SessionRow[]>`
    SELECT * FROM session WHERE id_token = upper(${idToken}::text) AND state IN ('charging', 'waiting')
    ORDER BY id DESC LIMIT 1`;
  return row ? fromRow(row) : null;
}

/** Those that are there now on these devices. */
export async function idsOnDevices(tx: Reads, deviceIds: readonly string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM session WHERE device_id = ANY(${deviceIds}::text[])
      AND state IN ('requested', 'held', 'starting', 'charging', 'waiting') ORDER BY id`;
  return rows.map(({ id }) => id);
}

/** Those that are due, the one first that has been so for longest; nobody else works on them until `lease`. */
export async function takeDue(
  db: Reads,
  { now, lease, most }: { now: Date; lease: Date; most: number },
): Promise<{ id: string; deviceId: string }[]> {
  return await db.$queryRaw<{ id: string; deviceId: string }[]>`
    UPDATE session SET taken_until = ${lease}::timestamptz
    WHERE id = ANY (ARRAY(
      SELECT id FROM session
      WHERE due_at <= ${now}::timestamptz AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz)
      ORDER BY due_at LIMIT ${most}::int FOR UPDATE SKIP LOCKED))
    RETURNING id, device_id AS "deviceId"`;
}

export async function handBack(db: Writes, { id, lease }: { id: string; lease: Date }): Promise<void> {
  await db.$executeRaw`
    UPDATE session SET taken_until = NULL WHERE id = ${id} AND taken_until = ${lease}::timestamptz`;
}

/** All of them, in one order, whoever locks several. */
export async function lockSessions(tx: Reads, ids: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.session'), place) FROM (
      SELECT DISTINCT hashtext(id) AS place FROM unnest(${ids}::text[]) AS id ORDER BY place) AS sorted`;
}

/** For each of what meters said the session that it is about: the one it names, or the one that runs on its connector. */
export async function findMetered(
  tx: Reads,
  all: readonly { stationId: string; transactionId: string | null; connector: number | null }[],
): Promise<(string | null)[]> {
  const told = all.map(({ stationId, transactionId, connector }, n) => ({ n, stationId, transactionId, connector }));
  const rows = await tx.$queryRaw<{ n: number; id: string }[]>`
    SELECT told.n, found.id
      FROM jsonb_to_recordset(${JSON.stringify(told)}::jsonb)
           AS told (n int, "stationId" text, "transactionId" text, connector int)
     CROSS JOIN LATERAL (
       SELECT id FROM session
        WHERE station_id = told."stationId" AND transaction_id = told."transactionId"
       UNION ALL
       SELECT session.id FROM device JOIN session ON session.device_id = device.id
        WHERE told."transactionId" IS NULL AND device.station_id = told."stationId"
          AND device.connector = told.connector AND session.state IN ('charging', 'waiting')) AS found`;
  const found = new Map(rows.map(({ n, id }) => [n, id]));
  return all.map((_, n) => found.get(n) ?? null);
}
