import { setTimeout as pause } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Place, Station } from './station.ts';

/**
 * A worker's work: thousands of stations at once, so that those who measure meanwhile do not wait for their own crowd. Does
 * one thing after the other, as it is told, and says what came of it.
 */
const stations: Station[] = [];
const place = workerData as Place;

/** As many as do something at the same time when all of them are to do it. */
const atOnce = 64;

async function all(those: readonly Station[], act: (station: Station) => Promise<void>): Promise<number> {
  const began = performance.now();
  const left = [...those].reverse();
  const work = async () => {
    for (let station = left.pop(); station; station = left.pop()) await act(station);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (performance.now() - began) / 1000;
}

/** Since 1970, which threads agree on. */
const now = () => performance.timeOrigin + performance.now();
const charging = () => stations.filter(({ charge }) => charge);

const verbs = {
  /** So many more are here; gives how many seconds it took. */
  come: async ({ more }: { more: number }) => {
    const newcomers = Array.from({ length: more }, (_, index) => new Station(stations.length + index, place));
    stations.push(...newcomers);
    return all(newcomers, (station) => station.come());
  },
  /** The first so many charge, each for its own card. */
  start: async ({ count }: { count: number }) => all(stations.slice(0, count), (station) => station.start()),
  /**
   * Those that charge say by turns what their meters show, at a fixed pace: each value counts from the instant when it was
   * due, whether or not the last one was answered.
   */
  meter: async ({ perSecond, seconds }: { perSecond: number; seconds: number }) => {
    const those = charging();
    const milliseconds: number[] = [];
    const failures: string[] = [];
    const begin = performance.now();
    const told: Promise<unknown>[] = [];
    for (let n = 0; n < perSecond * seconds; ) {
      for (
        const due = () => begin + (n * 1000) / perSecond;
        due() <= performance.now() && n < perSecond * seconds;
        n++
      ) {
        const from = due();
        const station = those[n % those.length] as Station;
        const work = station.meter().then(
          () => milliseconds.push(performance.now() - from),
          (error: Error) => failures.push(`meter of station ${station.n}: ${error.message}`),
        );
        told.push(work);
      }
      await pause(1);
    }
    await Promise.all(told);
    return { milliseconds, failures, seconds: (performance.now() - begin) / 1000 };
  },
  /** Once they have lost their lines; gives when each of them was answered again. */
  comeBack: async () =>
    Promise.all(
      stations.map(async (station) => {
        await station.comeBack();
        return now();
      }),
    ),
  /** All that charge end it; gives how much each of them says has flowed, by its number. */
  stop: async () => {
    const flowedWh: Record<number, number> = {};
    const seconds = await all(charging(), async (station) => {
      flowedWh[station.n] = await station.stop();
    });
    return { flowedWh, seconds };
  },
  leave: async () => {
    for (const station of stations) station.leave();
    await Promise.all(stations.map(({ line }) => line.lost));
  },
};
export type Verbs = typeof verbs;

const port = parentPort as MessagePort;
port.on('message', async ({ verb, wish }: { verb: keyof Verbs; wish: never }) => {
  try {
    port.postMessage({ outcome: await verbs[verb](wish) });
  } catch (error) {
    port.postMessage({ failure: (error as Error).message });
  }
});
port.postMessage('here');
