import { gather } from '@forecourt/gather';
import type { Clock, Database, Logger } from '@forecourt/service-kit';
import type { Lines } from './lines.ts';
import { type Claim, type Claimed, claimStations, type Leave, leaveStations } from './store.ts';

/** Writes down which process has which station, for many at once when they come or go by the thousand. */
export interface Holding {
  claim(claim: Claim): Promise<Claimed | null>;
  /** What cannot be written now is found by the next look at what is held. */
  leave(leave: Leave): void;
  /** All that was said so far is written, or given up. */
  settled(): Promise<void>;
}

const most = 200;

export function createHolding({
  database,
  clock,
  log,
  lines,
}: {
  database: Database;
  clock: Clock;
  log: Logger;
  lines: Lines;
}): Holding {
  const underWay = new Set<Promise<void>>();
  const leaveOne = gather(
    async (leaves: readonly Leave[]) => {
      await database.transaction((tx) => leaveStations(tx, { leaves, now: clock() }));
      return leaves;
    },
    { most },
  );
  return {
    claim: gather(
      (claims: readonly Claim[]) =>
        database.transaction((tx) => claimStations(tx, { instance: lines.instance, claims, now: clock() })),
      { most },
    ),
    leave(one) {
      const work = leaveOne(one).then(
        () => {},
        (error: unknown) => log.warn({ err: error, stationId: one.stationId }, 'a lost line could not be noted'),
      );
      const ended = work.finally(() => underWay.delete(ended));
      underWay.add(ended);
    },
    settled: async () => void (await Promise.all(underWay)),
  };
}
