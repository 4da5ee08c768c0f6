/** Throws when the thing it looks at is not ready. */
export type Probe = () => unknown;

export interface HealthReport {
  ready: boolean;
  /** `ok`, or what is wrong, by name. */
  checks: Record<string, string>;
}

export interface Health {
  check(name: string, probe: Probe): void;
  /** From now on not ready, whatever the probes say: the process is leaving. */
  beginClosing(): void;
  report(): Promise<HealthReport>;
}

export function createHealth(): Health {
  throw new Error('arrives with the next commit');
}
