/** What was done, and what takes it back. */
export interface Damage {
  /** Who it was, when the plan names only a role. */
  readonly target?: string;
  readonly detail: string;
  /** Waits until the target is itself again, where that takes time. */
  mend(): Promise<void>;
}

/** It cannot be done here; the run goes on without. */
export class Impossible extends Error {}
