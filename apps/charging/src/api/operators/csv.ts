type Cell = string | number;

/** A table with a head, as spreadsheets read it. */
export const toCsv = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [head, ...rows].map((cells) => `${cells.map(written).join(',')}\r\n`).join('');

/** A text that begins like a formula is none: what a device is called would be computed otherwise. */
function written(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const wantsCsv = (format: 'json' | 'csv' | undefined, accept = ''): boolean =>
  format === undefined ? /(^|,)\s*text\/csv\s*(;|,|$)/i.test(accept) : format === 'csv';
