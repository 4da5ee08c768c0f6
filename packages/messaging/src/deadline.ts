/** The instant at which nobody waits for the answer any more. It shrinks at each hop; clocks are never compared. */
export interface Deadline {
  remainingMs(): number;
}

export function deadlineAfter(milliseconds: number): Deadline {
  const end = performance.now() + milliseconds;
  return { remainingMs: () => Math.max(0, end - performance.now()) };
}
