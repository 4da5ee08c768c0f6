import { stockImported } from '@forecourt/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem, operatorId } from '../../test/builders.ts';
import type { ImportSummary, ReportLine } from '../import/report.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
  await catalog.aCategory({ slug: 'burs' });
  await catalog.aManufacturer({ uk: 'Кайзер', ru: null, en: 'Kaiser' });
  await catalog.aCountry('DE', { uk: 'Німеччина', ru: null, en: null });
});
afterAll(() => catalog.runtime.close());
beforeEach(async () => {
  await catalog.told();
  await catalog.logged();
});

const send = async (payload: string | Buffer, type = 'text/csv', query = '') =>
  catalog.app.inject({
    method: 'POST',
    url: `/admin/products/import${query}`,
    headers: { ...(await catalog.operator()), 'content-type': type },
    payload,
  });
const imported = async (payload: string | Buffer, type?: string, query?: string) => {
  const response = await send(payload, type, query);
  expect(response.statusCode, response.body).toBe(200);
  expect(response.headers['content-type']).toContain('application/x-ndjson');
  const lines = response.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { summary } = lines.at(-1) as { summary: ImportSummary };
  return { report: lines.slice(0, -1) as ReportLine[], summary };
};
const shown = async (slug: string) => (await catalog.app.inject(`/products/${slug}`)).json();

const header =
  'sku,title_uk,title_en,price,category,manufacturer,country,tags,images,options,active,stock,description_uk';
const bur = (sku: string, stock = '5', price = '72.50') =>
  `${sku},"Бор ""${sku}"", FG",Bur,${price},burs,kaiser,німеччина,Хіт|fg,https://images.example.com/1.jpg,grit=green|blue; size=10|12,так,${stock},"Рядок\nдругий"`;

describe('a CSV file', () => {
  test('becomes products, each with a line of the report, an event and a row of the change log', async () => {
    const { report, summary } = await imported(`\uFEFF${header}\r\n${bur('CSV-1')}\r\n\r\n${bur('CSV-2', '')}\r\n`);
    expect(summary).toEqual({
      dryRun: false,
      applied: true,
      rows: 2,
      created: 2,
      changed: 0,
      unchanged: 0,
      refused: 0,
    });
    expect(report).toEqual([
      { row: 1, sku: 'CSV-1', result: 'created', productId: expect.any(String) },
      { row: 2, sku: 'CSV-2', result: 'created', productId: expect.any(String) },
    ]);
    expect(await shown('bor-csv-1-fg')).toMatchObject({
      id: report[0]?.productId,
      sku: 'CSV-1',
      title: 'Бор "CSV-1", FG',
      description: 'Рядок\nдругий',
      price: 72.5,
      category: 'burs',
      manufacturerName: 'Кайзер',
      countryName: 'Німеччина',
      tags: ['хіт', 'fg'],
      images: ['https://images.example.com/1.jpg'],
      options: [
        { name: 'grit', values: ['green', 'blue'] },
        { name: 'size', values: [10, 12] },
      ],
    });
    const told = await catalog.told();
    expect(told.map(({ subject, data }) => [subject, data.productId, data.version])).toEqual([
      ['catalog.product.changed.v1', report[0]?.productId, 1],
      ['catalog.product.changed.v1', report[1]?.productId, 1],
      ['catalog.stock.imported.v1', report[0]?.productId, 1],
    ]);
    expect(told[2]?.data.quantity).toBe(5);
    expect(await catalog.logged()).toMatchObject([
      { kind: 'product', thingId: report[0]?.productId, change: 'created', actor: operatorId },
      { kind: 'product', thingId: report[1]?.productId, change: 'created', actor: operatorId },
    ]);
  });

  test('sent again changes nothing and tells nothing', async () => {
    const file = `${header}\n${bur('TWICE-1')}\n${bur('TWICE-2')}`;
    await imported(file);
    await catalog.told();
    await catalog.logged();
    expect((await imported(file)).summary).toMatchObject({ created: 0, changed: 0, unchanged: 2 });
    expect(await catalog.told()).toEqual([]);
    expect(await catalog.logged()).toEqual([]);
  });

  test('changes what its columns name, clears what they leave empty, and leaves the rest', async () => {
    await imported(`${header}\n${bur('PART-1')}`);
    await catalog.told();
    const { report } = await imported('sku;price;tags;stock\nPART-1;80,25;;7');
    expect(report).toMatchObject([{ result: 'changed' }]);
    expect(await shown('bor-part-1-fg')).toMatchObject({
      price: 80.25,
      tags: [],
      manufacturerName: 'Кайзер',
      images: [expect.any(String)],
    });
    expect((await catalog.told()).map(({ subject, data }) => [subject, data.version])).toEqual([
      ['catalog.product.changed.v1', 2],
      [stockImported.subject, 2],
    ]);
  });

  test('that says unlimited for the first time is told, and not again', async () => {
    await imported(`${header}\n${bur('FREE-1', '')}\n${bur('FREE-2', 'unlimited')}`);
    const [first, second] = (await catalog.told()).map(({ data }) => data.productId);
    const stocks = async () =>
      (await catalog.told()).flatMap(({ subject, data }) =>
        subject === stockImported.subject ? [[data.productId, data.quantity]] : [],
      );
    const file = 'sku,stock\nFREE-1,unlimited\nFREE-2,unlimited';
    await imported(file);
    expect(await stocks()).toEqual([[first, null]]);
    await imported(file);
    expect(await stocks()).toEqual([]);
    await imported('sku,stock\nFREE-2,3');
    await imported('sku,stock\nFREE-2,unlimited');
    expect(await stocks()).toEqual([
      [second, 3],
      [second, null],
    ]);
  });

  test('names every thing that is wrong with a row, and takes the others', async () => {
    const rows = [
      'sku,title_uk,price,category,manufacturer,images,active,stock,slug',
      ',Без артикула,1,burs,,,,,',
      'BAD-1,Погана ціна,-1,burs,,,maybe,1.5,',
      'BAD-2,Нікого,1.005,nowhere,nobody,,,,',
      'BAD-3,Картинка,1,burs,,http://example.com/a.jpg,,,',
      'BAD-4,Слаг,1,burs,,,,,Not A Slug',
      'GOOD,Добрий,1,burs,,,,,',
      'GOOD,Ще раз,2,burs,,,,,',
      'NEW,,,,,,,,',
    ];
    const { report, summary } = await imported(rows.join('\n'));
    expect(summary).toMatchObject({ rows: 8, created: 1, refused: 7 });
    expect(report.map(({ result }) => result)).toEqual([...Array(5).fill('refused'), 'created', 'refused', 'refused']);
    const errors = report.map((line) => line.errors?.join('\n') ?? '');
    expect(errors[0]).toMatch(/^sku: /);
    expect(errors[1]).toMatch(/price: .*\n.*active: .*\n.*stock: /s);
    expect(errors[2]).toContain('category: there is no "nowhere"');
    expect(errors[2]).toContain('manufacturer: there is no "nobody"');
    expect(errors[2]).toMatch(/price: .*2 decimals/);
    expect(errors[3]).toMatch(/^images\.0: /);
    expect(errors[4]).toMatch(/^slug: /);
    expect(errors[6]).toBe('sku: row 6 has it too');
    expect(errors[7]).toMatch(/title_uk/);
    expect(await catalog.told()).toHaveLength(1);
  });

  test('with a dry run reports the same and changes nothing', async () => {
    await imported(`${header}\n${bur('DRY-1')}`);
    await catalog.told();
    await catalog.logged();
    const file = `${header}\n${bur('DRY-1', '5', '99')}\n${bur('DRY-2')}\n,,,,,,,,,,,,`;
    const dry = await imported(file, 'text/csv', '?dryRun=true');
    expect(dry.report.map(({ result }) => result)).toEqual(['changed', 'created', 'refused']);
    expect(dry.summary).toMatchObject({ dryRun: true, created: 1, changed: 1, refused: 1 });
    expect(await catalog.told()).toEqual([]);
    expect(await catalog.logged()).toEqual([]);
    expect(await shown('bor-dry-1-fg')).toMatchObject({ price: 72.5 });
    const real = await imported(file);
    expect(real.report.map(({ result }) => result)).toEqual(dry.report.map(({ result }) => result));
  });

  test('with a dry run knows the slugs that the rows before would take, over all batches', async () => {
    const others = Array.from({ length: 500 }, (_, index) => `BATCH-${index},,Інший ${index},1,burs`);
    const rows = ['FIRST,wanted-by-two,Перший,1,burs', ...others, 'SECOND,wanted-by-two,Другий,1,burs'];
    const file = `sku,slug,title_uk,price,category\n${rows.join('\n')}`;
    const foreseen = await imported(file, 'text/csv', '?dryRun=true');
    const done = await imported(file);
    expect(done.report.at(-1)).toMatchObject({ result: 'refused' });
    expect(foreseen.report.map(({ result }) => result)).toEqual(done.report.map(({ result }) => result));
  });

  test('gives equal titles slugs of their own, and keeps a slug with its product', async () => {
    const rows = (price: number) => ['S-1', 'S-2', 'S-3'].map((sku) => `${sku},Однаковий,${price},burs`).join('\n');
    await imported(`sku,title_uk,price,category\n${rows(1)}`);
    expect(await shown('odnakovyi')).toMatchObject({ sku: 'S-1' });
    expect(await shown('odnakovyi-s-2')).toMatchObject({ sku: 'S-2' });
    const { report } = await imported('sku,slug\nS-3,odnakovyi');
    expect(report).toMatchObject([{ result: 'refused', errors: ['slug: "odnakovyi" belongs to another product'] }]);
    await imported(`sku,title_uk,price,category\n${rows(2)}`);
    expect(await shown('odnakovyi-s-3')).toMatchObject({ sku: 'S-3', price: 2 });
  });
});

test('JSON lines say the same in JSON', async () => {
  const lines = [
    {
      sku: 'JSON-1',
      title_uk: 'Джейсон',
      price: 12.5,
      category: 'burs',
      tags: ['a', 'b'],
      options: [{ name: 'shade', values: ['A1'] }],
      active: true,
      stock: null,
      title_en: null,
    },
    { sku: 'JSON-2', title_uk: 7, price: '1', category: 'burs' },
  ];
  const { report } = await imported(
    lines.map((line) => JSON.stringify(line)).join('\n'),
    'application/x-ndjson; charset=utf-8',
  );
  expect(report).toMatchObject([
    { result: 'created' },
    { result: 'refused', errors: [expect.stringMatching(/^title_uk/)] },
  ]);
  expect(await shown('dzheison')).toMatchObject({
    price: 12.5,
    tags: ['a', 'b'],
    options: [{ name: 'shade', values: ['A1'] }],
  });
});

describe('a file that cannot be read to its end changes nothing', () => {
  test.each([
    ['text/csv', `${header}\n${bur('OPEN-1')}\n"never closed`],
    ['text/csv', 'sku,title_uk\nA,b,c,d'],
    ['text/csv', 'title_uk\nx'],
    ['text/csv', 'sku,colour\nx,red'],
    ['text/csv', 'sku,sku\nx,y'],
    ['application/x-ndjson', '{"sku":"LINE-1","title_uk":"x","price":1,"category":"burs"}\n{'],
    ['text/csv', Buffer.from(`sku,title_uk,price,category\nOLD-1,\xcf\xf0\xe8\xe2\xb3\xf2,1,burs`, 'latin1')],
    ['application/x-ndjson', Buffer.from('{"sku":"\xcf\xf0"}', 'latin1')],
    ['application/x-ndjson', '[]'],
    ['application/x-ndjson', '{"sku":"x","colour":"red"}'],
  ])('%s: %s', async (type, file) => {
    const response = await send(file, type);
    expect(response.statusCode, response.body).toBe(400);
    expect(response.json()).toMatchObject({ code: 'import_malformed' });
    expect(await catalog.told()).toEqual([]);
  });

  test('nor does one of another type', async () => {
    expect((await send('{}', 'application/json')).json()).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
    expect((await send('x', 'application/pdf')).statusCode).toBe(415);
  });

  test('an empty one is an empty report', async () => {
    expect((await imported(header)).summary).toMatchObject({ rows: 0 });
  });
});

describe('10,000 rows', () => {
  const file = (price: number) =>
    [
      'sku,title_uk,title_ru,title_en,price,category,tags,options,stock,description_uk',
      ...Array.from(
        { length: 10_000 },
        (_, index) =>
          `MANY-${index},Композит ${index},Композит ${index},Composite ${index},${index % 100 === 7 ? price : 5},burs,a|b,shade=A1|A2,${index % 50},Опис товару ${index}`,
      ),
    ].join('\n');

  test('arrive, a hundred of them change, and each is told once', async () => {
    const first = await imported(file(5));
    expect(first.summary).toMatchObject({ rows: 10_000, created: 10_000 });
    expect(first.report.map(({ row }) => row)).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
    expect(await catalog.told()).toHaveLength(20_000);
    const second = await imported(file(6));
    expect(second.summary).toMatchObject({ changed: 100, unchanged: 9_900 });
    expect(await catalog.told()).toHaveLength(100);
  }, 60_000);
});

test('operators and an import at once: every version is told once, in order', async () => {
  await imported(`${header}\n${bur('RACE-1')}`);
  const [created] = await catalog.told();
  const id = String(created?.data.productId);
  const headers = await catalog.operator();
  await Promise.all([
    ...[1, 2, 3, 4, 5].map((price) =>
      catalog.app.inject({ method: 'PATCH', url: `/admin/products/${id}`, headers, payload: { price } }),
    ),
    ...[6, 7, 8].map((price) => imported(`sku,price\nRACE-1,${price}`)),
  ]);
  const versions = (await catalog.told()).map((event) => event.data.version);
  expect(versions).toEqual(Array.from({ length: versions.length }, (_, index) => index + 2));
  expect(versions.length).toBeGreaterThanOrEqual(7);
}, 30_000);
