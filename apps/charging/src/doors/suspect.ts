import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';

export interface Suspect {
  readonly stationId: string;
  readonly at: Date;
  readonly action: string;
  /** As it was sent. */
  readonly payload: string;
  /** unknown_transaction, unknown_device, or malformed and how. */
  readonly reason: string;
}

/** Of one kind, from one station, in a day: a station that is out of its mind fills no table. */
const mostInADay = 100;
const dayMs = 86_400_000;

/** Keeps a call that fits nothing that we know for a person to look at. */
export async function suspect(tx: SqlTx, { stationId, at, action, payload, reason }: Suspect): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO suspect_call (id, station_id, at, action, payload, reason)
    SELECT ${newObjectId(at)}, ${stationId}, ${at}, ${action}, ${payload}::jsonb, ${reason}
     WHERE (SELECT count(*) FROM suspect_call
             WHERE station_id = ${stationId} AND id >= ${newObjectId(new Date(at.getTime() - dayMs)).slice(0, 8)}
               AND action = ${action} AND reason = ${reason}) < ${mostInADay}`;
}
