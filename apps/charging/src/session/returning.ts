import { type ChangingDeps, changeSession, type Named } from './changing.ts';
import { hurried } from './session.ts';

/** Stations that are back on the line: what they were asked to stop in vain they are asked to stop now. */
export async function askReturned(deps: ChangingDeps, stationIds: readonly string[]): Promise<void> {
  const named = await deps.database.$queryRaw<Named[]>`
    SELECT id, device_id AS "deviceId" FROM session
     WHERE station_id = ANY(${stationIds}::text[]) AND state IN ('charging', 'waiting')
       AND stop_asked_at IS NOT NULL AND stopped_at IS NULL AND station_attempts > 0
     ORDER BY id`;
  for (const one of named) {
    await changeSession(deps, one, (before) => {
      const session = hurried(before.session);
      return session === before.session ? before : { ...before, session };
    });
  }
}
