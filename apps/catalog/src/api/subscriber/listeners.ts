import { AppError } from '@forecourt/errors';

/** Each of them keeps a connection from the gateway, which has 64 to a process: most are for those who do not stay. */
const most = { streams: 16, waits: 24 } as const;
const mostOfOne = { streams: 4, waits: 4 } as const;
const comeBackSeconds = 5;

/** Who stays on the line. */
export interface Listeners {
  /** A stream. Refuses `too_many_requests`. Gives the way to leave. */
  listen(account: string): () => void;
  /** A long poll; undefined when there are too many already, who are to be answered at once. */
  wait(account: string): (() => void) | undefined;
}

export function createListeners(): Listeners {
  const crowds = { streams: new Crowd(), waits: new Crowd() };
  const enter = (what: keyof typeof crowds, account: string) =>
    crowds[what].total < most[what] && crowds[what].of(account) < mostOfOne[what]
      ? crowds[what].enter(account)
      : undefined;
  return {
    listen: (account) => {
      const leave = enter('streams', account);
      if (leave) return leave;
      throw new AppError('too_many_requests', 'Too many streams are open.', { retryAfterSeconds: comeBackSeconds });
    },
    wait: (account) => enter('waits', account),
  };
}

class Crowd {
  total = 0;
  readonly #ofEach = new Map<string, number>();

  of(account: string): number {
    return this.#ofEach.get(account) ?? 0;
  }

  enter(account: string): () => void {
    this.#count(account, 1);
    let isIn = true;
    return () => {
      if (isIn) this.#count(account, -1);
      isIn = false;
    };
  }

  #count(account: string, by: 1 | -1): void {
    this.total += by;
    const count = this.of(account) + by;
    if (count > 0) this.#ofEach.set(account, count);
    else this.#ofEach.delete(account);
  }
}
