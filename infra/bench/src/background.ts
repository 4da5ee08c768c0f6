import { setTimeout as pause } from 'node:timers/promises';

/** Something that goes on while requests come. */
export interface Background {
  everyMs: number;
  act(): Promise<void>;
}

/** Until it is stopped; what went wrong meanwhile is thrown then. */
export function repeatedly(background: Background | undefined): () => Promise<void> {
  if (!background) return async () => {};
  const stopped = new AbortController();
  const going = (async () => {
    while (!stopped.signal.aborted) {
      await background.act();
      await pause(background.everyMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  going.catch(() => {});
  return () => {
    stopped.abort();
    return going;
  };
}
