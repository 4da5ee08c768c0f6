import type { Fault } from '../history.ts';
import type { FaultKind } from '../nemesis/kind.ts';
import { escaped, picture, round, svg, type TimeAxis, timeGrid } from './svg.ts';

const lanes = ['services', 'relays', 'broker', 'database', 'lines', 'deliveries', 'clocks'] as const;
type Lane = (typeof lanes)[number];

const laneOf: Readonly<Record<string, Lane>> = {
  service: 'services',
  relay: 'relays',
  broker: 'broker',
  database: 'database',
  link: 'lines',
  deliver: 'deliveries',
  clock: 'clocks',
};
const laneOfKind = (kind: FaultKind): Lane => laneOf[kind.split('-', 1)[0] ?? ''] ?? 'services';

const bar = { height: 13, gap: 3, least: 5 } as const;
const lanePadding = 7;

/** A lane for each sort of thing that was broken; a bar from the moment it broke until it was mended. */
export function timelineOf(faults: readonly Fault[], axis: TimeAxis): string {
  const parts: string[] = [];
  let y = 4;
  for (const lane of lanes) {
    const own = faults.filter(({ kind, impossible }) => impossible === undefined && laneOfKind(kind) === lane);
    const rows = stacked(own, axis);
    const height = Math.max(1, rows.length) * (bar.height + bar.gap) - bar.gap + 2 * lanePadding;
    const middle = y + height / 2 + 4;
    parts.push(
      `<rect class="lane" x="${picture.left}" y="${y}" width="${picture.width - picture.left - picture.right}" height="${height}"/>`,
    );
    parts.push(`<text class="label" x="${picture.left - 10}" y="${middle}" text-anchor="end">${lane}</text>`);
    for (const [row, inRow] of rows.entries()) {
      const top = y + lanePadding + row * (bar.height + bar.gap);
      parts.push(...inRow.map((fault) => barOf(fault, axis, top, lane)));
    }
    y += height + 4;
  }
  return svg(y + 22, 'Faults over time', timeGrid(axis, 0, y, { labels: true }) + parts.join(''));
}

function barOf(fault: Fault, axis: TimeAxis, top: number, lane: Lane): string {
  const { from, to = axis.endMs, recoveredAt } = fault;
  const x = axis.x(from);
  const width = Math.max(bar.least, round(axis.x(to) - x));
  const recovery =
    recoveredAt === undefined
      ? ''
      : `<line class="recovery" x1="${x + width}" x2="${Math.max(x + width, axis.x(recoveredAt))}" y1="${top + bar.height / 2}" y2="${top + bar.height / 2}"/>`;
  const title = [
    `#${fault.id} ${fault.kind}: ${fault.target}`,
    fault.detail,
    `${seconds(from)} to ${seconds(to)}`,
    recoveredAt === undefined ? '' : `served again at ${seconds(recoveredAt)}`,
  ];
  return `<g class="${lane}"><title>${escaped(title.filter(Boolean).join('\n'))}</title>${recovery}<rect x="${x}" y="${top}" width="${width}" height="${bar.height}" rx="2.5"/></g>`;
}

/** As few rows as there can be without one bar hiding another. */
function stacked(faults: readonly Fault[], axis: TimeAxis): Fault[][] {
  const rows: { end: number; faults: Fault[] }[] = [];
  for (const fault of [...faults].sort((one, other) => one.from - other.from)) {
    const begin = axis.x(fault.from);
    const end = Math.max(begin + bar.least, axis.x(fault.to ?? axis.endMs)) + 2;
    const row = rows.find((candidate) => candidate.end <= begin);
    if (row) {
      row.faults.push(fault);
      row.end = end;
    } else rows.push({ end, faults: [fault] });
  }
  return rows.map((row) => row.faults);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
