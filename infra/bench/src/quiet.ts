import { setTimeout as pause } from 'node:timers/promises';
import { cpuMilliseconds, type Root } from './processes.ts';

const lookEveryMs = 150;
/** Of processor time between two looks: what idle processes use for their polls and heartbeats. */
const idleMs = 40;

/** Waits, a few seconds at most, until these processes have done what the last requests left behind. */
export async function untilQuiet(processes: readonly Root[], patienceMs = 4000): Promise<void> {
  if (processes.length === 0) return;
  const usedSoFar = () => Object.values(cpuMilliseconds(processes) ?? {}).reduce((sum, used) => sum + used, 0);
  const deadline = performance.now() + patienceMs;
  for (let before = usedSoFar(); performance.now() < deadline; ) {
    await pause(lookEveryMs);
    const now = usedSoFar();
    if (now - before <= idleMs) return;
    before = now;
  }
}
