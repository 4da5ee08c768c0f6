import { AppError } from '@forecourt/errors';
import type { Deps } from '../deps.ts';
import { catalogueBehind, learnOffers } from '../offer/service.ts';
import type { ImportRow, MalformedRow } from './import-file.ts';
import { type Count, findProductIds, isOnOffer, lockStock, saveCounts } from './store.ts';

/** Says how many of a product there are; null: it is no longer counted. */
export async function setCount(deps: Deps, count: Count): Promise<void> {
  if (!(await isKnown(deps, count.productId))) {
    throw new AppError('product_not_found', 'There is no such product.', { params: { product: count.productId } });
  }
  await store(deps, [count]);
}

/** The copy may lack a product that was made a moment ago. */
async function isKnown(deps: Deps, productId: string): Promise<boolean> {
  if (await isOnOffer(deps.database, productId)) return true;
  if (await learnOffers(deps, [productId])) return isOnOffer(deps.database, productId);
  throw catalogueBehind();
}

export interface ReportLine {
  readonly line: number;
  readonly sku: string | null;
  readonly outcome: 'counted' | 'unknown_sku' | 'repeated' | 'malformed';
  readonly problem: string | null;
}

/** Few enough that a buyer of one of these products hardly waits. */
const batch = 200;

/** Applies what can be applied, and reports every row. Safe to repeat; of a SKU that is named twice the first row counts. */
export async function importCounts(deps: Deps, rows: readonly (ImportRow | MalformedRow)[]): Promise<ReportLine[]> {
  const skus = rows.flatMap((row) => ('sku' in row ? [row.sku] : []));
  const productIds = await findProductIds(deps.database, skus);
  const counts = new Map<string, Count>();
  const report = rows.map((row): ReportLine => {
    if ('problem' in row) return { line: row.line, sku: null, outcome: 'malformed', problem: row.problem };
    const { line, sku, quantity } = row;
    const productId = productIds.get(sku);
    if (productId === undefined) return { line, sku, outcome: 'unknown_sku', problem: null };
    if (counts.has(productId)) return { line, sku, outcome: 'repeated', problem: null };
    counts.set(productId, { productId, quantity });
    return { line, sku, outcome: 'counted', problem: null };
  });

  const all = [...counts.values()];
  for (let start = 0; start < all.length; start += batch) await store(deps, all.slice(start, start + batch));
  return report;
}

const store = ({ database, clock }: Deps, counts: readonly Count[]) =>
  database.transaction(async (tx) => {
    await lockStock(
      tx,
      counts.map(({ productId }) => productId),
    );
    await saveCounts(tx, counts, clock());
  });
