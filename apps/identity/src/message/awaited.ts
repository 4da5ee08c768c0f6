import { setTimeout as pause } from 'node:timers/promises';
import type { Background } from '@forecourt/service-kit';
import { beginRound, mostTaken, type SendingDeps } from './service.ts';

export interface AwaitedSender extends Background {
  /** Something may have been queued; looks at once. */
  wake(): void;
}

const usuallyEveryMs = 500;
/** A provider that takes its time holds back those whom it has, and not whoever asks next. */
const mostRounds = 8;

/**
 * Sends what somebody sits and waits for: looks when something was written in this process, and besides for what others
 * have written and what is due once more. Rounds overlap.
 */
export function startAwaitedSender(deps: SendingDeps, everyMs = usuallyEveryMs): AwaitedSender {
  const leaving = new AbortController();
  const underWay = new Set<Promise<void>>();
  let woken = Promise.withResolvers<void>();

  const look = async (): Promise<boolean> => {
    const { taken, finished } = await beginRound(deps, 'awaited');
    const round = finished
      .catch((error: unknown) => deps.log.error({ err: error, round: 'awaited messages' }, 'a background round failed'))
      .finally(() => underWay.delete(round));
    underWay.add(round);
    return taken === mostTaken;
  };
  const loop = async () => {
    while (!leaving.signal.aborted) {
      if (underWay.size >= mostRounds) await Promise.race(underWay);
      woken = Promise.withResolvers<void>();
      const more = await look().catch((error: unknown) => {
        deps.log.error({ err: error, round: 'awaited messages' }, 'a background round failed');
        return false;
      });
      if (more) continue;
      const rest = new AbortController();
      await Promise.race([woken.promise, pause(everyMs, undefined, { signal: rest.signal }).catch(() => {})]);
      rest.abort();
    }
  };
  const running = loop();
  return {
    wake: () => woken.resolve(),
    close: async () => {
      leaving.abort();
      woken.resolve();
      await running;
      await Promise.all(underWay);
    },
  };
}
