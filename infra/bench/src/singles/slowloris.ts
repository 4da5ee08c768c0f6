import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { readAtPace } from '../paced.ts';
import { memoryMegabytes } from '../processes.ts';
import type { Visits } from '../shop/visits.ts';
import { median, percentile, type Ratio, ratioOf } from '../statistics.ts';
import type { SystemUnderTest } from '../system.ts';

export interface SlowlorisResult {
  clients: number;
  quietP99Ms: number;
  attackedP99Ms: number;
  times: Ratio;
  /** Of the gateway, which holds the slow ones' sockets. */
  memoryMb?: { before: number; during: number };
  /** Reads of others that were not answered as they should. */
  failures: string[];
}

export interface Attack {
  rounds: number;
  seconds: number;
  clients: number;
  readsPerSecond: number;
}

/** How others fare while very many clients say or take almost nothing: the same reads at the same pace, by turns. */
export async function slowloris(
  { gatewayUrl, processes }: SystemUnderTest,
  visits: Visits,
  { rounds, seconds, clients, readsPerSecond }: Attack,
): Promise<SlowlorisResult> {
  const { hostname, port } = new URL(gatewayUrl);
  const gateway = processes.filter(({ name }) => name === 'gateway');
  const failures: string[] = [];
  const read = async (): Promise<number> => {
    const result = await readAtPace({
      origin: gatewayUrl,
      path: (n) => mixed(visits, n),
      perSecond: readsPerSecond,
      until: pause(seconds * 1000),
    });
    failures.push(...result.failures);
    return percentile(result.milliseconds, 0.99);
  };

  await read();
  const quiet: number[] = [];
  const attacked: number[] = [];
  const memory: number[] = [];
  const before = memoryMegabytes(gateway);
  for (let round = 0; round < rounds; round++) {
    quiet.push(await read());
    const worker = new Worker(new URL('./slow-clients.ts', import.meta.url), {
      workerData: { hostname, port: Number(port), clients },
    });
    await once(worker, 'message');
    attacked.push(await read());
    memory.push(memoryMegabytes(gateway) ?? 0);
    await worker.terminate();
    await pause(1000);
  }
  return {
    clients,
    quietP99Ms: median(quiet),
    attackedP99Ms: median(attacked),
    times: ratioOf(attacked, quiet),
    ...(before !== undefined && { memoryMb: { before, during: Math.max(...memory) } }),
    failures,
  };
}

/** Kept answers, answers of catalog, answers of orders: the attack is on all of them at once. */
function mixed(visits: Visits, n: number): string {
  const paths = [visits.popularProduct, visits.search, () => '/orders/history?phone=%2B380971112233&clientId=x'];
  return (paths[n % paths.length] as (n: number) => string)(n);
}
