/** Throws, saying what is wrong, when the thing it looks at is not ready. */
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

/** A probe that says nothing for this long has failed. */
const patienceMs = 1_000;

export function createHealth(): Health {
  const probes = new Map<string, Probe>();
  let closing = false;

  const report = async () => {
    const results = await Promise.all(
      [...probes].map(async ([name, probe]) => [name, await outcomeOf(probe)] as const),
    );
    const checks = { ...(closing && { process: 'closing' }), ...Object.fromEntries(results) };
    return { ready: Object.values(checks).every((outcome) => outcome === 'ok'), checks };
  };

  return {
    check: (name, probe) => void probes.set(name, probe),
    beginClosing: () => {
      closing = true;
    },
    report,
  };
}

async function outcomeOf(probe: Probe): Promise<string> {
  const silence = Promise.withResolvers<string>();
  const timer = setTimeout(() => silence.resolve(`no answer within ${patienceMs} ms`), patienceMs);
  try {
    return await Promise.race([
      Promise.resolve()
        .then(probe)
        .then(() => 'ok'),
      silence.promise,
    ]);
  } catch (error) {
    return error instanceof Error && error.message !== '' ? error.message : 'failed';
  } finally {
    clearTimeout(timer);
  }
}
