import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@forecourt/errors';
import { parse } from 'csv-parse';
import { type Column, columns, keyColumns, type RawRow } from './row.ts';

export type ImportFormat = 'csv' | 'ndjson';

/** A file that has arrived whole, on disk: a slow sender holds up no transaction, and memory stays small. */
export interface SpooledFile {
  /** The rows from the beginning; may be read more than once. Refuses `import_malformed`. */
  rows(): AsyncGenerator<RawRow>;
  discard(): Promise<void>;
}

export const maxImportBytes = 100 * 1024 * 1024;
const maxRowLength = 256 * 1024;

export async function spool(body: Readable, format: ImportFormat): Promise<SpooledFile> {
  const directory = await mkdtemp(join(tmpdir(), 'catalog-import-'));
  const discard = () => rm(directory, { recursive: true, force: true });
  const path = join(directory, 'rows');
  try {
    await pipeline(
      body,
      refuseMoreThan(maxImportBytes),
      refuseOtherEncodings(),
      createWriteStream(path, { mode: 0o600 }),
    );
  } catch (error) {
    await discard();
    throw error;
  }
  return { rows: () => (format === 'csv' ? csvRows(path) : jsonRows(path)), discard };
}

function refuseMoreThan(limit: number): Transform {
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length <= limit) return done(null, chunk);
      return done(new AppError('payload_too_large', `An import has at most ${limit} bytes.`));
    },
  });
}

/** Spreadsheets like to write the system's own encoding, which would be read without an error, as rubbish. */
function refuseOtherEncodings(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const check = (chunk: Buffer | undefined, done: TransformCallback) => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
      done(null, chunk);
    } catch (error) {
      done(malformed('The file is not UTF-8. Save it as “CSV UTF-8”.', error));
    }
  };
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => check(chunk, done),
    flush: (done) => check(undefined, done),
  });
}

const known = new Set<string>(columns);

async function* csvRows(path: string): AsyncGenerator<RawRow> {
  const input = createReadStream(path);
  const parser = parse({
    bom: true,
    delimiter: await delimiterOf(path),
    columns: (header: string[]) => checkedHeader(header.map((name) => name.trim().toLowerCase())),
    skip_empty_lines: true,
    trim: true,
    max_record_size: maxRowLength,
  });
  input.once('error', (error) => parser.destroy(error));
  try {
    yield* input.pipe(parser) as AsyncIterable<RawRow>;
  } catch (error) {
    throw error instanceof AppError ? error : malformed((error as Error).message, error);
  } finally {
    input.destroy();
  }
}

/** Spreadsheets write semicolons where the comma is the decimal sign; the header tells, whose names hold none of them. */
async function delimiterOf(path: string): Promise<string> {
  for await (const header of createInterface({ input: createReadStream(path, { encoding: 'utf8', end: 8_192 }) })) {
    return [';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
  }
  return ',';
}

function checkedHeader(header: string[]): string[] {
  const strangers = header.filter((name) => !known.has(name));
  if (strangers.length > 0)
    throw malformed(`Unknown columns: ${strangers.join(', ')}. Known are ${columns.join(', ')}.`);
  if (!keyColumns.some((name) => header.includes(name)))
    throw malformed(`Rows are matched by ${keyColumns.join(' or ')}, and neither column is there.`);
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw malformed(`The column ${twice} is there twice.`);
  return header;
}

async function* jsonRows(path: string): AsyncGenerator<RawRow> {
  const input = createReadStream(path, 'utf8');
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (line.trim() === '') continue;
      if (line.length > maxRowLength) throw malformed(`Line ${number} is longer than ${maxRowLength} characters.`);
      yield checkedObject(line.replace(/^\uFEFF/, ''), number);
    }
  } finally {
    input.destroy();
  }
}

function checkedObject(line: string, number: number): RawRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw malformed(`Line ${number} is not JSON.`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`Line ${number} is no object.`);
  const stranger = Object.keys(value).find((name) => !known.has(name));
  if (stranger !== undefined) throw malformed(`Line ${number} has an unknown field "${stranger}".`);
  return value as Partial<Record<Column, unknown>>;
}

const malformed = (message: string, cause?: unknown) => new AppError('import_malformed', message, { cause });
