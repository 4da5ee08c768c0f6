import { stockImported } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { enqueueAll, outboxRow } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps, Tx } from '../deps.ts';
import { lockCatalogue } from '../product/lock.ts';
import { change, type Product } from '../product/product.ts';
import { beginWriting } from '../product/service.ts';
import { slugCandidates } from '../product/slug.ts';
import { findProducts, saveAndTell, type Writing } from '../product/store.ts';
import type { SpooledFile } from './file.ts';
import { applyRow, type ImportedRow, type RawRow, readRow } from './row.ts';

export interface ReportLine {
  /** The first row of data is 1. */
  readonly row: number;
  readonly sku: string;
  readonly result: 'created' | 'changed' | 'unchanged' | 'refused';
  readonly productId?: string;
  readonly errors?: readonly string[];
}

export interface ImportSummary {
  readonly dryRun: boolean;
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
}

export interface ImportOptions {
  /** Report what would happen, and change nothing. */
  readonly dryRun: boolean;
  readonly actor: string;
}

const batchSize = 500;
const maxImportRows = 200_000;

/** A file that cannot be read to its end changes nothing: look through it before the first row is applied. */
export async function checkImport(file: SpooledFile): Promise<void> {
  let rows = 0;
  for await (const _row of file.rows()) {
    rows += 1;
    if (rows > maxImportRows) throw new AppError('import_malformed', `An import has at most ${maxImportRows} rows.`);
  }
}

/**
 * A line about every row, then the summary. Each batch is a transaction: what has been reported is done, and sending the
 * same file again goes on where an interrupted import ended, since rows that say nothing new change nothing.
 */
export async function* importProducts(
  deps: Deps,
  file: SpooledFile,
  options: ImportOptions,
): AsyncGenerator<ReportLine | { summary: ImportSummary }> {
  const counts = { created: 0, changed: 0, unchanged: 0, refused: 0 };
  const earlier: EarlierRows = { rowOfSku: new Map(), slugs: new Map() };
  let rows = 0;
  const apply = async (batch: NumberedRow[]) => {
    const report = await importBatch(deps, batch, earlier, options);
    for (const { result } of report) counts[result] += 1;
    return report;
  };

  let batch: NumberedRow[] = [];
  for await (const raw of file.rows()) {
    rows += 1;
    batch.push({ number: rows, raw });
    if (batch.length < batchSize) continue;
    yield* await apply(batch);
    batch = [];
  }
  if (batch.length > 0) yield* await apply(batch);
  yield { summary: { dryRun: options.dryRun, rows, ...counts } };
}

interface NumberedRow {
  readonly number: number;
  readonly raw: RawRow;
}

/** What the rows of earlier batches have claimed. */
interface EarlierRows {
  readonly rowOfSku: Map<string, number>;
  /** Whose slugs they would be; filled by a dry run, which leaves no trace in the database. */
  readonly slugs: Map<string, string>;
}

interface ReadRow {
  readonly number: number;
  readonly row: ImportedRow;
}

async function importBatch(
  deps: Deps,
  batch: readonly NumberedRow[],
  { rowOfSku, slugs }: EarlierRows,
  { dryRun, actor }: ImportOptions,
): Promise<ReportLine[]> {
  const refused: ReportLine[] = [];
  const readable: ReadRow[] = [];
  for (const { number, raw } of batch) {
    const read = readRow(raw);
    if ('errors' in read) {
      refused.push({ row: number, sku: read.sku, result: 'refused', errors: read.errors });
      continue;
    }
    const { sku } = read.row;
    const earlier = rowOfSku.get(sku);
    if (earlier === undefined) {
      rowOfSku.set(sku, number);
      readable.push({ number, row: read.row });
    } else refused.push({ row: number, sku, result: 'refused', errors: [`sku: row ${earlier} has it too`] });
  }

  const apply = async (tx: Tx) => {
    if (!dryRun) await lockCatalogue(tx);
    const writing = await beginWriting(tx, deps, actor, deps.clock());
    return applyRows(tx, readable, writing, dryRun ? { foreseen: slugs } : null);
  };
  const applied = dryRun ? await deps.db.$transaction(apply) : await deps.change(apply);
  return [...refused, ...applied].sort((a, b) => a.row - b.row);
}

async function applyRows(
  tx: Tx,
  rows: readonly ReadRow[],
  writing: Writing,
  /** With the owners of slugs that only exist in this dry run so far. */
  dryRun: { foreseen: Map<string, string> } | null,
): Promise<ReportLine[]> {
  const { directory, currency, now } = writing;
  const existing = new Map(
    (await findProducts(tx, { sku: { in: rows.map(({ row }) => row.sku) } })).map(
      ({ number: _n, inStock: _s, ...product }) => [product.sku, product as Product],
    ),
  );
  const planned = rows.map(({ number, row }) => {
    const before = existing.get(row.sku);
    return {
      number,
      row,
      before,
      id: before?.id ?? newObjectId(now),
      applied: applyRow(row, before, directory, currency),
    };
  });
  const taken = await takenSlugs(tx, planned);
  const ownerOf = (slug: string) => taken.get(slug) ?? dryRun?.foreseen.get(slug);

  const report: ReportLine[] = [];
  const saving: Product[] = [];
  const stocked: Product[] = [];
  for (const { number, row, before, id, applied } of planned) {
    const refuse = (errors: string[]) => report.push({ row: number, sku: row.sku, result: 'refused', errors });
    if ('errors' in applied) {
      refuse(applied.errors);
      continue;
    }
    const candidates =
      applied.fields.slug === undefined ? slugCandidates(applied.fields.title.uk, row.sku, id) : [applied.fields.slug];
    const slug = candidates.find((candidate) => (ownerOf(candidate) ?? id) === id);
    if (slug === undefined) {
      refuse([`slug: "${applied.fields.slug}" belongs to another product`]);
      continue;
    }
    (dryRun?.foreseen ?? taken).set(slug, id);
    const fields = { ...applied.fields, slug };
    const product = before
      ? change(before, fields, now)
      : { ...fields, id, version: 1, createdAt: now, updatedAt: now };
    const result = !before ? 'created' : product === before ? 'unchanged' : 'changed';
    report.push({ row: number, sku: row.sku, result, ...(before || !dryRun ? { productId: id } : {}) });
    if (product === before) continue;
    saving.push(product);
    // A new product is not counted until somebody does.
    const saidBefore = before ? before.stockImported : 'unlimited';
    if (row.stock !== undefined && product.stockImported !== saidBefore) stocked.push(product);
  }
  if (dryRun) return report;

  await saveAndTell(tx, saving, writing);
  await enqueueAll(
    tx,
    stocked.map(({ id, version, stockImported: said }) => {
      const quantity = said === 'unlimited' ? null : said;
      return outboxRow(stockImported, { productId: id, version, quantity, importedAt: now });
    }),
  );
  return report;
}

/** Whose the slugs are that this batch may want. */
async function takenSlugs(
  tx: Tx,
  planned: readonly { row: ImportedRow; id: string; applied: ReturnType<typeof applyRow> }[],
): Promise<Map<string, string>> {
  const wanted = planned.flatMap(({ row, id, applied }) => {
    if ('errors' in applied) return [];
    return applied.fields.slug === undefined
      ? slugCandidates(applied.fields.title.uk, row.sku, id)
      : [applied.fields.slug];
  });
  const owned = await tx.productSlug.findMany({ where: { slug: { in: wanted } } });
  return new Map(owned.map(({ slug, productId }) => [slug, productId]));
}
