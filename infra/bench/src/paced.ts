import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';

export interface PacedReading {
  origin: string;
  path(n: number): string;
  perSecond: number;
  /** Goes on until this is settled. */
  until: Promise<unknown>;
}

export interface PacedResult {
  milliseconds: number[];
  /** Reads that were answered otherwise, or not at all. */
  failures: string[];
}

/**
 * Open load: a request is due at its instant whether or not the last one is answered, and its time counts from when it
 * was due. So a service that stands still for a second shows in every request of that second.
 */
export async function readAtPace({ origin, path, perSecond, until }: PacedReading): Promise<PacedResult> {
  const pool = new Pool(origin, { connections: 64, pipelining: 1 });
  const result: PacedResult = { milliseconds: [], failures: [] };
  const read = async (n: number, due: number): Promise<void> => {
    try {
      const { statusCode, body } = await pool.request({ method: 'GET', path: path(n) });
      await body.dump();
      if (statusCode === 200) result.milliseconds.push(performance.now() - due);
      else result.failures.push(`GET ${path(n)}: ${statusCode}`);
    } catch (error) {
      result.failures.push(`GET ${path(n)}: ${(error as Error).message}`);
    }
  };

  let over = false;
  const end = until.finally(() => {
    over = true;
  });
  // It is waited for below; until then nobody else may complain.
  end.catch(() => {});
  const reading: Promise<void>[] = [];
  const begin = performance.now();
  for (let n = 0; !over; n++) {
    const due = begin + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await pause(early);
    reading.push(read(n, due));
  }
  await Promise.all([end, ...reading]);
  await pool.close();
  return result;
}
