/** From a value to where it is drawn, with the values that are worth a line and a label. */
export interface Axis {
  at(value: number): number;
  ticks: readonly number[];
}

interface Range {
  from: number;
  to: number;
}

/** Begins at nothing and ends at a round number: for lengths that are compared. */
export function linearAxis(values: readonly number[], { from, to }: Range): Axis {
  const most = Math.max(...values, 0) || 1;
  const step = roundStep(most / 5);
  const end = Math.ceil(most / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  return { at: (value) => from + ((to - from) * value) / end, ticks };
}

/** 1, 2 or 5 times a power of ten, at least as large. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power;
}

/** From the power of ten below the least to 1, 2 or 5 times one above the most: for values that differ by orders of magnitude. */
export function logarithmicAxis(values: readonly number[], { from, to }: Range): Axis {
  const positive = values.filter((value) => value > 0);
  const least = Math.min(...positive);
  const most = Math.max(...positive);
  const [first, last] = [roundDown(least), roundUp(most)];
  const [low, high] = [Math.log10(first), Math.log10(last > first ? last : first * 10)];
  const at = (value: number) => from + ((to - from) * (Math.log10(value) - low)) / (high - low);
  const ticks: number[] = [];
  const factors = high - low > 2.5 ? [1] : [1, 2, 5];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(1));
      if (Math.log10(tick) >= low - 1e-9 && Math.log10(tick) <= high + 1e-9) ticks.push(tick);
    }
  return { at, ticks };
}

const powerBelow = (value: number) => 10 ** Math.floor(Math.log10(value) + 1e-9);
const precise = (value: number) => Number(value.toPrecision(1));
const roundDown = (value: number) =>
  precise(([5, 2, 1].find((f) => f * powerBelow(value) <= value * (1 + 1e-9)) ?? 1) * powerBelow(value));
const roundUp = (value: number) =>
  precise(([1, 2, 5, 10].find((f) => f * powerBelow(value) >= value * (1 - 1e-9)) ?? 10) * powerBelow(value));

/** Places that are evenly apart, whatever is at them. */
export const evenly = (count: number, { from, to }: Range): number[] =>
  Array.from({ length: count }, (_, index) =>
    count === 1 ? (from + to) / 2 : from + ((to - from) * index) / (count - 1),
  );

/** `12`, `0.05`, `1,500`, `100k`. */
export function shortNumber(value: number): string {
  if (value >= 10_000 && value % 1000 === 0) return `${value / 1000}k`;
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
