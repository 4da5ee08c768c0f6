/** A table as GitHub reads it: columns of figures to the right, columns of words to the left. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  const isFigures = (_: string, column: number) =>
    rows.length > 0 && rows.every((row) => figure.test(row[column] ?? ''));
  return [
    line(head),
    `|${head.map((cell, at) => (isFigures(cell, at) ? '---:' : '---')).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}

/** Begins with a digit or is the dash of what was not measured. */
const figure = /^(\d|-$)/;
