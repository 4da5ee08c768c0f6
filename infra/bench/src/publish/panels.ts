import { evenly, logarithmicAxis, shortNumber } from './axis.ts';
import { dot, line, type Picture, path, picture, type Svg, text } from './svg.ts';

export interface Panel {
  name: string;
  /** One value for each of the places below. */
  ours: readonly number[];
  yardstick: readonly number[];
}

export interface Panels extends Omit<Picture, 'width' | 'height'> {
  /** What differs from left to right, and its values. */
  below: string;
  places: readonly string[];
  unit: string;
  panels: readonly Panel[];
}

const width = 860;
const columns = 3;
const [panelWidth, panelHeight] = [240, 150];
const [left, top] = [64, 116];
const [gapX, gapY] = [22, 58];

/** The same small picture for each flow, all on one logarithmic axis, so that they can be laid side by side by eye. */
export function panels({ panels: all, below, places, unit, ...head }: Panels): Svg {
  const rows = Math.ceil(all.length / columns);
  const height = top + rows * (panelHeight + gapY);
  const { at, ticks } = logarithmicAxis(
    all.flatMap(({ ours, yardstick }) => [...ours, ...yardstick]),
    { from: panelHeight, to: 0 },
  );
  const drawn = all.flatMap((panel, index) => {
    const x = left + (index % columns) * (panelWidth + gapX);
    const y = top + Math.floor(index / columns) * (panelHeight + gapY);
    const xs = evenly(places.length, { from: x + 24, to: x + panelWidth - 24 });
    const series = (name: 'ours' | 'yardstick', values: readonly number[]): Svg[] => [
      path(
        values.map((value, place) => [xs[place] as number, y + at(value)] as const),
        { class: name },
      ),
      ...values.map((value, place) =>
        dot(
          xs[place] as number,
          y + at(value),
          4,
          { class: name === 'ours' ? name : `${name} hollow`, 'stroke-width': 2 },
          `${panel.name}, ${name}, ${places[place]}: ${shortNumber(value)} ${unit}`,
        ),
      ),
    ];
    return [
      text(x, y - 10, panel.name),
      ...ticks.flatMap((tick) => [
        line(x, y + at(tick), x + panelWidth, y + at(tick), { class: 'grid' }),
        ...(index % columns === 0
          ? [text(x - 8, y + at(tick) + 4, shortNumber(tick), { class: 'muted', 'text-anchor': 'end' })]
          : []),
      ]),
      line(x, y + panelHeight, x + panelWidth, y + panelHeight, { class: 'axis' }),
      ...places.map((place, at) =>
        text(xs[at] as number, y + panelHeight + 18, place, { class: 'muted', 'text-anchor': 'middle' }),
      ),
      ...series('yardstick', panel.yardstick),
      ...series('ours', panel.ours),
    ];
  });
  const axis = text(width / 2, height - 14, below, { class: 'muted', 'text-anchor': 'middle' });
  const legend = [
    dot(26, 72, 5, { class: 'ours' }),
    text(38, 76, 'Forecourt'),
    dot(126, 72, 5, { class: 'yardstick hollow', 'stroke-width': 2 }),
    text(138, 76, 'yardstick'),
    text(width - 24, 76, `${unit} (logarithmic)`, { class: 'muted', 'text-anchor': 'end' }),
  ];
  return picture({ ...head, width, height }, [...legend, ...drawn, axis]);
}
