/** Runs work of one key in order, work of different keys side by side, never more than `width` at once. */
export interface Lanes {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createLanes(width: number): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < width) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** The place is handed over, not given up: nobody can slip in between. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }

  async function inTurn<T>(before: Promise<unknown> | undefined, work: () => Promise<T>): Promise<T> {
    await before?.catch(() => undefined);
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  return {
    run(key, work) {
      const tail = inTurn(tails.get(key), work);
      tails.set(key, tail);
      const forget = () => {
        if (tails.get(key) === tail) tails.delete(key);
      };
      tail.then(forget, forget);
      return tail;
    },
  };
}
