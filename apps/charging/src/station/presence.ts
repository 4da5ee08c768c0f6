import { type Background, repeat } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { endForgottenCommands } from './command-store.ts';
import type { Holding } from './holding.ts';
import {
  beat,
  forgetInstance,
  forgetSilentInstances,
  heldBy,
  leaveOrphans,
  noteHeard,
  standingOf,
  takeAgain,
} from './presence-store.ts';

export interface PresenceDeps extends Pick<Deps, 'clock' | 'database' | 'log' | 'lines'> {
  readonly holding: Pick<Holding, 'leave'>;
}

export interface Presence extends Background {
  /** The first sign of life has been given: stations may come. */
  isKnown(): boolean;
}

const everyMs = 10_000;
/** A process that says nothing for so long has lost its stations to all the others. */
const silentSeconds = 30;

/**
 * Says that this process lives, notices those that do not any more, and compares the stations that it has with what the
 * database says: a word between processes may be lost, and a process may stand still for a while.
 */
export function startPresence(deps: PresenceDeps): Presence {
  const { database, clock, log, lines } = deps;
  const compare = createComparison(deps);
  let heardUntil = performance.now();
  let known = false;

  const look = async () => {
    await beat(database, lines.instance);
    known = true;
    await forgetSilentInstances(database, silentSeconds);
    const lost = await database.transaction((tx) => leaveOrphans(tx, clock()));
    if (lost > 0) log.warn({ stations: lost }, 'a process is gone, and with it the lines of its stations');
    await compare();
    const since = heardUntil;
    heardUntil = performance.now();
    const heard = [...lines.all()].filter(({ heardAt }) => heardAt >= since).map(({ stationId }) => stationId);
    if (heard.length > 0) await noteHeard(database, heard, clock());
    await endForgottenCommands(database, clock());
  };
  const rounds = repeat({ name: 'presence', everyMs, work: look, log });
  return {
    isKnown: () => known,
    wake: rounds.wake,
    close: async () => {
      await rounds.close();
      await forgetInstance(database, lines.instance).catch((error: unknown) =>
        log.warn({ err: error }, 'this process could not be signed off'),
      );
    },
  };
}

/** One round of it; a row that seems to be left over is believed when it is seen twice, since a station may be coming. */
export function createComparison({ database, lines, holding }: PresenceDeps): () => Promise<void> {
  let left = new Map<string, bigint>();

  return async () => {
    const held = [...lines.all()];
    const ours = await heldBy(database, lines.instance);
    const standings = new Map(ours.map((one) => [one.id, one]));
    const missing = held.filter(({ stationId }) => !standings.has(stationId)).map(({ stationId }) => stationId);
    if (missing.length > 0) for (const one of await standingOf(database, missing)) standings.set(one.id, one);

    const lostSight: { id: string; generation: bigint }[] = [];
    for (const line of held) {
      const standing = standings.get(line.stationId);
      if (!standing || standing.status === 'blocked') line.close(1_008, 'this station is not wanted here');
      else if (standing.generation > line.generation) line.close(4_000, 'a newer connection is there');
      else if (standing.status !== line.status) line.close(1_012, 'it stands otherwise now');
      else if (standing.instance === null) lostSight.push({ id: line.stationId, generation: line.generation });
    }
    if (lostSight.length > 0) await takeAgain(database, { instance: lines.instance, held: lostSight });

    const found = ours.filter(({ id }) => !lines.find(id));
    for (const { id, generation } of found) {
      if (left.get(id) !== generation) continue;
      holding.leave({ stationId: id, generation, code: 1_006, reason: 'no line was found' });
    }
    left = new Map(found.map(({ id, generation }) => [id, generation]));
  };
}
