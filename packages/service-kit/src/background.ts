import { createBell } from '@forecourt/messaging';
import type { Logger } from './log.ts';

export interface Background {
  /** There may be work: looks at once, or as soon as the round under way is over. */
  wake(): void;
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
  const bell = createBell();
  let leaving = false;

  const loop = async () => {
    while (!leaving) {
      const more = await work().catch((error: unknown) =>
        log.error({ err: error, round: name }, 'a background round failed'),
      );
      if (more !== true) await bell.wait(everyMs);
    }
  };
  const running = loop();
  return {
    wake: bell.ring,
    close: async () => {
      leaving = true;
      bell.ring();
      await running;
    },
  };
}
