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
    { name: 'sku', cell: fc.oneof(word, fact('products', 'sku')) },
    { name: 'title_uk', cell: word },
    { name: 'price', cell: amount },
    { name: 'category', cell: fact('categories', 'slug') },
    { name: 'stock', cell: fc.nat(1000).map(String) },
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
