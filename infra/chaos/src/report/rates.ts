import type { Operation } from '../history.ts';
import { type Answered, answered, percentile } from '../measure.ts';
import { picture, round, svg, type TimeAxis, timeGrid } from './svg.ts';

const height = 170;
const top = 8;
const bottom = height - 24;

/** A second each, or more of them in long runs. */
const binMsOf = (endMs: number) => Math.max(1, Math.ceil(endMs / 240_000)) * 1000;

function binned(operations: readonly Operation[], endMs: number): Operation[][] {
  const binMs = binMsOf(endMs);
  const bins = Array.from({ length: Math.ceil(endMs / binMs) }, (): Operation[] => []);
  for (const operation of operations) bins[Math.floor(operation.endedAt / binMs)]?.push(operation);
  return bins;
}

const outcomes: readonly Answered[] = ['ok', 'refused', 'unknown'];

/** Answers a second by what they said, one upon the other. */
export function ratesOf(operations: readonly Operation[], axis: TimeAxis): string {
  const binMs = binMsOf(axis.endMs);
  const bins = binned(operations, axis.endMs).map((bin) => {
    const counts = { ok: 0, refused: 0, unknown: 0 };
    for (const operation of bin) counts[answered(operation)]++;
    return counts;
  });
  const perSecond = (count: number) => (count * 1000) / binMs;
  const most = Math.max(1, ...bins.map(({ ok, refused, unknown }) => perSecond(ok + refused + unknown)));
  const y = (rate: number) => round(bottom - (rate / most) * (bottom - top));
  const bars = bins.flatMap((counts, n) => {
    const x = axis.x(n * binMs);
    const width = Math.max(0.5, round(axis.x((n + 1) * binMs) - x - 1));
    let below = 0;
    return outcomes.flatMap((outcome) => {
      const rate = perSecond(counts[outcome]);
      if (rate === 0) return [];
      const [from, to] = [y(below + rate), y(below)];
      below += rate;
      const title = `${outcome}: ${counts[outcome]} at ${(n * binMs) / 1000} s`;
      return `<rect class="${outcome}" x="${x}" y="${from}" width="${width}" height="${round(to - from)}"><title>${title}</title></rect>`;
    });
  });
  const lines = levels([most / 2, most].map((rate) => ({ y: y(rate), text: `${rate.toFixed(0)}/s` })));
  return svg(height, 'Answers a second', timeGrid(axis, top, bottom, { labels: true }) + lines + bars.join(''));
}

const lowestMs = 1;
const highestMs = 20_000;

/** How long successes took, on a logarithmic scale: what is refused or lost has no latency worth showing. */
export function latenciesOf(operations: readonly Operation[], axis: TimeAxis): string {
  const binMs = binMsOf(axis.endMs);
  const bins = binned(
    operations.filter(({ outcome }) => outcome === 'ok'),
    axis.endMs,
  ).map((bin) => bin.map(({ startedAt, endedAt }) => endedAt - startedAt));
  const y = (ms: number) => {
    const share = Math.log(Math.max(ms, lowestMs) / lowestMs) / Math.log(highestMs / lowestMs);
    return round(bottom - Math.min(1, share) * (bottom - top));
  };
  const path = (share: number) =>
    bins
      .map((bin, n) => {
        if (bin.length === 0) return '';
        const joins = n > 0 && (bins[n - 1]?.length ?? 0) > 0;
        return `${joins ? 'L' : 'M'}${axis.x((n + 0.5) * binMs)},${y(percentile(bin, share))}`;
      })
      .join('');
  const lines = levels(
    [1, 10, 100, 1000, 10_000].map((ms) => ({ y: y(ms), text: ms < 1000 ? `${ms} ms` : `${ms / 1000} s` })),
  );
  return svg(
    height,
    'Latency of successes',
    `${timeGrid(axis, top, bottom, { labels: true })}${lines}<path class="p99" d="${path(0.99)}"/><path class="p50" d="${path(0.5)}"/>`,
  );
}

const levels = (marks: readonly { y: number; text: string }[]) =>
  marks
    .map(
      ({ y, text }) =>
        `<line class="grid" x1="${picture.left}" x2="${picture.width - picture.right}" y1="${y}" y2="${y}"/><text class="label" x="${picture.left - 10}" y="${y + 4}" text-anchor="end">${text}</text>`,
    )
    .join('');
