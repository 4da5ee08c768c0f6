/** The value below which that share of the samples lies (nearest rank); NaN of nothing. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Of an even number of samples the middle of the middle two. */
export function median(samples: readonly number[]): number {
  const sorted = Float64Array.from(samples).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

const at = (sorted: Float64Array, index: number): number => sorted[index] ?? Number.NaN;

export interface Ratio {
  /** The median round's. */
  value: number;
  /** The rounds' lowest and highest: how far to believe the value. */
  low: number;
  high: number;
}

/** Round by round, because what disturbs the machine for seconds disturbs both sides of a round alike. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio {
  const rounds = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
  return { value: median(rounds), low: Math.min(...rounds), high: Math.max(...rounds) };
}
