import type { DeviceState } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';
import { type Charge, type Told, toldEveryMs } from './charge.ts';

export interface HeardCharge extends Omit<Charge, 'customerId'> {
  /** null: nobody's that we know, and so nobody's to tell. */
  readonly customerId: string | null;
  readonly at: Date;
}

/** What is older is no news. Events may come again after days, when nobody remembers any more what was told of them. */
const staleSeconds = 3_600;

/**
 * Keeps the newest version of each session that was heard of, whichever event brought it, and says when that is to be
 * told. In one order for everybody; of people with an app alone.
 */
export async function keepCharges(tx: Pick<SqlTx, '$executeRaw'>, heard: readonly HeardCharge[]): Promise<void> {
  const rows = newestOf(
    heard.filter(({ customerId }) => customerId !== null),
    ({ sessionId }) => sessionId,
  ).map((charge) => ({ ...charge, amount: String(charge.amount), paid: String(charge.paid) }));
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO charge AS known (
      session_id, customer_id, device_id, version, state, energy_wh, duration_sec, waiting_sec, amount, paid, currency,
      heard_at, due_at)
    SELECT "sessionId", "customerId", "deviceId", version, state, "energyWh", "durationSec", "waitingSec", amount, paid,
           currency, now(), now()
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS row (
      "sessionId" text, "customerId" text, "deviceId" text, version int, state text, "energyWh" bigint,
      "durationSec" bigint, "waitingSec" bigint, amount bigint, paid bigint, currency text, at timestamptz)
    WHERE at > now() - make_interval(secs => ${staleSeconds}::int)
      AND "customerId" IN (SELECT customer_id FROM push_topic)
    ORDER BY "sessionId"
    ON CONFLICT (session_id) DO UPDATE SET
      customer_id = excluded.customer_id, device_id = excluded.device_id, version = excluded.version,
      state = excluded.state, energy_wh = excluded.energy_wh, duration_sec = excluded.duration_sec,
      waiting_sec = excluded.waiting_sec, amount = excluded.amount, paid = excluded.paid, currency = excluded.currency,
      heard_at = excluded.heard_at,
      due_at = CASE WHEN excluded.state = known.told_state AND excluded.paid = known.told_paid
                    THEN greatest(now(), known.told_at + make_interval(secs => ${toldEveryMs / 1_000}::float8))
                    ELSE now() END
    WHERE excluded.version > known.version`;
}

export interface HeardDevice {
  readonly deviceId: string;
  readonly version: number;
  readonly state: DeviceState;
}

/** Keeps the newest state of each, and has those looked at again who charge there. */
export async function keepDeviceStates(tx: Pick<SqlTx, '$executeRaw'>, heard: readonly HeardDevice[]): Promise<void> {
  const devices = newestOf(heard, ({ deviceId }) => deviceId).map(({ deviceId, version, state }) => ({
    deviceId,
    version,
    state,
  }));
  await tx.$executeRaw`
    INSERT INTO device_state AS known (device_id, version, state)
    SELECT "deviceId", version, state
    FROM jsonb_to_recordset(${JSON.stringify(devices)}::jsonb) AS row ("deviceId" text, version int, state text)
    ORDER BY "deviceId"
    ON CONFLICT (device_id) DO UPDATE SET version = excluded.version, state = excluded.state
    WHERE excluded.version > known.version`;
  await tx.$executeRaw`
    UPDATE charge SET due_at = now()
    WHERE session_id IN (
      SELECT session_id FROM charge WHERE device_id = ANY (${devices.map(({ deviceId }) => deviceId)}::text[])
      ORDER BY session_id FOR UPDATE)`;
}

export interface KnownCharge extends Charge {
  readonly told: Told;
}

interface Row extends Charge {
  readonly toldVersion: number;
  readonly toldState: Charge['state'] | null;
  readonly toldAmount: bigint | null;
  readonly toldPaid: bigint;
  readonly toldDevice: DeviceState;
  readonly toldAt: Date | null;
}

export async function isAnyDue(db: Pick<SqlTx, '$queryRaw'>): Promise<boolean> {
  const [row] = await db.$queryRaw<{ due: boolean }[]>`
    SELECT EXISTS (SELECT FROM charge WHERE due_at <= now()) AS due`;
  return row?.due ?? false;
}

/** The oldest first; what somebody else is telling is passed over. */
export async function lockDueCharges(tx: Pick<SqlTx, '$queryRaw'>, limit: number): Promise<KnownCharge[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT session_id AS "sessionId", customer_id AS "customerId", device_id AS "deviceId", version, state,
           energy_wh::float8 AS "energyWh", duration_sec::float8 AS "durationSec", waiting_sec::float8 AS "waitingSec",
           amount, paid, currency, told_version AS "toldVersion", told_state AS "toldState", told_amount AS "toldAmount",
           told_paid AS "toldPaid", told_device AS "toldDevice", told_at AS "toldAt"
    FROM charge WHERE due_at <= now() ORDER BY due_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED`;
  return rows.map(({ toldVersion, toldState, toldAmount, toldPaid, toldDevice, toldAt, ...charge }) => ({
    ...charge,
    told: {
      version: toldVersion,
      state: toldState,
      amount: toldAmount,
      paid: toldPaid,
      device: toldDevice,
      at: toldAt,
    },
  }));
}

/**
 * To be asked for in a statement after that which locked the sessions: one that was under way already when a device
 * changed would see the session that is due for it, and the device as it was.
 */
export async function findDeviceStates(
  tx: Pick<SqlTx, '$queryRaw'>,
  deviceIds: readonly string[],
): Promise<{ readonly states: ReadonlyMap<string, DeviceState>; readonly now: Date }> {
  const rows = await tx.$queryRaw<{ deviceId: string | null; state: DeviceState | null; now: Date }[]>`
    SELECT d.device_id AS "deviceId", d.state, now() AS now
    FROM (SELECT) AS one LEFT JOIN device_state AS d ON d.device_id = ANY (${deviceIds}::text[])`;
  const states = rows.flatMap(({ deviceId, state }) => (deviceId && state ? [[deviceId, state] as const] : []));
  return { states: new Map(states), now: (rows[0] as { now: Date }).now };
}

export interface NowTold {
  readonly sessionId: string;
  readonly told: Told;
  /** null: everything. */
  readonly dueAt: Date | null;
}

export async function saveTold(tx: Pick<SqlTx, '$executeRaw'>, all: readonly NowTold[]): Promise<void> {
  const rows = all.map(({ sessionId, told, dueAt }) => ({
    sessionId,
    dueAt,
    ...told,
    amount: told.amount === null ? null : String(told.amount),
    paid: String(told.paid),
  }));
  await tx.$executeRaw`
    UPDATE charge SET told_version = row.version, told_state = row.state, told_amount = row.amount,
                      told_paid = row.paid, told_device = row.device, told_at = row.at, due_at = row."dueAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS row (
      "sessionId" text, version int, state text, amount bigint, paid bigint, device text, at timestamptz,
      "dueAt" timestamptz)
    WHERE session_id = row."sessionId"`;
}

export const deleteOldCharges = async (db: Pick<SqlTx, '$executeRaw'>, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    DELETE FROM charge WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM charge WHERE heard_at < ${before}::timestamptz LIMIT ${limit}::int))`;

function newestOf<T extends { readonly version: number }>(all: readonly T[], idOf: (one: T) => string): T[] {
  const newest = new Map<string, T>();
  for (const one of all) {
    const known = newest.get(idOf(one));
    if (!known || known.version < one.version) newest.set(idOf(one), one);
  }
  return [...newest.values()];
}
