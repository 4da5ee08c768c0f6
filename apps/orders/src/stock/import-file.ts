import { AppError } from '@forecourt/errors';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

export interface ImportRow {
  /** Where it stands in the file, from 1. */
  readonly line: number;
  readonly sku: string;
  /** Null: the product is no longer counted. */
  readonly quantity: number | null;
}

export interface MalformedRow {
  readonly line: number;
  readonly problem: string;
}

export const maxRows = 5_000;

const Sku = z.string().trim().min(1).max(128);
const Quantity = z.int().min(0).max(1_000_000_000);
const CsvRow = z.object({
  sku: Sku,
  quantity: z.union([
    z.literal('').transform(() => null),
    z
      .string()
      .regex(/^\d{1,10}$/)
      .transform(Number)
      .pipe(Quantity),
  ]),
});
const JsonRow = z.strictObject({ sku: Sku, quantity: Quantity.nullable() });

/** `sku,quantity` with a header; an empty quantity means that the product is not counted. */
export function readCsv(text: string): (ImportRow | MalformedRow)[] {
  let records: { record: unknown; info: { lines: number } }[];
  try {
    records = parse(text, {
      columns: true,
      delimiter: delimiterOf(text),
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
    });
  } catch (cause) {
    throw new AppError('import_malformed', 'The file is not CSV with a header.', { cause });
  }
  return bounded(records).map(({ record, info }) => toRow(info.lines, CsvRow, record));
}

/** Spreadsheets write semicolons or tabs where the comma is the decimal sign; the header tells. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split('\n', 1);
  return [';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
}

/** One `{ "sku": "…", "quantity": 5 }` a line. */
export function readJsonLines(text: string): (ImportRow | MalformedRow)[] {
  const lines = text.split('\n').map((content, index) => ({ content: content.trim(), line: index + 1 }));
  return bounded(lines.filter(({ content }) => content !== '')).map(({ content, line }) => {
    try {
      return toRow(line, JsonRow, JSON.parse(content));
    } catch {
      return { line, problem: 'not JSON' };
    }
  });
}

function bounded<T>(rows: T[]): T[] {
  if (rows.length > maxRows) throw new AppError('import_malformed', `The file has more than ${maxRows} rows.`);
  return rows;
}

function toRow(line: number, schema: typeof CsvRow | typeof JsonRow, record: unknown): ImportRow | MalformedRow {
  const { success, data, error } = schema.safeParse(record);
  if (success) return { line, ...data };
  return { line, problem: error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') };
}
