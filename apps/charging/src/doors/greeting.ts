import { gather } from '@forecourt/gather';
import type { SqlTx } from '@forecourt/messaging';
import type { Connection } from '../ocpp/connection.ts';
import { askReturned } from '../session/returning.ts';
import type { DoorDeps } from './answering.ts';
import type { Asking } from './outcome.ts';
import { visitOf } from './visit.ts';

export interface GreetingSettings {
  /** What a station has to say by itself it says within so long; up to twice that, lest all ask at once after a restart. */
  readonly listenMs: number;
}

const answerMs = 15_000;

export type Greet = (connection: Connection, askFor: (connector: number) => Asking | null) => Promise<void>;

/**
 * A station that comes back is asked at once to stop what it could not be asked to stop while it was away. Of itself it
 * may say nothing: once it has had time to, it is asked for the state of each connector that it has not spoken of. They
 * come back by the thousand, so what they have is looked up together.
 */
export function createGreeting(deps: DoorDeps, { listenMs }: GreetingSettings): Greet {
  const { database } = deps;
  const stopAgain = gather(
    async (stationIds: readonly string[]) => {
      await askReturned(deps, stationIds);
      return stationIds;
    },
    { most: 500 },
  );
  const connectorsOf = gather((stationIds: readonly string[]) => connectorsOfAll(database, stationIds), { most: 500 });
  return async (connection, askFor) => {
    if (connection.status !== 'accepted') return;
    await stopAgain(connection.stationId);
    await pause(listenMs * (1 + Math.random()));
    if (!connection.isOpen) return;
    const { said } = visitOf(connection);
    for (const connector of await connectorsOf(connection.stationId)) {
      const asking = said.has(connector) ? null : askFor(connector);
      if (asking && connection.isOpen) await connection.call(asking.action, asking.payload, answerMs);
    }
  };
}

async function connectorsOfAll(tx: Pick<SqlTx, '$queryRaw'>, stationIds: readonly string[]): Promise<number[][]> {
  const rows = await tx.$queryRaw<{ stationId: string; connector: number }[]>`
    SELECT station_id AS "stationId", connector FROM device
     WHERE station_id = ANY(${stationIds}::text[]) ORDER BY station_id, connector`;
  const found = Map.groupBy(rows, ({ stationId }) => stationId);
  return stationIds.map((id) => found.get(id)?.map(({ connector }) => connector) ?? []);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
