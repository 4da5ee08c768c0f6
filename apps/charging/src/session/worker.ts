import { type Background, repeat } from '@forecourt/service-kit';
import { advance, type ErrandDeps } from './errands.ts';
import { handBack, takeDue } from './store.ts';

/** So many at once in a process. */
const atOnce = 32;
const usuallyEveryMs = 1_000;
/** Whoever has a session in hand is done with it by then, or dead: longer than all its questions take. */
export const leaseMs = 60_000;

/** Works on all that is due, and gives how many there were. */
export async function workOff(deps: ErrandDeps): Promise<number> {
  const begun = await begin(deps, atOnce);
  await Promise.all(begun);
  return begun.length;
}

async function begin(deps: ErrandDeps, most: number): Promise<Promise<void>[]> {
  const now = deps.clock();
  const lease = new Date(now.getTime() + leaseMs);
  const taken = await takeDue(deps.database, { now, lease, most });
  return taken.map(async (named) => {
    try {
      await advance(deps, named);
    } catch (error) {
      deps.log.warn({ err: error, sessionId: named.id }, 'a session could not be brought on');
    } finally {
      await handBack(deps.database, { id: named.id, lease }).catch((error: unknown) =>
        deps.log.warn({ err: error, sessionId: named.id }, 'a session is left to its lease'),
      );
    }
  });
}

/** Looks when this process changed a session, and besides for what others have changed and what is due by its time. */
export function startWorker(deps: ErrandDeps, everyMs = usuallyEveryMs): Background {
  const underWay = new Set<Promise<void>>();
  const look = async (): Promise<boolean> => {
    if (underWay.size >= atOnce) await Promise.race(underWay);
    const begun = await begin(deps, atOnce - underWay.size);
    for (const work of begun) {
      const ended = work.finally(() => underWay.delete(ended));
      underWay.add(ended);
    }
    return begun.length > 0;
  };
  const rounds = repeat({ name: 'sessions', everyMs, work: look, log: deps.log });
  deps.sessionWork.listen(rounds.wake);
  return {
    wake: rounds.wake,
    close: async () => {
      await rounds.close();
      await Promise.all(underWay);
    },
  };
}
