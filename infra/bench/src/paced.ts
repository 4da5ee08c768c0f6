import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';

export interface PacedReading {
  origin: string;
  path(n: number): string;
  perSecond: number;
  /** Goes on until this is settled. */
  until: Promise<unknown>;
}

/**
 * Open load: a request is due at its instant whether or not the last one is answered, and its time counts from when it
 * was due. So a service that stands still for a second shows in every request of that second. Milliseconds, in order.
 */
export async function readAtPace({ origin, path, perSecond, until }: PacedReading): Promise<number[]> {
  const pool = new Pool(origin, { connections: 64, pipelining: 1 });
  let over = false;
  const end = until.finally(() => {
    over = true;
  });
  const milliseconds: number[] = [];
  const reading: Promise<void>[] = [];
  const read = async (n: number, due: number): Promise<void> => {
    const { statusCode, body } = await pool.request({ method: 'GET', path: path(n) });
    await body.dump();
    if (statusCode !== 200) throw new Error(`GET ${path(n)}: ${statusCode}`);
    milliseconds.push(performance.now() - due);
  };

  const begin = performance.now();
  for (let n = 0; !over; n++) {
    const due = begin + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await pause(early);
    reading.push(read(n, due));
  }
  await Promise.all([end, ...reading]);
  await pool.close();
  return milliseconds;
}
