import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import {
  type BenchProduct,
  benchCategories,
  benchCountries,
  benchManufacturers,
  benchProducts,
  categoryTitle,
} from './shop.ts';
import type { SystemUnderTest } from './system.ts';

export interface SeededProduct {
  id: string;
  sku: string;
  slug: string;
  /** Major units, as an order sends it. */
  price: number;
}

export interface SeededShop {
  products: SeededProduct[];
  importSeconds: number;
  /** From the end of the import until orders can sell the last product. */
  convergedSeconds: number;
}

type ReportLine =
  | { row: number; sku: string; result: string; productId?: string; errors?: string[] }
  | { summary: unknown }
  | { error: { detail: string } };

/** Fills the shop as an operator would: the lists by hand, the products by the import. */
export async function seedShop(system: SystemUnderTest, count: number): Promise<SeededShop> {
  await Promise.all([
    ...benchCategories.map((slug) => create(system, '/admin/categories', { slug, name: { uk: categoryTitle(slug) } })),
    ...benchManufacturers.map((name) => create(system, '/admin/manufacturers', { name: { uk: name } })),
    ...benchCountries.map(({ code, name }) => create(system, '/admin/countries', { code, name: { uk: name } })),
  ]);

  const products = benchProducts(count);
  const began = performance.now();
  const ids = await importProducts(system, products);
  const imported = performance.now();
  await untilOrdersKnows(system, count);
  return {
    products: products.map(({ sku, slug, price }) => ({ id: ids.get(sku) ?? '', sku, slug, price: price / 100 })),
    importSeconds: (imported - began) / 1000,
    convergedSeconds: (performance.now() - imported) / 1000,
  };
}

/** What the demo data hold already is a conflict, and as good. */
async function create({ gatewayUrl, operatorToken }: SystemUnderTest, path: string, body: unknown): Promise<void> {
  const response = await fetch(new URL(path, gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${operatorToken}` },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 201 && response.status !== 409)
    throw new Error(`${path} was answered ${response.status}: ${text}`);
}

const toRow = ({ title, description, price, n: _n, ...row }: BenchProduct) => ({
  ...row,
  title_uk: title.uk,
  title_ru: title.ru,
  title_en: title.en,
  description_uk: description,
  price: price / 100,
});

async function importProducts(
  { gatewayUrl, operatorToken }: SystemUnderTest,
  products: readonly BenchProduct[],
): Promise<Map<string, string>> {
  const response = await fetch(new URL('/admin/products/import', gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${operatorToken}` },
    body: products.map((product) => JSON.stringify(toRow(product))).join('\n'),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the import was answered ${response.status}: ${text.slice(0, 500)}`);
  const ids = new Map<string, string>();
  for (const line of text
    .trim()
    .split('\n')
    .map((json) => JSON.parse(json) as ReportLine)) {
    if ('error' in line) throw new Error(`the import broke off: ${line.error.detail}`);
    if ('summary' in line) continue;
    if (!line.productId) throw new Error(`row ${line.row} was ${line.result}: ${line.errors?.join('; ')}`);
    ids.set(line.sku, line.productId);
  }
  return ids;
}

async function untilOrdersKnows({ superuserUrl }: SystemUnderTest, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const deadline = performance.now() + 120_000;
  let known = 0;
  while (known < count) {
    const { rows } = await client.query("SELECT count(*)::int AS known FROM orders.offers WHERE sku LIKE 'BENCH-%'");
    known = rows[0]?.known ?? 0;
    if (performance.now() > deadline) throw new Error(`orders knows only ${known} of ${count} products`);
    if (known < count) await pause(50);
  }
  // As for the yardstick: autovacuum would come within a minute, in the middle of a turn.
  await client.query('VACUUM ANALYZE');
  await client.end();
}

export interface Account {
  login: string;
  password: string;
}

export async function registerAccounts({ gatewayUrl }: SystemUnderTest, count: number): Promise<Account[]> {
  const accounts: Account[] = [];
  for (let n = 0; n < count; n++) {
    const account = { login: `bench-${n}@example.com`, password: `bench-secret-${n}` };
    const response = await fetch(new URL('/auth/register', gatewayUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        phone: `+38050${String(n).padStart(7, '0')}`,
        email: account.login,
        password: account.password,
        clientId: 'bench',
      }),
    });
    if (response.status !== 201)
      throw new Error(`a registration was answered ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
    accounts.push(account);
  }
  return accounts;
}
