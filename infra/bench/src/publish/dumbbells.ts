import { logarithmicAxis, shortNumber } from './axis.ts';
import { dot, line, type Picture, picture, type Svg, text } from './svg.ts';

export interface Dumbbell {
  name: string;
  /** The dot that matters. */
  filled: number;
  hollow: number;
  /** At the end of the row. */
  note: string;
}

export interface Dumbbells extends Omit<Picture, 'width' | 'height'> {
  unit: string;
  filled: string;
  hollow: string;
  note: string;
  /** The class of the hollow dots' colour. */
  hollowColour: 'ours' | 'yardstick';
  rows: readonly Dumbbell[];
}

const width = 860;
const rowHeight = 28;
const top = 96;
const [left, right] = [220, 720];

/** Two values a row, on one logarithmic axis: what counts is how far apart they lie. */
export function dumbbells({ rows, unit, filled, hollow, note, hollowColour, ...head }: Dumbbells): Svg {
  const bottom = top + rows.length * rowHeight;
  const { at, ticks } = logarithmicAxis(
    rows.flatMap((row) => [row.filled, row.hollow]),
    { from: left, to: right },
  );
  const grid = ticks.flatMap((tick) => [
    line(at(tick), top - 8, at(tick), bottom, { class: 'grid' }),
    text(at(tick), bottom + 18, shortNumber(tick), { class: 'muted', 'text-anchor': 'middle' }),
  ]);
  const drawn = rows.flatMap((row, index) => {
    const y = top + index * rowHeight + rowHeight / 2;
    return [
      text(left - 16, y + 4, row.name, { 'text-anchor': 'end' }),
      line(at(row.hollow), y, at(row.filled), y, { class: 'axis' }),
      dot(
        at(row.hollow),
        y,
        5,
        { class: `${hollowColour} hollow`, 'stroke-width': 2 },
        `${row.name}, ${hollow}: ${shortNumber(row.hollow)} ${unit}`,
      ),
      dot(at(row.filled), y, 6, { class: 'ours' }, `${row.name}, ${filled}: ${shortNumber(row.filled)} ${unit}`),
      text(width - 24, y + 4, row.note, { 'text-anchor': 'end' }),
    ];
  });
  const legend = [
    dot(left + 6, 72, 6, { class: 'ours' }),
    text(left + 18, 76, filled),
    dot(left + 186, 72, 5, { class: `${hollowColour} hollow`, 'stroke-width': 2 }),
    text(left + 198, 76, hollow),
    text(width - 24, 76, note, { class: 'muted', 'text-anchor': 'end' }),
    text((left + right) / 2, bottom + 38, `${unit} (logarithmic)`, { class: 'muted', 'text-anchor': 'middle' }),
  ];
  return picture({ ...head, width, height: bottom + 54 }, [...grid, ...legend, ...drawn]);
}
