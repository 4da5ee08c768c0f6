import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import { importProducts } from './service.ts';

const rows = 4_000;
const row = (index: number, price: number) => ({
  ...{ external_id: `K${index}`, sku: `K-${index}`, title_uk: `Рядок ${index}`, price, category: 'killed' },
  ...{ tags: 'a|b', package_period: '1 month', stock: index },
});

let catalog: CatalogSystem;
let directory: string;
beforeAll(async () => {
  catalog = await aCatalog();
  await catalog.aCategory({ slug: 'killed' });
  directory = await mkdtemp(join(tmpdir(), 'killed-import-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await catalog.runtime.close();
});

/** A process that imports them, and its report as far as it comes. */
async function importing(price: number, atomic = false) {
  const path = join(directory, `${price}.ndjson`);
  await writeFile(path, Array.from({ length: rows }, (_, index) => JSON.stringify(row(index, price))).join('\n'));
  const program = join(import.meta.dirname, '../../test/importing.ts');
  const { DATABASE_URL } = catalog.runtime.config;
  const child = spawn(process.execPath, [program, DATABASE_URL, path, ...(atomic ? ['atomic'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
    // Postgres notices a moment later.
    await until(async () => {
      const [left] = await catalog.runtime.database.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'importing'`;
      return left?.count === 0;
    });
  };
  return { lines, kill };
}

/** What there is of it: products, what was told of them and what was written down. */
async function traces() {
  const [found] = await catalog.runtime.database.$queryRaw<Record<string, number>[]>`
    SELECT (SELECT count(*)::int FROM product) AS products, (SELECT count(*)::int FROM product_slug) AS slugs,
      (SELECT count(*)::int FROM change_log WHERE kind = 'product') AS changes,
      (SELECT count(*)::int FROM outbox WHERE subject = 'catalog.product.changed.v1') AS events,
      (SELECT count(*)::int FROM product WHERE package IS NULL OR external_id IS NULL OR search = '') AS halves`;
  return found ?? {};
}

async function finish(price: number, atomic: boolean) {
  const file = {
    rows: async function* () {
      for (let index = 0; index < rows; index += 1) yield row(index, price);
    },
    discard: async () => {},
  };
  for await (const line of importProducts(catalog.deps, file, { dryRun: false, atomic, actor: 'again' }))
    if ('summary' in line) return line.summary;
  throw new Error('a report ended without a summary');
}

test('all or nothing, killed in the middle, is nothing', async () => {
  const { kill, lines } = await importing(5, true);
  // Numbers are drawn outside of transactions: they show that it is at work.
  await until(async () => {
    const [numbers] = await catalog.runtime.database.$queryRaw<{ drawn: bigint }[]>`
      SELECT last_value AS drawn FROM product_number_seq`;
    return (numbers?.drawn ?? 0n) > 1_000n;
  });
  await kill();
  expect(lines).toEqual([]);
  expect(await traces()).toEqual({ products: 0, slugs: 0, changes: 0, events: 0, halves: 0 });
});

test('killed in the middle leaves whole rows, each told once, and goes on where it was when it is sent again', async () => {
  const { kill, lines } = await importing(6);
  await until(() => lines.length > 0);
  await kill();
  const left = await traces();
  expect(left.products).toBeGreaterThanOrEqual(500);
  expect(left.products).toBeLessThan(rows);
  expect(left).toEqual({
    products: left.products,
    slugs: left.products,
    changes: left.products,
    events: left.products,
    halves: 0,
  });
  const summary = await finish(6, false);
  expect(summary).toMatchObject({ rows, unchanged: left.products, created: rows - Number(left.products), refused: 0 });
  expect(await traces()).toEqual({ products: rows, slugs: rows, changes: rows, events: rows, halves: 0 });
  expect(await finish(6, false)).toMatchObject({ unchanged: rows });
});

test('all or nothing over what is there, killed, leaves every price as it was; and is all when it is sent again', async () => {
  const before = await traces();
  const { kill } = await importing(7, true);
  await until(async () => {
    const [writing] = await catalog.runtime.database.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'importing' AND backend_xid IS NOT NULL`;
    return writing?.count === 1;
  });
  await kill();
  expect(await traces()).toEqual(before);
  expect(await finish(7, true)).toMatchObject({ applied: true, changed: rows });
}, 60_000);
