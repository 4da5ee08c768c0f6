import { AppError } from '@forecourt/errors';
import type { Deps, Tx } from '../deps.ts';
import { lockCatalogue } from '../product/lock.ts';
import { beginWriting } from '../product/service.ts';
import { applyRows, type Foreseen, type ReadRow } from './apply.ts';
import type { SpooledFile } from './file.ts';
import type { ImportSummary, ReportLine } from './report.ts';
import { keyColumns, type RawRow, readRow } from './row.ts';

export interface ImportOptions {
  /** Report what would happen, and change nothing. */
  readonly dryRun: boolean;
  /** All rows or none. */
  readonly atomic: boolean;
  readonly actor: string;
}

type Line = ReportLine | { summary: ImportSummary };

const batchSize = 500;
const maxImportRows = 200_000;
/** What is one transaction keeps everybody else from changing the catalogue, and its report in memory. */
const maxAtomicRows = 20_000;
const maxAtomicMs = 5 * 60_000;

/** A file that cannot be read to its end changes nothing: look through it before the first row is applied. */
export async function checkImport(file: SpooledFile, { atomic }: Pick<ImportOptions, 'atomic'>): Promise<void> {
  const most = atomic ? maxAtomicRows : maxImportRows;
  let rows = 0;
  for await (const _row of file.rows()) {
    rows += 1;
    if (rows > most)
      throw new AppError('import_malformed', `${atomic ? 'All or nothing' : 'An import'} has at most ${most} rows.`);
  }
}

/** A line about every row, then the summary. */
export const importProducts = (deps: Deps, file: SpooledFile, options: ImportOptions): AsyncGenerator<Line> =>
  options.atomic && !options.dryRun ? importWhole(deps, file, options) : importInBatches(deps, file, options);

/**
 * Each batch is a transaction: what has been reported is done, and sending the same file again goes on where an
 * interrupted import ended, since rows that say nothing new change nothing.
 */
async function* importInBatches(deps: Deps, file: SpooledFile, options: ImportOptions): AsyncGenerator<Line> {
  const { dryRun, actor } = options;
  const reading = new Reading();
  for await (const batch of batchesOf(file)) {
    const apply = async (tx: Tx) => {
      if (!dryRun) await lockCatalogue(tx);
      return reading.apply(tx, batch, await beginWriting(tx, deps, actor, deps.clock()), { dryRun });
    };
    yield* dryRun ? await deps.db.$transaction(apply) : await deps.change(apply);
  }
  yield { summary: { dryRun, applied: !dryRun, ...reading.counts } };
}

/**
 * One transaction, begun only for a file in which nothing is to be refused, since nobody else can change the catalogue
 * meanwhile. Lines go out when it is known whether they are true.
 */
async function* importWhole(deps: Deps, file: SpooledFile, options: ImportOptions): AsyncGenerator<Line> {
  const foreseen = await collect(importInBatches(deps, file, { ...options, dryRun: true }));
  if (foreseen.summary.refused > 0) {
    yield* foreseen.lines;
    return yield { summary: { ...foreseen.summary, dryRun: false } };
  }
  const reading = new Reading();
  const lines: ReportLine[] = [];
  const apply = async (tx: Tx) => {
    await lockCatalogue(tx);
    const writing = await beginWriting(tx, deps, options.actor, deps.clock());
    for await (const batch of batchesOf(file))
      lines.push(...(await reading.apply(tx, batch, writing, { dryRun: false })));
    if (reading.counts.refused > 0) throw new NotWhole();
  };
  let applied = true;
  try {
    await deps.change(apply, { mostMs: maxAtomicMs });
  } catch (error) {
    // Somebody changed the catalogue after we had looked through the file.
    if (!(error instanceof NotWhole)) throw error;
    applied = false;
  }
  yield* applied ? lines : lines.map(asForeseen);
  yield { summary: { dryRun: false, applied, ...reading.counts } };
}

class NotWhole extends Error {}

const asForeseen = ({ productId, ...line }: ReportLine): ReportLine => ({
  ...line,
  ...(productId !== undefined && line.result !== 'created' && { productId }),
});

async function collect(report: AsyncGenerator<Line>): Promise<{ lines: ReportLine[]; summary: ImportSummary }> {
  const lines: ReportLine[] = [];
  for await (const line of report) {
    if ('summary' in line) return { lines, summary: line.summary };
    lines.push(line);
  }
  throw new Error('a report ended without a summary');
}

interface NumberedRow {
  readonly number: number;
  readonly raw: RawRow;
}

async function* batchesOf(file: SpooledFile): AsyncGenerator<NumberedRow[]> {
  let rows = 0;
  let batch: NumberedRow[] = [];
  for await (const raw of file.rows()) {
    rows += 1;
    batch.push({ number: rows, raw });
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** One going through a file: what its rows have claimed so far, and how many came to what. */
class Reading {
  readonly counts = { rows: 0, created: 0, changed: 0, unchanged: 0, refused: 0 };
  /** Which row has named a product so, by column and name. */
  readonly #rowOf = new Map<string, number>();
  readonly #foreseen: Foreseen = { rowOfProduct: new Map(), names: new Map(), slugs: new Map() };

  async apply(
    tx: Tx,
    batch: readonly NumberedRow[],
    writing: Parameters<typeof applyRows>[2],
    { dryRun }: { dryRun: boolean },
  ): Promise<ReportLine[]> {
    const refused: ReportLine[] = [];
    const readable: ReadRow[] = [];
    for (const { number, raw } of batch) {
      const read = readRow(raw);
      const errors = 'errors' in read ? read.errors : this.#claim(read.row, number);
      if (errors.length > 0) refused.push({ row: number, ...read.name, result: 'refused', errors });
      else if ('row' in read) readable.push({ number, row: read.row, name: read.name });
    }
    const applied = await applyRows(tx, readable, writing, { foreseen: this.#foreseen, dryRun });
    const report = [...refused, ...applied].sort((a, b) => a.row - b.row);
    for (const { result } of report) this.counts[result] += 1;
    this.counts.rows += report.length;
    return report;
  }

  /** What it is called stays with the first row that calls something so. */
  #claim({ externalId, sku }: ReadRow['row'], number: number): string[] {
    const names = { external_id: externalId, sku };
    const errors = keyColumns.flatMap((column) => {
      const earlier = names[column] === undefined ? undefined : this.#rowOf.get(`${column} ${names[column]}`);
      return earlier === undefined ? [] : [`${column}: row ${earlier} has it too`];
    });
    if (errors.length > 0) return errors;
    for (const column of keyColumns)
      if (names[column] !== undefined) this.#rowOf.set(`${column} ${names[column]}`, number);
    return [];
  }
}
