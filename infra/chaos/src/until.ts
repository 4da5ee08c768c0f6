import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until it is so; what throws is not so yet. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  { timeoutMs = 30_000, everyMs = 50 } = {},
): Promise<void> {
  for (const began = performance.now(); ; await sleep(everyMs)) {
    if (await Promise.resolve(isSo()).catch(() => false)) return;
    if (performance.now() - began > timeoutMs) throw new Error(`in vain: ${what}`);
  }
}
