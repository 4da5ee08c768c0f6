import { type AskingDeps, askStation } from '../station/asking.ts';

const deadlineMs = 10_000;
/** Stations at once: an import has hundreds, and one that says nothing holds up those behind it. */
const mostAtOnce = 10;

interface Place {
  readonly stationId: string;
  readonly connector: number;
}

/**
 * A station says how its connectors are when it comes, and then only what changes: a device that is added afterwards would
 * be out of order until something happens to it. So its station is asked, if it is there, and nobody waits for that.
 */
export function askHowTheyAre(deps: AskingDeps, deviceIds: readonly string[], operatorId: string): void {
  askAll(deps, deviceIds, operatorId).catch((error: unknown) =>
    deps.log.warn({ err: error, operatorId }, 'stations were not asked how their devices are'),
  );
}

async function askAll(deps: AskingDeps, deviceIds: readonly string[], operatorId: string): Promise<void> {
  if (deviceIds.length === 0) return;
  const places = await deps.database.$queryRaw<Place[]>`
    SELECT device.station_id AS "stationId", device.connector FROM device JOIN station ON station.id = device.station_id
     WHERE device.id = ANY(${deviceIds}::text[]) AND station.status = 'accepted' AND station.instance IS NOT NULL
     ORDER BY device.station_id, device.connector`;
  const stations = [...Map.groupBy(places, ({ stationId }) => stationId).values()].values();
  const askInTurn = async () => {
    for (const connectors of stations) for (const place of connectors) await askOne(deps, place, operatorId);
  };
  await Promise.all(Array.from({ length: mostAtOnce }, askInTurn));
}

const askOne = (deps: AskingDeps, { stationId, connector }: Place, operatorId: string) =>
  askStation(
    deps,
    stationId,
    { action: 'trigger', message: 'StatusNotification', connector },
    { deadlineMs, operatorId },
  );
