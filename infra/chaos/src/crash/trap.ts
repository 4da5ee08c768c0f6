import type pg from 'pg';
import { until } from '../until.ts';
import type { CrashPoint } from './points.ts';

/** Holds up the statements that come by a point, until they are let go. */
export interface Trap {
  /** Until all of the points have somebody waiting at them, or the first of them has waited for so long; gives which. */
  sprung(timeoutMs: number): Promise<ReadonlySet<number>>;
  letGo(): Promise<void>;
}

/** The lock that they wait for: its class, and then the number of the point. */
const lockClass = 77_001;
/** A statement of a service is given up after five seconds. */
const longestHeldMs = 3_500;

const isAbout: Readonly<Record<CrashPoint['about'], (deviceId: string) => string>> = {
  device: (id) => `NEW.device_id = '${id}'`,
  session: (id) => `NEW.session_id IN (SELECT id FROM charging.session WHERE device_id = '${id}')`,
  hold: (id) =>
    `split_part(NEW.key, ':', 2) IN (SELECT id FROM charging.session WHERE device_id = '${id}') AND NEW.key LIKE 'session:%'`,
  station: (id) => `NEW.station_id = (SELECT station_id FROM charging.device WHERE id = '${id}')
    AND EXISTS (SELECT FROM charging.session WHERE device_id = '${id}' AND started_at IS NOT NULL)`,
};

export async function setTrap(
  database: pg.Pool,
  all: readonly { readonly point: CrashPoint; readonly deviceId: string }[],
): Promise<Trap> {
  const holder = await database.connect();
  // Whoever holds it may be killed with the server.
  holder.on('error', () => {});
  try {
    for (const [at, { point, deviceId }] of all.entries()) {
      await holder.query(`SELECT pg_advisory_lock(${lockClass}, ${at})`);
      await holder.query(trigger(at, point, deviceId));
    }
  } catch (error) {
    holder.release(true);
    throw error;
  }

  async function waiting(): Promise<Set<number>> {
    const { rows } = await database.query<{ at: number }>(
      `SELECT objid::int AS at FROM pg_locks WHERE locktype = 'advisory' AND classid = ${lockClass} AND NOT granted`,
    );
    return new Set(rows.map(({ at }) => at));
  }

  return {
    async sprung(timeoutMs) {
      let found = new Set<number>();
      let since: number | undefined;
      const isEnough = async () => {
        found = await waiting();
        if (found.size > 0) since ??= performance.now();
        return found.size === all.length || (since !== undefined && performance.now() - since > longestHeldMs);
      };
      await until(isEnough, 'somebody comes by', { timeoutMs, everyMs: 25 }).catch(() => {});
      return found;
    },
    async letGo() {
      holder.release(true);
      const drop = all.map((_, at) => `DROP FUNCTION IF EXISTS public.crash_point_${at}() CASCADE`).join(';');
      await until(async () => database.query(drop).then(() => true), 'the trap is away', { timeoutMs: 60_000 });
    },
  };
}

const trigger = (at: number, { table, on, when, about }: CrashPoint, deviceId: string) => `
  CREATE FUNCTION public.crash_point_${at}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET lock_timeout = 0 AS $$
  BEGIN
    IF (${when}) AND (${isAbout[about](deviceId)}) THEN
      PERFORM pg_advisory_xact_lock_shared(${lockClass}, ${at});
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER crash_point_${at} BEFORE ${on} ON ${table} FOR EACH ROW EXECUTE FUNCTION public.crash_point_${at}()`;
