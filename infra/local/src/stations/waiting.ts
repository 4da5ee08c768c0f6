/** For tests that wait for what a station comes to, rather than for a time. */
export interface Waiting {
  /** Something is otherwise than it was. */
  changed(): void;
  /** Fails with what `what` says then. */
  until(is: () => boolean, timeoutMs: number, what: () => string): Promise<void>;
}

export function createWaiting(who: string): Waiting {
  const waiters = new Set<() => void>();
  return {
    changed() {
      for (const look of waiters) look();
    },
    until: (is, timeoutMs, what) =>
      new Promise((resolve, reject) => {
        const done = (act: () => void) => {
          waiters.delete(look);
          clearTimeout(timer);
          act();
        };
        const look = () => is() && done(resolve);
        const timer = setTimeout(() => done(() => reject(new Error(`${who}: ${what()}`))), timeoutMs);
        waiters.add(look);
        look();
      }),
  };
}
