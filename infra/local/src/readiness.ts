import { setTimeout as sleep } from 'node:timers/promises';
import { Obstacle } from './obstacle.ts';
import type { Program } from './program.ts';

/** Until the gateway says that every service is ready; what it says when they are not is in the message. */
export async function untilReady(gateway: string, programs: readonly Program[], timeoutMs: number): Promise<void> {
  let answer = 'it does not answer';
  for (const began = performance.now(); ; await sleep(50)) {
    try {
      const response = await fetch(`${gateway}/health/ready`, { signal: AbortSignal.timeout(2000) });
      answer = await response.text();
      if (response.status === 200) return;
    } catch {
      answer = 'it does not answer';
    }
    const lost = programs.filter(({ state }) => state === 'given up').map(({ name }) => name);
    if (lost.length > 0)
      throw new Obstacle(`Not started: ${lost.join(', ')}. The output above and in .local/logs says why.`);
    if (performance.now() - began > timeoutMs) {
      throw new Obstacle(`Not ready after ${timeoutMs / 1000} s. ${gateway}/health/ready: ${answer}`);
    }
  }
}
