import { describe, expect, test } from 'vitest';
import { maxRows, readCsv, readJsonLines } from './import-file.ts';

describe('CSV', () => {
  test('columns are found by name; an empty quantity means not counted; the byte order mark is no letter', () => {
    expect(readCsv('\uFEFFquantity,sku,note\r\n5, A-1 ,x\r\n\r\n,"B,2",\r\n')).toEqual([
      { line: 2, sku: 'A-1', quantity: 5 },
      { line: 4, sku: 'B,2', quantity: null },
    ]);
  });

  test.each([';', '\t'])('a spreadsheet that separates by %j is understood', (separator) => {
    expect(readCsv(`sku${separator}quantity\nA-1${separator}5`)).toEqual([{ line: 2, sku: 'A-1', quantity: 5 }]);
  });

  test('a comma separates, whatever else stands in a row', () => {
    expect(readCsv('sku,quantity\nA;1,5')).toEqual([{ line: 2, sku: 'A;1', quantity: 5 }]);
  });

  test.each(['-1', '1.5', '1e3', 'many', '99999999999', '٣'])('a quantity of %s is a malformed row', (quantity) => {
    const [row, next] = readCsv(`sku,quantity\nA,${quantity}\nB,1`);
    expect(row).toMatchObject({ line: 2, problem: expect.stringContaining('quantity') });
    expect(next).toEqual({ line: 3, sku: 'B', quantity: 1 });
  });

  test('a file without the columns has only malformed rows', () => {
    expect(readCsv('code;amount\nA;1')).toEqual([{ line: 2, problem: expect.stringContaining('sku') }]);
  });

  test('an open quote is no file at all', () => {
    expect(() => readCsv('sku,quantity\n"A,1')).toThrow(expect.objectContaining({ code: 'import_malformed' }));
  });
});

describe('JSON lines', () => {
  test('each line stands alone', () => {
    const rows = readJsonLines('{"sku":"A","quantity":5}\n\n{"sku":"B","quantity":null}\nnonsense\n{"sku":"C"}\n');
    expect(rows).toEqual([
      { line: 1, sku: 'A', quantity: 5 },
      { line: 3, sku: 'B', quantity: null },
      { line: 4, problem: 'not JSON' },
      { line: 5, problem: expect.stringContaining('quantity') },
    ]);
  });
});

test('a file of more rows than can be promised is refused as a whole', () => {
  const rows = '{"sku":"A","quantity":5}\n'.repeat(maxRows + 1);
  expect(() => readJsonLines(rows)).toThrow(expect.objectContaining({ code: 'import_malformed' }));
});
