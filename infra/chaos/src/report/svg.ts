export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** One time axis for all pictures of a report, so that what stands above one another happened at once. */
export interface TimeAxis {
  readonly endMs: number;
  x(ms: number): number;
}

export const picture = { width: 1120, left: 92, right: 16 } as const;

export function timeAxis(endMs: number): TimeAxis {
  const room = picture.width - picture.left - picture.right;
  return { endMs, x: (ms) => round(picture.left + (Math.min(ms, endMs) / endMs) * room) };
}

export const round = (value: number): number => Math.round(value * 10) / 10;

/** Ten or so, at round seconds. */
function ticks(endMs: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map((seconds) => seconds * 1000);
  const step = steps.find((candidate) => endMs / candidate <= 14) ?? 7_200_000;
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, n) => n * step);
}

export function timeGrid(axis: TimeAxis, top: number, bottom: number, { labels = false } = {}): string {
  return ticks(axis.endMs)
    .map((ms) => {
      const x = axis.x(ms);
      const label = labels
        ? `<text class="tick" x="${x}" y="${bottom + 16}" text-anchor="middle">${clock(ms)}</text>`
        : '';
      return `<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>${label}`;
    })
    .join('');
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export const svg = (height: number, label: string, content: string): string =>
  `<svg viewBox="0 0 ${picture.width} ${height}" role="img" aria-label="${escaped(label)}">${content}</svg>`;
