import type { Revisions } from '../change-log/revision.ts';

/** Where those wait who have seen everything. */
export interface News {
  /**
   * Until the catalogue may have changed, or for so long, or until the signal. `soon`: there is something already, which
   * will only be there when an older transaction is over.
   */
  wait(options: { seen: number; soon: boolean; mostMs: number; signal: AbortSignal }): Promise<void>;
  /** What whoever reads from now on has seen, or more. */
  seen(): Promise<number>;
  close(): void;
}

const everyMs = 250;

/** One look at the change log every quarter of a second for all who wait, and none while nobody does. */
export function createNews(revisions: Pick<Revisions, 'current' | 'expire'>): News {
  const waiting = new Set<{ seen: number; soon: boolean; wake(): void }>();
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const look = async () => {
    // Another process may have changed something, whatever this one's clock says.
    revisions.expire();
    const revision = await revisions.current().then(
      ({ catalogue }) => catalogue,
      // Whoever reads next will be told what is wrong.
      () => Number.POSITIVE_INFINITY,
    );
    for (const one of [...waiting]) if (one.soon || one.seen < revision) one.wake();
    timer = waiting.size > 0 ? setTimeout(look, everyMs) : undefined;
  };

  return {
    seen: async () => (await revisions.current()).catalogue,
    wait: ({ seen, soon, mostMs, signal }) =>
      new Promise((resolve) => {
        const either = AbortSignal.any([signal, closing.signal]);
        if (either.aborted || mostMs <= 0) return resolve();
        const limit = setTimeout(() => waiter.wake(), mostMs);
        const waiter = {
          seen,
          soon,
          wake: () => {
            clearTimeout(limit);
            either.removeEventListener('abort', waiter.wake);
            waiting.delete(waiter);
            resolve();
          },
        };
        either.addEventListener('abort', waiter.wake);
        waiting.add(waiter);
        timer ??= setTimeout(look, everyMs);
      }),
    close: () => {
      closing.abort();
      clearTimeout(timer);
    },
  };
}
