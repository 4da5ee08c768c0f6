import { AppError } from '@forecourt/errors';
import { parse } from 'csv-parse/sync';
import { rateColumns } from './row.ts';

const known = new Set<string>(rateColumns);

/** The rows of a CSV file, every one with every column. Refuses `import_malformed`. */
export function ratesOfCsv(bytes: Buffer): unknown[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const [header = ''] = text.split('\n', 1);
    return parse(text, {
      bom: true,
      // Spreadsheets write semicolons where the comma is the decimal sign; names of columns hold none of them.
      delimiter: [';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',',
      columns: (header: string[]) => checkedHeader(header.map((name) => name.trim().toLowerCase())),
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    const message = error instanceof TypeError ? 'The file is not UTF-8. Save it as “CSV UTF-8”.' : String(error);
    throw new AppError('import_malformed', message, { cause: error });
  }
}

function checkedHeader(header: string[]): string[] {
  const missing = rateColumns.filter((name) => !header.includes(name));
  const strangers = header.filter((name) => !known.has(name));
  if (missing.length === 0 && strangers.length === 0 && header.length === rateColumns.length) return header;
  throw new AppError('import_malformed', `A list of call rates has the columns ${rateColumns.join(', ')}, once each.`);
}
