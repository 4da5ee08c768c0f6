import { isUtf8 } from 'node:buffer';
import { AppError } from '@forecourt/errors';
import { parse } from 'csv-parse';
import { columns, type RawRow } from './row.ts';

export const maxImportBytes = 8 * 1024 * 1024;
const maxRows = 20_000;
const maxRowLength = 8_192;

/** All rows of a CSV file, or the refusal `import_malformed`: a file that cannot be read to its end changes nothing. */
export async function readFile(bytes: Buffer): Promise<RawRow[]> {
  // Spreadsheets like to write the system's own encoding, which would be read without an error, as rubbish.
  if (!isUtf8(bytes)) throw malformed('The file is not UTF-8. Save it as “CSV UTF-8”.');
  const parser = parse(bytes, {
    bom: true,
    delimiter: delimiterOf(bytes),
    columns: (header: string[]) => checkedHeader(header.map((name) => name.trim().toLowerCase())),
    skip_empty_lines: true,
    trim: true,
    max_record_size: maxRowLength,
  });
  const rows: RawRow[] = [];
  try {
    for await (const row of parser) {
      if (rows.push(row as RawRow) > maxRows) throw malformed(`An import has at most ${maxRows} rows.`);
    }
  } catch (error) {
    throw error instanceof AppError ? error : malformed((error as Error).message, error);
  }
  if (rows.length === 0) throw malformed('There is no row in it.');
  return rows;
}

/** Spreadsheets write semicolons where the comma is the decimal sign; the header tells, whose names hold none of them. */
function delimiterOf(bytes: Buffer): string {
  const [header = ''] = bytes.toString('utf8', 0, maxRowLength).split('\n', 1);
  return [';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
}

const known = new Set<string>(columns);

function checkedHeader(header: string[]): string[] {
  const strangers = header.filter((name) => !known.has(name));
  if (strangers.length > 0) {
    throw malformed(`Unknown columns: ${strangers.join(', ')}. Known are ${columns.join(', ')}.`);
  }
  if (!header.includes('number')) throw malformed('The column number is missing: rows are matched by it.');
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw malformed(`The column ${twice} is there twice.`);
  return header;
}

const malformed = (message: string, cause?: unknown) => new AppError('import_malformed', message, { cause });
