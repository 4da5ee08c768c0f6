import { type Background, repeat } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { advance, type CheckingDeps } from './checking.ts';
import { takeDue } from './store.ts';

/** So many at once in a process: a provider that is slow is not to be asked by a crowd. */
const atOnce = 8;
const usuallyEveryMs = 1_000;

export type WorkerDeps = CheckingDeps & Pick<Deps, 'wrote'>;

/** Works on all that is due, and gives how many there were. */
export async function workOff(deps: WorkerDeps): Promise<number> {
  const begun = await begin(deps, atOnce);
  await Promise.all(begun);
  return begun.length;
}

/** Takes up to `most` that are due. What fails is tried another time. */
async function begin(deps: WorkerDeps, most: number): Promise<Promise<void>[]> {
  const { database, clock, log, patience, wrote } = deps;
  const now = clock();
  const lease = new Date(now.getTime() + patience.leaseMs);
  const taken = await takeDue(database, { now, lease, most });
  return taken.map(async (one) => {
    try {
      await advance(deps, one);
    } catch (error) {
      log.warn({ err: error, invoiceId: one.invoice.id }, 'an invoice could not be checked');
    } finally {
      wrote();
    }
  });
}

/** Looks when a provider gave a hint in this process, and besides for what others have written and what is due by its time. */
export function startWorker(deps: WorkerDeps, everyMs = usuallyEveryMs): Background {
  const underWay = new Set<Promise<void>>();
  const look = async (): Promise<boolean> => {
    // What is slow holds back nobody, until everything is.
    if (underWay.size >= atOnce) await Promise.race(underWay);
    const begun = await begin(deps, atOnce - underWay.size);
    for (const work of begun) {
      const ended = work.finally(() => underWay.delete(ended));
      underWay.add(ended);
    }
    return begun.length > 0;
  };
  const rounds = repeat({ name: 'invoices', everyMs, work: look, log: deps.log });
  return {
    wake: rounds.wake,
    close: async () => {
      await rounds.close();
      await Promise.all(underWay);
    },
  };
}
