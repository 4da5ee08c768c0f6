/** Says that something may have been committed, to whoever publishes it. */
export interface Writes {
  happened(): void;
  listen(listener: () => void): void;
}

export function createWrites(): Writes {
  const listeners: (() => void)[] = [];
  return {
    happened: () => {
      for (const listen of listeners) listen();
    },
    listen: (listener) => void listeners.push(listener),
  };
}
