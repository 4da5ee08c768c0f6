/** Work that goes on after who asked for it has been answered; the process waits for it before it ends. */
export interface Errands {
  run<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createErrands(): Errands {
  const underWay = new Set<Promise<unknown>>();
  return {
    run: (work) => {
      const ended: Promise<unknown> = Promise.allSettled([work]).then(() => underWay.delete(ended));
      underWay.add(ended);
      return work;
    },
    close: async () => {
      await Promise.all(underWay);
    },
  };
}
