import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Verbs } from './crowd.ts';
import type { Place } from './station.ts';

export interface Crowd {
  do<V extends keyof Verbs>(verb: V, ...wish: Parameters<Verbs[V]>): Promise<Awaited<ReturnType<Verbs[V]>>>;
  end(): Promise<void>;
}

/** Whatever ten thousand stations do is over by then, on any machine, or will never be. */
const patienceMs = 10 * 60_000;

/** A crowd that has not come yet; it does one thing at a time. */
export async function gatherCrowd(place: Place): Promise<Crowd> {
  const worker = new Worker(new URL('./crowd.ts', import.meta.url), { workerData: place });
  // An error of the worker ends these waits too.
  await once(worker, 'message');
  return {
    async do(verb, ...[wish]) {
      const said = once(worker, 'message', { signal: AbortSignal.timeout(patienceMs) });
      worker.postMessage({ verb, wish });
      const [{ outcome, failure }] = await said;
      if (failure !== undefined) throw new Error(`the crowd could not ${verb}: ${failure}`);
      return outcome;
    },
    end: async () => {
      await worker.terminate();
    },
  };
}
