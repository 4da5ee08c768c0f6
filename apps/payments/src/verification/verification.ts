/** Something that was added up again and came out otherwise. */
export interface Difference {
  readonly what: string;
  /** Of the account, transfer, hold or payment. */
  readonly id: string;
  readonly shouldBe: string;
  readonly is: string | null;
}

export interface Verification {
  readonly begunAt: Date;
  readonly tookMs: number;
  readonly accounts: bigint;
  readonly transfers: bigint;
  readonly postings: bigint;
  readonly differences: readonly Difference[];
}

const nightHour = 2;
const dayMs = 24 * 3_600_000;

/** Once a night, after two o'clock UTC, or later when nobody was there then. */
export function isDue(last: Pick<Verification, 'begunAt'> | null, now: Date): boolean {
  const night = new Date(now);
  night.setUTCHours(nightHour, 0, 0, 0);
  const latest = night > now ? new Date(night.getTime() - dayMs) : night;
  return last === null || last.begunAt < latest;
}
