import type { SqlTx } from '@forecourt/messaging';
import type { MeterReading } from '../energy/readings.ts';
import type { Metering } from './saying.ts';

export interface KeptReading extends MeterReading {
  readonly sessionId: string;
  readonly key: string;
  readonly receivedAt: Date;
}

/** Of one message; what was sent twice has the same keys. */
export const readingsOf = (
  sessionId: string,
  { key, receivedAt, readings }: Pick<Metering, 'key' | 'receivedAt' | 'readings'>,
): KeptReading[] =>
  readings.map((reading, index) => ({ ...reading, sessionId, receivedAt, key: index === 0 ? key : `${key}#${index}` }));

export async function insertReadings(tx: SqlTx, readings: readonly KeptReading[]): Promise<void> {
  if (readings.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO reading (received_on, session_id, key, at, received_at, register_wh, power_w, raw)
    SELECT ("receivedAt" AT TIME ZONE 'UTC')::date, "sessionId", key, at, "receivedAt", "registerWh", "powerW",
           COALESCE(raw, 'null'::jsonb)
      FROM jsonb_to_recordset(${JSON.stringify(readings, storable)}::jsonb) AS row ("sessionId" text, key text,
           at timestamptz, "receivedAt" timestamptz, "registerWh" bigint, "powerW" int, raw jsonb)
    ON CONFLICT DO NOTHING`;
}

/** Stations send what they like; Postgres keeps no NUL and no half of a character. */
function storable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value;
}

/** They are of another session than was thought. */
export const moveReadings = (tx: Pick<SqlTx, '$executeRaw'>, { from, to }: { from: string; to: string }) =>
  tx.$executeRaw`UPDATE reading SET session_id = ${to} WHERE session_id = ${from}`;

/** All that a session's meter said, in the order of its clock. */
export const listReadings = (
  tx: Pick<SqlTx, '$queryRaw'>,
  sessionId: string,
): PromiseLike<Pick<KeptReading, 'at' | 'receivedAt' | 'registerWh' | 'powerW' | 'raw'>[]> =>
  tx.$queryRaw`
    SELECT at, received_at AS "receivedAt", register_wh AS "registerWh", power_w AS "powerW", raw
      FROM reading WHERE session_id = ${sessionId} ORDER BY at, key`;
