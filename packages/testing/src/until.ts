import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  timeoutMs?: number;
  /** Said when time is up. */
  message?: string;
}

/** Waits for a condition, and gives what it gave; what the condition throws counts as "not yet". */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 20_000, message = 'the condition did not come true' }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let failure: unknown;
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    try {
      const value = await condition();
      if (value) return value;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) throw new Error(`${message} within ${timeoutMs} ms`, { cause: failure });
    await pause(wait);
  }
}
