import fc from 'fast-check';
import type { Operation } from '../api/document.ts';

interface Column {
  readonly name: string;
  readonly cell: fc.Arbitrary<string>;
}

const fact = (collection: string, field: string) => fc.nat(200).map((at) => `{{${collection}.${field}.${at}}}`);
const word = fc.stringMatching(/^[a-z]{2,8}[0-9]{2}$/);
const amount = fc.nat(100_000).map((cents) => String(cents / 100));

/** What files hold: documents describe their type, never their columns. */
const columnsOf: Readonly<Record<string, readonly Column[]>> = {
  '/admin/products/import': [
    { name: 'external_id', cell: fc.oneof(fc.constant(''), word) },
    { name: 'sku', cell: fc.oneof(word, fact('products', 'sku')) },
    { name: 'title_uk', cell: word },
    { name: 'price', cell: amount },
    { name: 'category', cell: fact('categories', 'slug') },
    { name: 'package_period', cell: fc.constantFrom('', '1 month', '30 days') },
    { name: 'stock', cell: fc.nat(1000).map(String) },
  ],
  '/admin/devices/import': [
    { name: 'number', cell: fc.oneof(word, fact('devices', 'number')) },
    { name: 'station', cell: fc.oneof(word, fact('stations', 'identity')) },
    { name: 'connector', cell: fc.integer({ min: 1, max: 9 }).map(String) },
    { name: 'longitude', cell: fc.integer({ min: -180, max: 180 }).map(String) },
    { name: 'latitude', cell: fc.integer({ min: -90, max: 90 }).map(String) },
    { name: 'price', cell: amount },
    { name: 'waiting_price', cell: amount },
  ],
  '/admin/call-rates/import': [
    ...['name_en', 'name_ka', 'name_ru'].map((name) => ({ name, cell: word })),
    ...['home', 'mobile'].flatMap((kind) => [
      { name: `${kind}_price`, cell: amount },
      { name: `${kind}_code`, cell: fc.integer({ min: 1, max: 999_999 }).map(String) },
    ]),
  ],
  '/admin/stock/import': [
    { name: 'sku', cell: fc.oneof(fact('products', 'sku'), word) },
    { name: 'quantity', cell: fc.nat(100_000).map(String) },
  ],
};

const anyText = fc.array(word, { maxLength: 20 }).map((lines) => lines.join('\n'));

export function uploadsFor({ path, bodyType }: Operation): fc.Arbitrary<string> {
  const columns = columnsOf[path];
  if (!columns || bodyType !== 'text/csv') return anyText;
  const row = fc.tuple(...columns.map(({ cell }) => cell)).map((cells) => cells.join(','));
  const head = columns.map(({ name }) => name).join(',');
  return fc.array(row, { minLength: 1, maxLength: 6 }).map((rows) => `${[head, ...rows].join('\n')}\n`);
}
