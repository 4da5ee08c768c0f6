import { AppError } from '@forecourt/errors';
import { Pool } from 'undici';

export interface Upstream {
  readonly origin: string;
  readonly pool: Pool;
  /** Refused a connection not long ago: asked only when nobody better is there. Milliseconds of `now`. */
  restsUntil: number;
  inFlight: number;
}

export interface UpstreamOptions {
  readonly connectTimeoutMs: number;
  readonly now?: () => number;
}

const connections = 64;
/** Waiting behind the busy connections; more would only wait for their time-out. */
const queue = 256;
const restMs = 1000;

/** The processes of one service: taken in turn, those that refused a connection within the last second last. */
export class Upstreams {
  readonly all: readonly Upstream[];
  readonly #now: () => number;
  #turn = 0;

  constructor(origins: readonly string[], { connectTimeoutMs, now = () => performance.now() }: UpstreamOptions) {
    this.#now = now;
    this.all = origins.map((origin) => ({
      origin,
      pool: new Pool(origin, { connections, pipelining: 1, connect: { timeout: connectTimeoutMs } }),
      restsUntil: 0,
      inFlight: 0,
    }));
  }

  /** Refuses `overloaded` when those that have not refused us already have too much to do. */
  pick(refused: readonly Upstream[] = []): Upstream {
    const now = this.#now();
    const turn = this.#turn++;
    let second: Upstream | undefined;
    for (let step = 0; step < this.all.length; step++) {
      const upstream = this.all[(turn + step) % this.all.length] as Upstream;
      if (upstream.inFlight >= connections + queue || refused.includes(upstream)) continue;
      if (upstream.restsUntil <= now) return upstream;
      second ??= upstream;
    }
    if (second) return second;
    throw new AppError('overloaded', 'Too many requests wait already.', { retryAfterSeconds: 1 });
  }

  rest(upstream: Upstream): void {
    upstream.restsUntil = this.#now() + restMs;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(({ pool }) => pool.destroy()));
  }
}
