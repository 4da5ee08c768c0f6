import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './log.ts';

export interface Background {
  /** Waits for the round that is under way. */
  close(): Promise<void>;
}

export interface Round {
  readonly name: string;
  readonly everyMs: number;
  /** Gives true when there is more to do at once. */
  work(): Promise<unknown>;
  readonly log: Logger;
}

/** Work that repeats for as long as the process lives. What fails is logged, and tried again with the next round. */
export function repeat({ name, everyMs, work, log }: Round): Background {
  const leaving = new AbortController();
  const { signal } = leaving;

  const loop = async () => {
    while (!signal.aborted) {
      const more = await work().catch((error: unknown) =>
        log.error({ err: error, round: name }, 'a background round failed'),
      );
      if (more !== true) await pause(everyMs, undefined, { signal }).catch(() => {});
    }
  };
  const running = loop();
  return {
    close: async () => {
      leaving.abort();
      await running;
    },
  };
}
