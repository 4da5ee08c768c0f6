import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';
import { languages } from '@forecourt/dialects';
import PDFDocument from 'pdfkit';
import { describe, expect, test } from 'vitest';
import { afterNoon, aRunningSession } from '../../test/sessions.ts';
import { finish, priced } from '../session/session.ts';
import { asHtml } from './html.ts';
import { asPdf } from './pdf.ts';
import { receiptOf, signedIn } from './receipt.ts';

const settings = { seller: ['ТОВ «Форкорт»', 'ЄДРПОУ 12345678'], timeZone: 'Asia/Ulaanbaatar' };

/** 10.5 kWh at 7.00, and 3 minutes of waiting at 1.00 after five free ones. */
const over = () => {
  const waited = { waitedSec: 0, since: afterNoon(60) };
  const running = aRunningSession({ energyWh: 10_500n, waiting: waited, deviceNumber: 'UB-<7>&"' });
  const ended = finish(priced(running, afterNoon(67, 30)), afterNoon(67, 30));
  return { ...ended, paid: 7_600n, refunded: 100n };
};
const signed = ['OCMF|{"FV":"1.0"}|{"SD":"3045"}'];

test('says what was sold, for how much, and what was paid of it', () => {
  const receipt = receiptOf({ session: over(), signed }, 'en', settings);
  const plain = (text: string) => text.replaceAll(/\s/g, ' ');
  expect(receipt.items.map((row) => row.map(plain))).toEqual([
    ['Energy', '10.500 kWh × UAH 7.00', 'UAH 73.50'],
    ['Waiting after the charge', '3 min × UAH 1.00', 'UAH 3.00'],
  ]);
  expect(receipt.totals.map((row) => row.map(plain))).toEqual([
    ['Total', 'UAH 76.50'],
    ['Paid', 'UAH 76.00'],
    ['Given back', 'UAH 1.00'],
    ['To be paid', 'UAH 0.50'],
  ]);
  expect(receipt.facts).toContainEqual(['Device', 'UB-<7>&"']);
  expect(receipt.facts.find(([name]) => name === 'Start')?.[1]).toMatch(/^\d{2} [A-Z][a-z]{2} \d{4}, 20:00:00 GMT\+8$/);
});

test('where nobody waited there is no line about it, and nobody owes what is paid', () => {
  const session = { ...over(), waiting: { waitedSec: 300, since: null }, amount: 7_350n, paid: 7_350n, refunded: 0n };
  const receipt = receiptOf({ session, signed: [] }, 'mn', settings);
  expect(receipt.items).toHaveLength(1);
  expect(receipt.totals).toHaveLength(2);
});

test('what operators and stations wrote is text on the page, never markup', () => {
  const html = asHtml(receiptOf({ session: over(), signed: ['<script>alert(1)</script>'] }, 'en', settings));
  expect(html).toContain('UB-&#60;7&#62;&#38;&#34;');
  expect(html).not.toMatch(/<script|UB-</);
});

describe.each(languages)('in %s', (language) => {
  const receipt = receiptOf({ session: over(), signed }, language, settings);

  test('the font has every letter of it', () => {
    const file = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
    const doc = new PDFDocument().font(readFileSync(file)) as unknown as {
      _font: { font: { hasGlyphForCodePoint(code: number): boolean } };
    };
    const text = JSON.stringify(receipt);
    const missing = [...new Set(text)].filter((sign) => !doc._font.font.hasGlyphForCodePoint(sign.codePointAt(0) ?? 0));
    expect(missing).toEqual([]);
  });

  test('it is a page in that language, and a PDF', async () => {
    expect(asHtml(receipt)).toMatch(new RegExp(`^<!doctype html><html lang="${language}">`));
    const pdf = await asPdf(receipt);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.subarray(-6).toString().trim()).toBe('%%EOF');
  });
});

test('a PDF carries its text with both fonts, on as many pages as it needs', async () => {
  const long = Array.from({ length: 40 }, (_, n) => `${n} ${'AB12'.repeat(150)}`);
  const short = await asPdf(receiptOf({ session: over(), signed: [] }, 'uk', settings));
  const pages = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length;
  expect(pages(short)).toBe(1);
  expect(pages(await asPdf(receiptOf({ session: over(), signed: long }, 'uk', settings)))).toBeGreaterThan(1);
  const streams = [...short.toString('latin1').matchAll(/stream\n([\s\S]*?)\nendstream/g)].map(([, data = '']) =>
    tryInflate(Buffer.from(data, 'latin1')),
  );
  // What a reader copies out of it: the letters of the title by their code points.
  const codes = (text: string) => [...text].map((sign) => (sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0'));
  const maps = streams.filter((stream) => stream.includes('begincmap'));
  expect(maps).toHaveLength(2);
  for (const code of codes('Квитанція')) expect(maps.some((map) => map.includes(code))).toBe(true);
});

const tryInflate = (data: Buffer): string => {
  try {
    return inflateSync(data).toString('latin1');
  } catch {
    return '';
  }
};

test('what a meter signed is found in both versions’ values, each once, the first and the last of many', () => {
  expect(
    signedIn([
      [{ value: '1000', measurand: 'Energy.Active.Import.Register' }],
      [{ value: 'OCMF|1', format: 'SignedData' }, { value: 12 }],
      [{ value: 3, signedMeterValue: { signedMeterData: 'abc', encodingMethod: 'OCMF' } }],
      [{ value: 'OCMF|1', format: 'SignedData' }],
      null,
      'nonsense',
    ]),
  ).toEqual(['OCMF|1', '{"signedMeterData":"abc","encodingMethod":"OCMF"}']);
  const many = Array.from({ length: 30 }, (_, n) => [{ format: 'SignedData', value: `s${n}` }]);
  expect(signedIn(many)).toEqual(['s0', 's1', 's2', 's3', 's4', 's25', 's26', 's27', 's28', 's29']);
});
