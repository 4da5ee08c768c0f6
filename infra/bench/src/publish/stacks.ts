import { linearAxis, shortNumber } from './axis.ts';
import { bar, line, type Picture, picture, type Svg, text } from './svg.ts';

export interface Stack {
  name: string;
  ours: Readonly<Record<string, number>>;
  yardstick: Readonly<Record<string, number>>;
}

export interface Stacks extends Omit<Picture, 'width' | 'height'> {
  unit: string;
  /** In the order in which they are stacked; each is a colour. */
  parts: readonly string[];
  rows: readonly Stack[];
}

const width = 860;
const rowHeight = 38;
const barHeight = 12;
const top = 100;
const [left, right] = [220, 800];

/** Two bars a row, each made of parts: what counts is how long they are, and whose the length is. */
export function stacks({ rows, unit, parts, ...head }: Stacks): Svg {
  const bottom = top + rows.length * rowHeight;
  const { at, ticks } = linearAxis(
    rows.flatMap(({ ours, yardstick }) => [sum(ours), sum(yardstick)]),
    { from: left, to: right },
  );
  const grid = ticks.flatMap((tick) => [
    line(at(tick), top - 8, at(tick), bottom, { class: 'grid' }),
    text(at(tick), bottom + 18, shortNumber(tick), { class: 'muted', 'text-anchor': 'middle' }),
  ]);
  const oneBar = (y: number, name: string, amounts: Readonly<Record<string, number>>): Svg[] => {
    let reached = 0;
    const pieces = parts.map((part) => {
      const amount = amounts[part] ?? 0;
      const x = at(reached);
      reached += amount;
      return bar(
        x,
        y,
        Math.max(0, at(reached) - x),
        barHeight,
        { class: `${part} bar` },
        `${name}, ${part}: ${shortNumber(amount)} ${unit}`,
      );
    });
    return [...pieces, text(at(reached) + 6, y + barHeight - 2, reached.toFixed(2), { class: 'muted' })];
  };
  const drawn = rows.flatMap(({ name, ours, yardstick }, index) => {
    const y = top + index * rowHeight;
    return [
      text(left - 16, y + 18, name, { 'text-anchor': 'end' }),
      ...oneBar(y, name, ours),
      ...oneBar(y + barHeight + 2, `yardstick of ${name}`, yardstick),
    ];
  });
  const legend = parts.flatMap((part, index) => [
    bar(20 + index * 104, 66, 12, 12, { class: `${part} bar` }),
    text(38 + index * 104, 76, part),
  ]);
  const axis = text((left + right) / 2, bottom + 38, unit, { class: 'muted', 'text-anchor': 'middle' });
  return picture({ ...head, width, height: bottom + 54 }, [...grid, ...legend, ...drawn, axis]);
}

const sum = (amounts: Readonly<Record<string, number>>) =>
  Object.values(amounts).reduce((total, one) => total + one, 0);
