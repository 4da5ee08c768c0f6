import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import type { ImportSummary, ReportLine } from '../import/report.ts';

let catalog: CatalogSystem;
const partnerId = '65f1a2b3c4d5e6f7a8b90002';
beforeAll(async () => {
  catalog = await aCatalog();
  await catalog.aCategory({ slug: 'internet' });
});
afterAll(() => catalog.runtime.close());
beforeEach(async () => {
  await catalog.deps.db.product.deleteMany();
  await catalog.told();
  await catalog.logged();
});

const send = async (rows: readonly object[], query = '') =>
  catalog.app.inject({
    method: 'POST',
    url: `/admin/products/import${query}`,
    headers: {
      ...(await catalog.runtime.issuer.bearer({ customerId: partnerId, roles: ['partner'] })),
      'content-type': 'application/x-ndjson',
    },
    payload: rows.map((row) => JSON.stringify(row)).join('\n'),
  });
const imported = async (rows: readonly object[], query?: string) => {
  const response = await send(rows, query);
  expect(response.statusCode, response.body).toBe(200);
  const lines = response.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { summary } = lines.at(-1) as { summary: ImportSummary };
  const report = lines.slice(0, -1) as ReportLine[];
  return {
    report,
    summary,
    results: report.map(({ result }) => result),
    errors: report.flatMap((line) => line.errors ?? []),
  };
};
const fresh = (name: string) => ({ title_uk: name, price: 10, category: 'internet' });
const products = async () =>
  Object.fromEntries(
    (await catalog.deps.db.product.findMany({ where: { removedAt: null } })).map(({ externalId, sku, price, id }) => [
      `${externalId} ${sku}`,
      { id, price: Number(price) },
    ]),
  );

describe('a row finds its product', () => {
  test('by its external id, also when the SKU is another one now', async () => {
    await imported([{ external_id: 'E1', sku: 'S1', ...fresh('a') }]);
    const { results, report } = await imported([{ external_id: 'E1', sku: 'S2', price: 11 }]);
    expect(results).toEqual(['changed']);
    expect(report[0]).toMatchObject({ sku: 'S2', externalId: 'E1' });
    expect(Object.keys(await products())).toEqual(['E1 S2']);
  });

  test('by its SKU, and gives it the external id that it has not got', async () => {
    await imported([{ sku: 'S1', ...fresh('a') }]);
    expect((await imported([{ external_id: 'E1', sku: 'S1' }])).results).toEqual(['changed']);
    expect(Object.keys(await products())).toEqual(['E1 S1']);
    expect((await imported([{ sku: 'S1', price: 12 }])).results).toEqual(['changed']);
    expect(Object.keys(await products())).toEqual(['E1 S1']);
  });

  test('or is a new one, called as the partner calls it when there is no SKU', async () => {
    expect((await imported([{ external_id: 'E1', ...fresh('a') }])).results).toEqual(['created']);
    expect(Object.keys(await products())).toEqual(['E1 E1']);
    expect((await imported([{ external_id: 'E1', ...fresh('a') }])).results).toEqual(['unchanged']);
  });

  test('and takes nobody else’s name', async () => {
    await imported([
      { external_id: 'E1', sku: 'S1', ...fresh('a') },
      { external_id: 'E2', sku: 'S2', ...fresh('b') },
      { sku: 'E9', ...fresh('c') },
    ]);
    const before = await products();
    const { results, errors } = await imported([
      { external_id: 'E1', sku: 'S2' },
      { external_id: 'E3', sku: 'S2' },
      { external_id: 'E9', ...fresh('d') },
    ]);
    expect(results).toEqual(['refused', 'refused', 'refused']);
    expect(errors).toEqual([
      'sku: "S2" belongs to another product',
      'sku: row 1 has it too',
      'sku: "E9" belongs to another product',
    ]);
    expect((await imported([{ external_id: 'E3', sku: 'S2' }])).errors).toEqual([
      'sku: "S2" belongs to a product with the external id "E2"',
    ]);
    expect(await products()).toEqual(before);
  });

  test('that no other row of the file is about, by either name', async () => {
    await imported([{ external_id: 'E1', sku: 'S1', ...fresh('a') }]);
    const { results, errors } = await imported([
      { external_id: 'E1', price: 11 },
      { sku: 'S1', price: 12 },
      { external_id: 'E1', price: 13 },
    ]);
    expect(results).toEqual(['changed', 'refused', 'refused']);
    expect(errors).toEqual(['sku: row 1 is about this product too', 'external_id: row 1 has it too']);
    expect(await products()).toMatchObject({ 'E1 S1': { price: 1_100 } });
  });

  test('and says so when it names none', async () => {
    expect((await imported([fresh('a')])).errors.join()).toMatch(/^sku: /);
    expect((await imported([{ external_id: 'x'.repeat(65), sku: 'S', ...fresh('a') }])).errors.join()).toMatch(
      /^external_id: /,
    );
  });

  test('over batches, and in a dry run as in earnest', async () => {
    const others = Array.from({ length: 499 }, (_, index) => ({ external_id: `O${index}`, ...fresh(`o${index}`) }));
    const rows = [
      { external_id: 'E1', ...fresh('a') },
      ...others,
      { external_id: 'E2', sku: 'E1', ...fresh('b') },
      { sku: 'O1', price: 2 },
    ];
    const dry = await imported(rows, '?dryRun=true');
    const done = await imported(rows);
    expect(done.results.slice(500)).toEqual(['refused', 'refused']);
    expect(dry.results).toEqual(done.results);
  });
});

describe('a package', () => {
  const terms = {
    period: { unit: 'month', count: 1 },
    renews: true,
    line: 'internet',
    contents: [{ name: 'download', value: 100, unit: 'Mbit/s' }],
  };
  const row = {
    ...{ external_id: 'E1', package_period: '1 month', package_line: 'internet' },
    package_contents: 'download=100|Mbit/s',
  };
  const told = async () => (await catalog.told()).at(-1)?.data;

  test('is told with its terms, and stays one while rows say nothing of it', async () => {
    await imported([{ ...row, ...fresh('a') }]);
    expect(await told()).toMatchObject({ externalId: 'E1', package: terms, priceNow: 1_000 });
    await imported([{ external_id: 'E1', price: 11 }]);
    expect(await told()).toMatchObject({ package: terms });
    await imported([{ external_id: 'E1', package_renews: 'no' }]);
    expect(await told()).toMatchObject({ package: { ...terms, renews: false } });
  });

  test('is none any more without a period, and none has terms without one', async () => {
    await imported([{ ...row, ...fresh('a') }]);
    expect((await imported([{ external_id: 'E1', package_period: '' }])).results).toEqual(['changed']);
    expect(await told()).toMatchObject({ package: null });
    expect((await imported([{ external_id: 'E1', package_line: 'x' }])).errors).toEqual([
      'package_period: a package needs one',
    ]);
    for (const period of ['1 year', '0 days', 'month'])
      expect((await imported([{ external_id: 'E1', package_period: period }])).errors.join()).toMatch(
        /^package_period/,
      );
  });

  test('is read and changed by operators, with its external id', async () => {
    await imported([{ ...row, ...fresh('a') }]);
    const headers = await catalog.operator();
    const list = (await catalog.app.inject({ url: '/admin/products?externalId=E1', headers })).json();
    expect(list.items).toMatchObject([{ externalId: 'E1', package: terms }]);
    const url = `/admin/products/${list.items[0].id}`;
    const patch = (payload: object) => catalog.app.inject({ method: 'PATCH', url, headers, payload });
    expect((await patch({ package: { period: { unit: 'day', count: 30 } } })).json()).toMatchObject({
      package: { period: { unit: 'day', count: 30 }, renews: true, line: null, contents: [] },
    });
    expect((await patch({ package: { period: { unit: 'day', count: 0 } } })).statusCode).toBe(400);
    expect((await patch({ package: null, externalId: null })).json()).toMatchObject({
      package: null,
      externalId: null,
    });
  });

  test('is called by a name that nobody else has', async () => {
    await imported([
      { external_id: 'E1', ...fresh('a') },
      { external_id: 'E2', ...fresh('b') },
    ]);
    const headers = await catalog.operator();
    const id = (await products())['E2 E2']?.id;
    const taken = await catalog.app.inject({
      method: 'PATCH',
      url: `/admin/products/${id}`,
      headers,
      payload: { externalId: 'E1' },
    });
    expect([taken.statusCode, taken.json().code]).toEqual([409, 'external_id_taken']);
  });
});

describe('all or nothing', () => {
  const many = Array.from({ length: 700 }, (_, index) => ({ external_id: `M${index}`, ...fresh(`m${index}`) }));

  test('is all, in one transaction, when every row is right', async () => {
    const { summary, report } = await imported(many, '?atomic=true');
    expect(summary).toEqual({
      dryRun: false,
      applied: true,
      rows: 700,
      created: 700,
      changed: 0,
      unchanged: 0,
      refused: 0,
    });
    expect(report.every(({ productId }) => productId !== undefined)).toBe(true);
    const [transactions] = await catalog.runtime.database.$queryRaw<{ count: number }[]>`
      SELECT count(DISTINCT xid)::int AS count FROM change_log WHERE kind = 'product' AND thing_id IN (SELECT id FROM product)`;
    expect(transactions).toEqual({ count: 1 });
    expect((await imported(many, '?atomic=true')).summary).toMatchObject({ applied: true, unchanged: 700 });
  });

  test('is nothing when one is wrong, wherever it is', async () => {
    for (const at of [0, 350, 700]) {
      const rows = many.toSpliced(at, 0, { external_id: 'WRONG', ...fresh('w'), price: -1 });
      const { summary, results, report } = await imported(rows, '?atomic=true');
      expect(summary).toMatchObject({ applied: false, created: 700, refused: 1 });
      expect(results[at]).toBe('refused');
      expect(report.some(({ productId }) => productId !== undefined)).toBe(false);
    }
    expect(await products()).toEqual({});
    expect(await catalog.told()).toEqual([]);
  });

  test('is answered however long nothing can be said of it', async () => {
    const { app } = catalog;
    await app.listen({ port: 0, host: '127.0.0.1' });
    app.server.timeout = 100;
    const holder = await catalog.runtime.database.pool.connect();
    await holder.query('BEGIN');
    await holder.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.catalogue'), 0)`);
    const answer = fetch(`${app.listeningOrigin}/admin/products/import?atomic=true`, {
      method: 'POST',
      headers: {
        ...(await catalog.runtime.issuer.bearer({ customerId: partnerId, roles: ['partner'] })),
        'content-type': 'application/x-ndjson',
        connection: 'close',
      },
      body: JSON.stringify({ external_id: 'E1', ...fresh('a') }),
    });
    await pause(5 * app.server.timeout);
    await holder.query('COMMIT');
    holder.release();
    expect(await (await answer).text()).toContain('"applied":true');
  });

  test('without it, what is right is taken', async () => {
    const rows = [...many, { external_id: 'WRONG', ...fresh('w'), price: -1 }];
    expect((await imported(rows)).summary).toMatchObject({ applied: true, created: 700, refused: 1 });
  });

  test('in a dry run is a dry run', async () => {
    expect((await imported(many, '?atomic=true&dryRun=true')).summary).toMatchObject({
      dryRun: true,
      applied: false,
      created: 700,
    });
    expect(await products()).toEqual({});
  });
});

test('an import is the partner’s in the change log', async () => {
  await imported([{ external_id: 'E1', ...fresh('a') }]);
  expect(await catalog.logged()).toMatchObject([{ kind: 'product', actor: partnerId }]);
});
