import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from './network.ts';
import { Obstacle } from './obstacle.ts';
import type { Program } from './program.ts';

export interface Awaited {
  readonly gateway: string;
  readonly instances: readonly Pick<Instance, 'name' | 'url'>[];
  readonly programs: readonly Program[];
}

/**
 * Until the gateway says that every service is ready, and each process that is to run says it, too: of several of one
 * service the gateway needs but one. What is said by who is not is in the message.
 */
export async function untilReady({ gateway, instances, programs }: Awaited, timeoutMs: number): Promise<void> {
  const isToRun = ({ name }: Pick<Instance, 'name'>) =>
    programs.some((program) => program.name === name && program.state !== 'stopped');
  for (const began = performance.now(); ; await sleep(50)) {
    const others = instances.filter(({ url }) => url !== gateway).filter(isToRun);
    const complaint = (await complaintOf(gateway)) ?? (await firstComplaintOf(others.map(({ url }) => url)));
    if (complaint === undefined) return;
    const lost = programs.filter(({ state }) => state === 'given up').map(({ name }) => name);
    if (lost.length > 0)
      throw new Obstacle(`Not started: ${lost.join(', ')}. The output above and in .local/logs says why.`);
    if (performance.now() - began > timeoutMs)
      throw new Obstacle(`Not ready after ${timeoutMs / 1000} s. ${complaint}`);
  }
}

const firstComplaintOf = async (origins: readonly string[]): Promise<string | undefined> =>
  (await Promise.all(origins.map(complaintOf))).find((complaint) => complaint !== undefined);

async function complaintOf(origin: string): Promise<string | undefined> {
  const url = `${origin}/health/ready`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const answer = await response.text();
    return response.status === 200 ? undefined : `${url}: ${answer}`;
  } catch {
    return `${url}: it does not answer`;
  }
}
