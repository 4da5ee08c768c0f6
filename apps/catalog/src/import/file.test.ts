import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ImportFormat, maxImportBytes, type SpooledFile, spool } from './file.ts';
import type { RawRow } from './row.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spooled-'));
  vi.stubEnv('TMPDIR', directory);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

async function rowsOf(file: SpooledFile): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const row of file.rows()) rows.push(row);
  return rows;
}

async function read(text: string, format: ImportFormat): Promise<RawRow[]> {
  const file = await spool(Readable.from([Buffer.from(text)]), format);
  try {
    return await rowsOf(file);
  } finally {
    await file.discard();
  }
}

const kilobyte = 'x'.repeat(1024);
function* kilobytes(count: number) {
  for (let sent = 0; sent < count; sent += 1) yield Buffer.from(kilobyte);
}

test.each([
  ['csv', 'sku,price\nA,1\nB,2\n'],
  ['ndjson', '{"sku":"A","price":"1"}\n{"sku":"B","price":"2"}\n'],
] as const)(
  'a file of %s is read as often as need be, and left half read; on the disk it has no name',
  async (format, text) => {
    const file = await spool(Readable.from([Buffer.from(text)]), format);
    expect(await readdir(directory)).toEqual([]);
    for await (const row of file.rows()) {
      expect(row).toEqual({ sku: 'A', price: '1' });
      break;
    }
    const rows = [
      { sku: 'A', price: '1' },
      { sku: 'B', price: '2' },
    ];
    expect(await rowsOf(file)).toEqual(rows);
    expect(await rowsOf(file)).toEqual(rows);
    await file.discard();
  },
);

test('who sends too much is refused, and so is who stops in the middle; nothing stays', async () => {
  await expect(spool(Readable.from(kilobytes(maxImportBytes / 1024 + 1)), 'csv')).rejects.toMatchObject({
    code: 'payload_too_large',
  });
  const broken = Readable.from(
    (function* () {
      yield Buffer.from('sku\n');
      throw new Error('the line broke');
    })(),
  );
  await expect(spool(broken, 'csv')).rejects.toThrow('the line broke');
  expect(await readdir(directory)).toEqual([]);
});

describe('JSON lines', () => {
  test('end with a line feed, whatever else some take for the end of a line', async () => {
    const titles = ['a\u2028b', 'c\u0085d', 'e'];
    const text = `\uFEFF${titles.map((title) => JSON.stringify({ title_uk: title })).join('\r\n')}`;
    expect(await read(text, 'ndjson')).toEqual(titles.map((title) => ({ title_uk: title })));
  });

  test('may each be longer than what is read at once', async () => {
    const rows = ['д', 'Ж', '𝄞'].map((letter, index) => ({
      sku: String(index),
      description_uk: letter.repeat(70_000),
    }));
    expect(await read(rows.map((row) => JSON.stringify(row)).join('\n'), 'ndjson')).toEqual(rows);
  });

  test('but not longer than a row can be', async () => {
    const file = await spool(Readable.from(kilobytes(20 * 1024)), 'ndjson');
    await expect(rowsOf(file)).rejects.toMatchObject({
      code: 'import_malformed',
      message: 'Line 1 is longer than 262144 characters.',
    });
    await file.discard();
  });
});

test.each(['\n', '\r\n', '\r'])('CSV tells its delimiter by its header alone, where lines end with %j', async (end) => {
  expect(await read(['sku,title_uk', 'A,"a; b"'].join(end), 'csv')).toEqual([{ sku: 'A', title_uk: 'a; b' }]);
  expect(await read(['sku;price', 'A;1,5'].join(end), 'csv')).toEqual([{ sku: 'A', price: '1,5' }]);
});
