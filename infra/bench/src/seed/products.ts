import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import {
  type BenchProduct,
  benchCategories,
  benchCountries,
  benchManufacturers,
  benchProducts,
  categoryTitle,
} from '../shop/products.ts';
import type { SystemUnderTest } from '../system.ts';

export interface SeededProduct extends BenchProduct {
  id: string;
  manufacturerId: string;
}

export interface SeededShop {
  products: SeededProduct[];
  importSeconds: number;
  /** From the end of the import until orders can sell the last product, and catalog knows all counts. */
  convergedSeconds: number;
}

interface Summary {
  changed: number;
  unchanged: number;
}

type ReportLine =
  | { row: number; sku: string; result: string; productId?: string; errors?: string[] }
  | { summary: Summary }
  | { error: { detail: string } };

const rowsPerFile = 5000;

/** Fills the shop as an operator would, up to `count` products: the lists by hand, the products by the import. */
export async function seedProducts(
  system: SystemUnderTest,
  { count, seed, known = [] }: { count: number; seed: number; known?: readonly SeededProduct[] },
): Promise<SeededShop> {
  await Promise.all([
    ...benchCategories.map((slug) => create(system, '/admin/categories', { slug, name: { uk: categoryTitle(slug) } })),
    ...benchManufacturers.map((name) => create(system, '/admin/manufacturers', { name: { uk: name } })),
    ...benchCountries.map(({ code, name }) => create(system, '/admin/countries', { code, name: { uk: name } })),
  ]);
  const makers = await manufacturerIds(system.gatewayUrl);

  const products = [...known];
  const began = performance.now();
  for (let from = known.length; from < count; from += rowsPerFile) {
    const file = benchProducts(from, Math.min(from + rowsPerFile, count), seed);
    const { ids } = await importProducts(system, file);
    for (const product of file)
      products.push({
        ...product,
        id: ids.get(product.sku) ?? '',
        manufacturerId: makers.get(product.manufacturer) ?? '',
      });
  }
  const imported = performance.now();
  await untilOrdersKnows(system, products);
  return {
    products,
    importSeconds: (imported - began) / 1000,
    convergedSeconds: (performance.now() - imported) / 1000,
  };
}

/** What is there already is a conflict, and as good. */
async function create(system: SystemUnderTest, path: string, body: unknown): Promise<void> {
  const response = await fetch(new URL(path, system.gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await system.operatorToken()}` },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 201 && response.status !== 409)
    throw new Error(`${path} was answered ${response.status}: ${text}`);
}

async function manufacturerIds(gatewayUrl: string): Promise<Map<string, string>> {
  const response = await fetch(new URL('/manufacturers', gatewayUrl));
  const manufacturers = (await response.json()) as { id: string; name: string }[];
  return new Map(manufacturers.map(({ id, name }) => [name, id]));
}

const toRow = ({ title, description, price, stock, n: _n, ...row }: BenchProduct) => ({
  ...row,
  title_uk: title.uk,
  title_ru: title.ru,
  title_en: title.en,
  description_uk: description,
  price: price / 100,
  stock: stock ?? 'unlimited',
});

/** One file; no row may be refused. */
export async function importProducts(
  system: SystemUnderTest,
  products: readonly BenchProduct[],
): Promise<{ ids: Map<string, string>; summary: Summary }> {
  const response = await fetch(new URL('/admin/products/import', system.gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${await system.operatorToken()}` },
    body: products.map((product) => JSON.stringify(toRow(product))).join('\n'),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the import was answered ${response.status}: ${text.slice(0, 500)}`);
  const ids = new Map<string, string>();
  let summary: Summary | undefined;
  for (const json of text.trim().split('\n')) {
    const line = JSON.parse(json) as ReportLine;
    if ('error' in line) throw new Error(`the import broke off: ${line.error.detail}`);
    if ('summary' in line) summary = line.summary;
    else if (!line.productId) throw new Error(`row ${line.row} was ${line.result}: ${line.errors?.join('; ')}`);
    else ids.set(line.sku, line.productId);
  }
  if (!summary) throw new Error('the import has no end');
  return { ids, summary };
}

async function untilOrdersKnows({ superuserUrl }: SystemUnderTest, products: readonly SeededProduct[]): Promise<void> {
  const counted = products.filter(({ stock }) => stock !== null).length;
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const deadline = performance.now() + 300_000;
  for (;;) {
    const { rows } = await client.query<{ offers: number; stock: number; noted: number }>(
      `SELECT (SELECT count(*)::int FROM orders.offers WHERE sku LIKE 'BENCH-%') AS offers,
        (SELECT count(*)::int FROM orders.stock WHERE quantity >= 1000000) AS stock,
        (SELECT count(*)::int FROM catalog.product_stock WHERE quantity >= 1000000) AS noted`,
    );
    const { offers = 0, stock = 0, noted = 0 } = rows[0] ?? {};
    if (offers >= products.length && stock >= counted && noted >= counted) break;
    if (performance.now() > deadline)
      throw new Error(`of ${products.length} products orders knows ${offers}; of ${counted} counts ${stock}`);
    await pause(50);
  }
  await client.end();
}
