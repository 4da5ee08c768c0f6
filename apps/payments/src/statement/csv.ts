import { toMajorUnits } from '@forecourt/dialects';
import type { StatementLine } from './statement.ts';

const columns = ['at', 'transfer', 'kind', 'amount', 'balance', 'reference', 'refunds', 'operator', 'reason'] as const;

/** RFC 4180, in UTF-8; amounts are major units with a point. */
export const csvHead = rowOf(columns);

export const csvLine = (
  { at, transferId, kind, amount, balance, reference, refunds, operatorId, reason }: StatementLine,
  currency: string,
): string =>
  rowOf([
    at.toISOString(),
    transferId,
    kind,
    String(toMajorUnits(amount, currency)),
    String(toMajorUnits(balance, currency)),
    cell(reference),
    cell(refunds),
    cell(operatorId),
    cell(reason),
  ]);

function rowOf(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

/** A spreadsheet would run a text that begins like a formula: it is made one that does not. */
function cell(text: string | null): string {
  if (text === null) return '';
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
