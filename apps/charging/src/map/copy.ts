import type { Database, Logger } from '@forecourt/service-kit';
import type { Box } from './box.ts';
import { Atlas, type Named } from './map.ts';
import { readChanged, readHorizon, readSights, type Sight } from './store.ts';

/** All devices in this process: a look at the map costs the database nothing. */
export interface DeviceMap {
  within(box: Box): Promise<Sight[]>;
}

interface Surroundings {
  readonly database: Database;
  readonly log: Logger;
  /** How old the copy may be when somebody looks. */
  readonly maxAgeMs?: number;
  /** Devices a statement, when all are read. */
  readonly pageSize?: number;
  /** Who looks waits so long for the database, and is then shown the map as it was. */
  readonly patienceMs?: number;
}

const usuallyMaxAgeMs = 500;
const usualPageSize = 5_000;
const usualPatienceMs = 300;
/** A database that refuses is left alone for so long, and the copy shown as it is. */
const restMs = 1_000;

/**
 * Follows the table by the transactions that wrote it, looking when somebody looks at the map. It does without events,
 * so it is right also where they are late; without clocks, which differ; and without the order of commits.
 */
export function createDeviceMap({
  database,
  log,
  maxAgeMs = usuallyMaxAgeMs,
  pageSize = usualPageSize,
  patienceMs = usualPatienceMs,
}: Surroundings): DeviceMap {
  let held: Copy | undefined;
  let following: Promise<Copy> | undefined;
  let lookAgainAt = 0;

  const follow = async (): Promise<Copy> => {
    // From the beginning of the reading on: what is committed during it may be missed by it.
    const beganAt = performance.now();
    const followed = held && (await bringUpToDate(held, database));
    held = followed ?? (await readAll(database, pageSize));
    lookAgainAt = beganAt + maxAgeMs;
    return held;
  };

  const showAsItWas = (error: unknown): Copy => {
    if (!held) throw error;
    log.warn({ err: error }, 'the map could not be brought up to date, it is shown as it was');
    lookAgainAt = performance.now() + restMs;
    return held;
  };

  const current = async (): Promise<Copy> => {
    if (held && performance.now() < lookAgainAt) return held;
    following ??= follow()
      .catch(showAsItWas)
      .finally(() => {
        following = undefined;
      });
    return held ? orAfter(following, patienceMs, held) : following;
  };

  return { within: async (box) => (await current()).within(box) };
}

async function orAfter<T>(work: Promise<T>, milliseconds: number, instead: T): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(resolve, milliseconds, instead);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

class Copy {
  horizon: string;
  readonly #sights = new Map<string, Sight>();
  /** Those that are shown, by their positions in the atlas; where none is, the next one will be. */
  readonly #shown: (Sight | undefined)[] = [];
  readonly #positions = new Map<string, number>();
  readonly #free: number[] = [];
  #atlas = Atlas.of([]);

  constructor(horizon: string, sights: readonly Sight[]) {
    this.horizon = horizon;
    this.put(sights);
  }

  put(sights: readonly Sight[]): void {
    const gone: Named[] = [];
    const come: Named[] = [];
    for (const sight of sights) {
      const known = this.#sights.get(sight.id);
      const moved = isElsewhere(known, sight);
      this.#sights.set(sight.id, sight);
      const before = this.#positions.get(sight.id);
      if (moved && known && before !== undefined) {
        gone.push(named(known, before));
        this.#leave(sight.id, before);
      }
      const position = moved && sight.active ? this.#take(sight.id) : this.#positions.get(sight.id);
      if (position === undefined) continue;
      this.#shown[position] = sight;
      if (moved) come.push(named(sight, position));
    }
    if (gone.length + come.length > 0) this.#atlas = this.#atlas.changed(gone, come);
  }

  #leave(id: string, position: number): void {
    this.#positions.delete(id);
    this.#shown[position] = undefined;
    this.#free.push(position);
  }

  #take(id: string): number {
    const position = this.#free.pop() ?? this.#shown.length;
    this.#positions.set(id, position);
    return position;
  }

  within(box: Box): Sight[] {
    return this.#atlas.within(box).map((position) => this.#shown[position] as Sight);
  }
}

const named = ({ longitude, latitude }: Sight, position: number): Named => ({ position, longitude, latitude });

const isElsewhere = (before: Sight | undefined, now: Sight): boolean =>
  before?.active !== now.active || before.longitude !== now.longitude || before.latitude !== now.latitude;

async function readAll(database: Database, pageSize: number): Promise<Copy> {
  const horizon = await readHorizon(database);
  const sights: Sight[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Sight[] = await readSights(database, after, pageSize);
    sights.push(...page);
    after = page.length < pageSize ? undefined : page.at(-1)?.id;
  }
  return new Copy(horizon, sights);
}

/** Null for a database that went back in time, or is another one: then all is read anew. */
async function bringUpToDate(copy: Copy, database: Database): Promise<Copy | null> {
  const { horizon, changed } = await readChanged(database, copy.horizon);
  if (BigInt(horizon) < BigInt(copy.horizon)) return null;
  copy.put(changed);
  copy.horizon = horizon;
  return copy;
}
