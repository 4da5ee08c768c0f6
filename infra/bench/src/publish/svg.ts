/** A piece of a picture, as text. */
export type Svg = string;

type Attributes = Readonly<Record<string, string | number | undefined>>;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const written = (value: string | number) =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : escaped(value);

function element(name: string, attributes: Attributes, content?: string): Svg {
  const pairs = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${written(value as string | number)}"`);
  return `<${name}${pairs.join('')}${content === undefined ? '/>' : `>${content}</${name}>`}`;
}

export const text = (x: number, y: number, words: string, attributes: Attributes = {}): Svg =>
  element('text', { x, y, ...attributes }, escaped(words));
export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes): Svg =>
  element('line', { x1, y1, x2, y2, ...attributes });
export const dot = (cx: number, cy: number, r: number, attributes: Attributes, title?: string): Svg =>
  element('circle', { cx, cy, r, ...attributes }, title && element('title', {}, escaped(title)));
export const bar = (x: number, y: number, width: number, height: number, attributes: Attributes, title?: string): Svg =>
  element('rect', { x, y, width, height, ...attributes }, title && element('title', {}, escaped(title)));
export const path = (points: readonly (readonly [number, number])[], attributes: Attributes): Svg =>
  element('polyline', {
    points: points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' '),
    fill: 'none',
    ...attributes,
  });

/** Told apart by those who see no colours well (Okabe and Ito), on light and on dark. */
const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ours: ['#0072b2', '#4fb0e8'],
  yardstick: ['#8c959f', '#8b949e'],
  gateway: ['#0072b2', '#4fb0e8'],
  identity: ['#cc79a7', '#d98fb8'],
  catalog: ['#009e73', '#2fc297'],
  orders: ['#e69f00', '#f0b429'],
  payments: ['#b8a100', '#e0cc3a'],
  charging: ['#56b4e9', '#8fd0f5'],
  postgres: ['#d55e00', '#ee7d33'],
  nats: ['#6e5494', '#a78bda'],
};

const rules = (at: 0 | 1) =>
  Object.entries(colours)
    .map(([name, pair]) => `.${name}{fill:${pair[at]};stroke:${pair[at]}}`)
    .join('');

/** The picture brings its ground along, so that it can be read wherever it is shown. */
const style = `
text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:16px;font-weight:600}.muted{fill:#59636e;font-size:12px}
.ground{fill:#fff;stroke:#d1d9e0}.grid{stroke:#e4e8ec}.axis{stroke:#818b98}
${rules(0)}
circle.hollow{fill:#fff}rect.bar{stroke:none}polyline[class]{fill:none;stroke-width:2}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.muted{fill:#9198a1}
.ground{fill:#0d1117;stroke:#3d444d}.grid{stroke:#262c36}.axis{stroke:#656c76}
${rules(1)}
circle.hollow{fill:#0d1117}}`;

export interface Picture {
  title: string;
  /** What to know before reading it. */
  subtitle: string;
  width: number;
  height: number;
}

export function picture({ title, subtitle, width, height }: Picture, pieces: readonly Svg[]): Svg {
  const content = [
    element('title', {}, escaped(title)),
    element('style', {}, style),
    bar(0.5, 0.5, width - 1, height - 1, { class: 'ground', rx: 6 }),
    text(20, 30, title, { class: 'title' }),
    text(20, 50, subtitle, { class: 'muted' }),
    ...pieces,
  ];
  const frame = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' };
  return `${element('svg', frame, `\n${content.join('\n')}\n`)}\n`;
}
