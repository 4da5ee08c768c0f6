import { stockImported } from '@forecourt/contracts';
import { enqueueAll, outboxRow } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Tx } from '../deps.ts';
import { change, type Product, withoutGiven } from '../product/product.ts';
import { slugCandidates } from '../product/slug.ts';
import { findProducts, saveAndTell, type Writing } from '../product/store.ts';
import type { ReportLine } from './report.ts';
import { applyRow, type ImportedRow, type RowName } from './row.ts';

export interface ReadRow {
  readonly number: number;
  readonly row: ImportedRow;
  readonly name: RowName;
}

/** What the rows before have made sure of, also where a dry run leaves no trace of it in the database. */
export interface Foreseen {
  readonly rowOfProduct: Map<string, number>;
  /** Whose the SKUs and external ids are, or would be. */
  readonly names: Map<string, string>;
  /** Whose the slugs would be; filled by a dry run. */
  readonly slugs: Map<string, string>;
}

/** Rows that name no product twice, in the transaction of whoever holds the lock on the catalogue, or looks only. */
export async function applyRows(
  tx: Tx,
  rows: readonly ReadRow[],
  writing: Writing,
  { foreseen, dryRun }: { foreseen: Foreseen; dryRun: boolean },
): Promise<ReportLine[]> {
  const { directory, currency, now } = writing;
  const known = await knownProducts(tx, rows);
  const planned = rows.map((read) => {
    const found = find(read.row, known);
    const before = 'errors' in found ? undefined : found.before;
    const applied = 'errors' in found ? found : applyRow(read.row, before, directory, currency);
    return { ...read, before, id: before?.id ?? newObjectId(now), applied };
  });
  const taken = await takenSlugs(tx, planned);
  const ownerOf = (slug: string) => taken.get(slug) ?? (dryRun ? foreseen.slugs.get(slug) : undefined);

  const report: ReportLine[] = [];
  const saving: Product[] = [];
  const stocked: Product[] = [];
  for (const { number, row, name, before, id, applied } of planned) {
    const refuse = (errors: string[]) => report.push({ row: number, ...name, result: 'refused', errors });
    if ('errors' in applied) {
      refuse(applied.errors);
      continue;
    }
    const strangers = claimNames({ id, number, row, sku: applied.fields.sku }, known, foreseen);
    if (strangers.length > 0) {
      refuse(strangers);
      continue;
    }
    const candidates =
      applied.fields.slug === undefined
        ? slugCandidates(applied.fields.title.uk, applied.fields.sku, id)
        : [applied.fields.slug];
    const slug = candidates.find((candidate) => (ownerOf(candidate) ?? id) === id);
    if (slug === undefined) {
      refuse([`slug: "${applied.fields.slug}" belongs to another product`]);
      continue;
    }
    (dryRun ? foreseen.slugs : taken).set(slug, id);
    const fields = { ...applied.fields, slug };
    const product = before
      ? change(before, fields, now)
      : { ...fields, id, version: 1, createdAt: now, updatedAt: now };
    const result = !before ? 'created' : product === before ? 'unchanged' : 'changed';
    const called = { ...name, sku: product.sku };
    report.push({ row: number, ...called, result, ...(before || !dryRun ? { productId: id } : {}) });
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

interface Known {
  readonly bySku: ReadonlyMap<string, Product>;
  readonly byExternalId: ReadonlyMap<string, Product>;
}

/** The products that have a name which these rows say; an external id may come to be a SKU. */
async function knownProducts(tx: Tx, rows: readonly ReadRow[]): Promise<Known> {
  const externalIds = rows.flatMap(({ row }) => row.externalId ?? []);
  const skus = [...externalIds, ...rows.flatMap(({ row }) => row.sku ?? [])];
  const found = await findProducts(tx, { OR: [{ sku: { in: skus } }, { externalId: { in: externalIds } }] });
  const products = found.map(withoutGiven);
  return {
    bySku: new Map(products.map((product) => [product.sku, product])),
    byExternalId: new Map(products.flatMap((product) => (product.externalId ? [[product.externalId, product]] : []))),
  };
}

/** The product that a row is about, by its external id before its SKU; undefined when it is a new one. */
function find(
  { externalId, sku }: ImportedRow,
  { bySku, byExternalId }: Known,
): { before: Product | undefined } | { errors: string[] } {
  const called = externalId === undefined ? undefined : byExternalId.get(externalId);
  if (called) return { before: called };
  const before = sku === undefined ? undefined : bySku.get(sku);
  // A file does not take a product from the partner who calls it otherwise; an operator can.
  if (before && externalId !== undefined && before.externalId !== null)
    return { errors: [`sku: "${sku}" belongs to a product with the external id "${before.externalId}"`] };
  return { before };
}

/** A product is in one row, and its names are nobody else's, neither before the file nor by an earlier row of it. */
function claimNames(
  { id, number, row, sku }: Pick<ReadRow, 'number' | 'row'> & { id: string; sku: string },
  { bySku }: Known,
  { rowOfProduct, names }: Foreseen,
): string[] {
  const earlier = rowOfProduct.get(id);
  const key = row.externalId === undefined ? 'sku' : 'external_id';
  if (earlier !== undefined) return [`${key}: row ${earlier} is about this product too`];
  const owner = names.get(`sku ${sku}`) ?? bySku.get(sku)?.id ?? id;
  if (owner !== id) return [`sku: "${sku}" belongs to another product`];
  rowOfProduct.set(id, number);
  names.set(`sku ${sku}`, id);
  return [];
}

/** Whose the slugs are that this batch may want. */
async function takenSlugs(
  tx: Tx,
  planned: readonly { id: string; applied: ReturnType<typeof applyRow> }[],
): Promise<Map<string, string>> {
  const wanted = planned.flatMap(({ id, applied }) => {
    if ('errors' in applied) return [];
    return applied.fields.slug === undefined
      ? slugCandidates(applied.fields.title.uk, applied.fields.sku, id)
      : [applied.fields.slug];
  });
  const owned = await tx.productSlug.findMany({ where: { slug: { in: wanted } } });
  return new Map(owned.map(({ slug, productId }) => [slug, productId]));
}
