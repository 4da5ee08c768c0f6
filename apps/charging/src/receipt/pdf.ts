import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Receipt } from './receipt.ts';

const require = createRequire(import.meta.url);

const margin = 56;
const small = 8;
const usual = 11;

/**
 * Pdfkit and its fonts take megabytes, and most processes print nothing for hours: they are read with the first receipt.
 */
export async function asPdf(receipt: Receipt): Promise<Buffer> {
  const { default: PDFDocument } = await import('pdfkit');
  const doc = new PDFDocument({ size: 'A4', margin, info: { Title: receipt.title }, lang: receipt.language });
  const chunks: Buffer[] = [];
  const written = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  const fonts = await usedFonts();
  doc.registerFont('text', fonts.text).registerFont('bold', fonts.bold);
  print(doc, receipt);
  doc.end();
  return await written;
}

interface Fonts {
  readonly text: Buffer;
  readonly bold: Buffer;
}
let fonts: Fonts | undefined;

/** DejaVu has all letters of our languages: Latin, Cyrillic with those of Mongolian, Georgian. */
async function usedFonts(): Promise<Fonts> {
  fonts ??= {
    text: await readFile(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')),
    bold: await readFile(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')),
  };
  return fonts;
}

function print(doc: PDFKit.PDFDocument, { title, seller, facts, items, totals, signedTitle, signed }: Receipt): void {
  const width = doc.page.width - 2 * margin;
  doc.font('text').fontSize(usual).fillColor('#555555');
  for (const line of seller) doc.text(line);
  doc.moveDown().font('bold').fontSize(20).fillColor('black').text(title).moveDown(0.5);

  const row = (cells: readonly string[], font: 'text' | 'bold') => {
    doc.font(font).fontSize(usual);
    const share = width / cells.length;
    const height = Math.max(...cells.map((cell) => doc.heightOfString(cell, { width: share })));
    if (doc.y + height > doc.page.height - margin) doc.addPage();
    const { y } = doc;
    cells.forEach((cell, n) => {
      doc.text(cell, margin + n * share, y, {
        width: share,
        align: n > 0 && n === cells.length - 1 ? 'right' : 'left',
      });
    });
    doc.x = margin;
    doc.y = y + height + 6;
  };
  const rule = () => {
    doc
      .moveTo(margin, doc.y)
      .lineTo(margin + width, doc.y)
      .lineWidth(0.5)
      .strokeColor('#999999')
      .stroke();
    doc.y += 8;
  };
  for (const fact of facts) row(fact, 'text');
  rule();
  for (const item of items) row(item, 'text');
  rule();
  totals.forEach((total, n) => {
    row(total, n === 0 ? 'bold' : 'text');
  });
  if (signed.length === 0) return;
  doc.moveDown().font('bold').fontSize(usual).text(signedTitle, margin, doc.y, { width }).moveDown(0.5);
  doc.font('text').fontSize(small);
  for (const data of signed) doc.text(data, { width }).moveDown(0.5);
}
