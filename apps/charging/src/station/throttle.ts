/** Counts of what went wrong, for so long after the first. */
interface Failures {
  count: number;
  readonly until: number;
}

export interface Throttle {
  /** Seconds to wait for, when there were too many. */
  waitFor(address: string, identity: string): number | null;
  failed(address: string, identity: string): void;
}

const windowMs = 60_000;
/** Of one station from one address: more is a guess. */
const mostOfOne = 10;
/** Of one address: many stations of one site may have been given wrong passwords. */
const mostOfAddress = 100;
const mostKept = 50_000;

/**
 * Failed connects are counted by address, and by address and station; never by station alone, with which a stranger could
 * keep it out. Each process counts for itself.
 */
export function createThrottle(now: () => number = () => performance.now()): Throttle {
  const failures = new Map<string, Failures>();

  const count = (key: string): void => {
    const found = failures.get(key);
    if (found && found.until > now()) {
      found.count += 1;
      return;
    }
    failures.delete(key);
    if (failures.size >= mostKept) failures.delete(failures.keys().next().value as string);
    failures.set(key, { count: 1, until: now() + windowMs });
  };
  const waitOf = (key: string, most: number): number | null => {
    const found = failures.get(key);
    if (!found || found.count < most || found.until <= now()) return null;
    return Math.ceil((found.until - now()) / 1_000);
  };
  const keys = (address: string, identity: string) => [address, `${address} ${identity}`] as const;

  return {
    waitFor(address, identity) {
      const [one, both] = keys(address, identity);
      return waitOf(one, mostOfAddress) ?? waitOf(both, mostOfOne);
    },
    failed(address, identity) {
      for (const key of keys(address, identity)) count(key);
    },
  };
}
