import type { SqlTx } from '@forecourt/messaging';

type Reads = Pick<SqlTx, '$queryRaw'>;

export interface Period {
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
}

export interface RevenueOfDay {
  /** YYYY-MM-DD, where the business is. */
  readonly day: string;
  readonly currency: string;
  readonly purchases: number;
  readonly energyWh: bigint;
  readonly amount: bigint;
  readonly paid: bigint;
  readonly refunded: bigint;
}

/** Of purchases, by the day on which they were over; what is given back of one is taken from its own day. */
export const revenueByDay = (
  db: Reads,
  { from, to, timeZone, deviceId }: Period & { timeZone: string; deviceId: string | null },
): PromiseLike<RevenueOfDay[]> =>
  db.$queryRaw<RevenueOfDay[]>`
    SELECT to_char(ended_at AT TIME ZONE ${timeZone}, 'YYYY-MM-DD') AS day, currency, count(*)::int4 AS purchases,
           sum(energy_wh)::int8 AS "energyWh", sum(amount)::int8 AS amount, sum(paid)::int8 AS paid,
           sum(refunded)::int8 AS refunded
      FROM session
     WHERE state = 'finished' AND ended_at >= ${from}::timestamptz AND ended_at < ${to}::timestamptz
       AND (${deviceId}::text IS NULL OR device_id = ${deviceId}::text)
     GROUP BY day, currency ORDER BY day, currency`;

export interface UtilisationOfDevice {
  readonly deviceId: string;
  readonly number: string;
  /** That were there in the time. */
  readonly sessions: number;
  /** In which a session was there, and in which it charged. */
  readonly busySec: number;
  readonly chargingSec: number;
  /** Of the sessions that ended in the time. */
  readonly energyWh: bigint;
}

/** Every device that is shown, or was used in the time: the unused ones too, which are what one looks for. */
export const utilisationByDevice = (
  db: Reads,
  { from, to, now, after, limit }: Period & { now: Date; after: string | null; limit: number },
): PromiseLike<UtilisationOfDevice[]> =>
  db.$queryRaw<UtilisationOfDevice[]>`
    WITH time AS (SELECT ${from}::timestamptz AS "from", LEAST(${to}::timestamptz, ${now}::timestamptz) AS "to"),
    used AS (
      SELECT device_id, count(*) AS sessions,
             sum(extract(epoch FROM GREATEST(
               LEAST(COALESCE(ended_at, "to"), "to") - GREATEST(started_at, "from"), interval '0'))) AS busy,
             sum(extract(epoch FROM GREATEST(
               LEAST(COALESCE(charged_at, ended_at, "to"), "to") - GREATEST(started_at, "from"), interval '0'))) AS charging,
             sum(energy_wh) FILTER (WHERE ended_at < "to") AS energy
        FROM session, time
       WHERE started_at < "to" AND state <> 'failed' AND (ended_at >= "from" OR ended_at IS NULL)
       GROUP BY device_id)
    SELECT device.id AS "deviceId", number, COALESCE(sessions, 0)::int4 AS sessions,
           COALESCE(round(busy), 0)::int4 AS "busySec", COALESCE(round(charging), 0)::int4 AS "chargingSec",
           COALESCE(energy, 0)::int8 AS "energyWh"
      FROM device LEFT JOIN used ON used.device_id = device.id
     WHERE (active OR sessions > 0) AND (${after}::text IS NULL OR device.id < ${after}::text)
     ORDER BY device.id DESC LIMIT ${limit}::int4`;
