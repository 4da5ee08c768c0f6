import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
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
const chunkLength = 64 * 1024;
const longestHeader = 8 * 1024;

export async function spool(body: Readable, format: ImportFormat): Promise<SpooledFile> {
  const file = await namelessFile();
  try {
    await pipeline(body, refuseMoreThan(maxImportBytes), refuseOtherEncodings(), (chunks) => file.writeFile(chunks));
  } catch (error) {
    await file.close();
    throw error;
  }
  return { rows: () => (format === 'csv' ? csvRows(file) : jsonRows(file)), discard: () => file.close() };
}

/** It is gone when it is closed, also by the death of the process. */
async function namelessFile(): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), 'catalog-import-'));
  try {
    return await open(join(directory, 'rows'), 'wx+', 0o600);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A stream of the file's own would close it at its end, and rows are read more than once. */
async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  let position = 0;
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(chunkLength), 0, chunkLength, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
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

async function* csvRows(file: FileHandle): AsyncGenerator<RawRow> {
  const delimiter = await delimiterOf(file);
  const input = Readable.from(chunksOf(file), { objectMode: false });
  const parser = parse({
    bom: true,
    delimiter,
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
async function delimiterOf(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(longestHeader), 0, longestHeader, 0);
  const [header = ''] = buffer.toString('utf8', 0, bytesRead).split(/[\r\n]/, 1);
  return [';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
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

async function* jsonRows(file: FileHandle): AsyncGenerator<RawRow> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (line.length > maxRowLength) throw malformed(`Line ${number} is longer than ${maxRowLength} characters.`);
    if (line.trim() !== '') yield checkedObject(line, number);
  }
}

/** The last of them is cut where it grows longer than a row may be: a file without line ends is not held in memory. */
async function* linesOf(file: FileHandle): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = '';
  for await (const chunk of chunksOf(file)) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
    if (begun.length > maxRowLength) break;
  }
  yield begun;
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
