import type { ServerResponse } from 'node:http';
import { AppError } from '@forecourt/errors';
import { refusalFor } from './faults.ts';

interface Limits {
  readonly atOnce: number;
  /** So many others wait, in the order in which they came; the rest are refused. */
  readonly most?: number;
  readonly patienceMs?: number;
}

/**
 * Lets few requests of a costly kind be with a service at once. The others wait here, where they cost next to nothing:
 * a crowd does not take every connection from those who want something else of that service, nor the time that opening
 * them costs from everybody.
 */
export class Bulkhead {
  readonly #atOnce: number;
  readonly #most: number;
  readonly #patienceMs: number;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor({ atOnce, most = 256, patienceMs = 8000 }: Limits) {
    this.#atOnce = atOnce;
    this.#most = most;
    this.#patienceMs = patienceMs;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** `response`: whose client, once it has left, waits no longer. */
  async pass<T>(response: ServerResponse, work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#atOnce) this.#inside += 1;
    else if (this.#waiting.size >= this.#most) throw overloaded();
    // Whoever comes out hands its place over, so `#inside` stays as it is.
    else await this.#turn(response);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#inside -= 1;
    }
  }

  #turn(response: ServerResponse): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        response.off('close', onClose);
        this.#waiting.delete(begin);
      };
      const begin = () => {
        leave();
        resolve();
      };
      const onClose = () => {
        leave();
        reject(refusalFor('aborted', new Error('The client left.')));
      };
      const timer = setTimeout(() => {
        leave();
        reject(overloaded());
      }, this.#patienceMs);
      if (response.destroyed) return onClose();
      response.on('close', onClose);
      this.#waiting.add(begin);
    });
  }
}

const overloaded = () =>
  new AppError('overloaded', 'Too many requests of this kind wait already.', { retryAfterSeconds: 2 });
