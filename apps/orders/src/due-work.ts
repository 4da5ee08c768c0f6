import { type Background, type Logger, repeat, type Writes } from '@forecourt/service-kit';

/** Rows that somebody has to look at when their time has come, in any number of processes. */
export interface DueWork {
  readonly name: string;
  /** Those that are due, which nobody else gets until `lease`. */
  take(wish: { now: Date; lease: Date; most: number }): Promise<string[]>;
  advance(id: string): Promise<unknown>;
  handBack(taken: { id: string; lease: Date }): Promise<void>;
}

interface Deps {
  readonly clock: () => Date;
  readonly log: Logger;
}

/** So many at once in a process. */
const atOnce = 32;
const usuallyEveryMs = 1_000;
/** Whoever has a row in hand is done with it by then, or dead: longer than all its questions take. */
const leaseMs = 60_000;

/** Works on all that is due, and gives how many there were. */
export async function workOff(deps: Deps, work: DueWork): Promise<number> {
  const begun = await begin(deps, work, atOnce);
  await Promise.all(begun);
  return begun.length;
}

async function begin({ clock, log }: Deps, work: DueWork, most: number): Promise<Promise<void>[]> {
  const now = clock();
  const lease = new Date(now.getTime() + leaseMs);
  const taken = await work.take({ now, lease, most });
  return taken.map(async (id) => {
    try {
      await work.advance(id);
    } catch (error) {
      log.warn({ err: error, id, work: work.name }, 'something that is due could not be brought on');
    } finally {
      await work
        .handBack({ id, lease })
        .catch((error: unknown) => log.warn({ err: error, id, work: work.name }, 'it is left to its lease'));
    }
  });
}

/** Looks when this process changed something, and besides for what others have changed and what is due by its time. */
export function startWorker(
  deps: Deps & { readonly work: Writes },
  work: DueWork,
  everyMs = usuallyEveryMs,
): Background {
  const underWay = new Set<Promise<void>>();
  const look = async (): Promise<boolean> => {
    if (underWay.size >= atOnce) await Promise.race(underWay);
    const begun = await begin(deps, work, atOnce - underWay.size);
    for (const one of begun) {
      const ended = one.finally(() => underWay.delete(ended));
      underWay.add(ended);
    }
    return begun.length > 0;
  };
  const rounds = repeat({ name: work.name, everyMs, work: look, log: deps.log });
  deps.work.listen(rounds.wake);
  return {
    wake: rounds.wake,
    close: async () => {
      await rounds.close();
      await Promise.all(underWay);
    },
  };
}
