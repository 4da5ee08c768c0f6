import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { readAtPace } from '../paced.ts';
import type { Account } from '../seed/accounts.ts';
import { median, percentile } from '../statistics.ts';
import type { Logins } from './logins.ts';

export interface FloodResult {
  quietP99Ms: number;
  floodedP99Ms: number;
  /** The median round's. */
  times: number;
  /** Of each round: how long the last login waited for its answer. */
  floodSeconds: number;
  /** How many were let in, and how many were told to come back later. */
  answers: Record<string, number>;
  /** Reads that were not answered as they should. */
  failures: string[];
}

export interface Flood {
  rounds: number;
  quietSeconds: number;
  logins: number;
  readsPerSecond: number;
}

/** How others fare while many sign in at once: the same reads at the same pace, by turns in peace and in the flood. */
export async function loginFlood(
  origin: string,
  accounts: readonly Account[],
  path: (n: number) => string,
  { rounds, quietSeconds, logins, readsPerSecond }: Flood,
): Promise<FloodResult> {
  const quiet: number[] = [];
  const flooded: number[] = [];
  const seconds: number[] = [];
  const answers: Record<string, number> = {};
  const failures: string[] = [];
  const read = async (until: Promise<unknown>): Promise<number> => {
    const result = await readAtPace({ origin, path, perSecond: readsPerSecond, until });
    failures.push(...result.failures);
    return percentile(result.milliseconds, 0.99);
  };

  await read(pause(1000));
  for (let round = 0; round < rounds; round++) {
    const crowd = await gather({ origin, accounts, logins });
    quiet.push(await read(pause(quietSeconds * 1000)));
    const begin = performance.now();
    flooded.push(await read(crowd.logIn(answers)));
    seconds.push((performance.now() - begin) / 1000);
  }
  return {
    quietP99Ms: median(quiet),
    floodedP99Ms: median(flooded),
    times: median(flooded.map((p99, round) => p99 / (quiet[round] ?? Number.NaN))),
    floodSeconds: median(seconds),
    answers,
    failures,
  };
}

/** A crowd that has come and waits: what starting it costs this machine is no part of the flood. */
async function gather(logins: Logins) {
  const worker = new Worker(new URL('./logins.ts', import.meta.url), { workerData: logins });
  // An error of the worker ends these too.
  await once(worker, 'message');
  return {
    async logIn(answers: Record<string, number>): Promise<void> {
      const given = once(worker, 'message');
      worker.postMessage('now');
      const [counts] = (await given) as [Record<string, number>];
      for (const [status, count] of Object.entries(counts)) answers[status] = (answers[status] ?? 0) + count;
    },
  };
}
