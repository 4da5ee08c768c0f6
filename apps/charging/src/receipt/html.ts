import type { Receipt } from './receipt.ts';

/** One page that needs nothing from anywhere. */
export function asHtml({ language, title, seller, facts, items, totals, signedTitle, signed }: Receipt): string {
  const rows = (cells: readonly (readonly string[])[]) =>
    cells.map((row) => `<tr>${row.map((cell) => `<td>${safe(cell)}</td>`).join('')}</tr>`).join('');
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${safe(title)}</title><style>${style}</style></head><body><main>`,
    `<header>${seller.map((line) => `<p>${safe(line)}</p>`).join('')}</header><h1>${safe(title)}</h1>`,
    `<table class="facts">${rows(facts)}</table>`,
    `<table class="items">${rows(items)}</table>`,
    `<table class="totals">${rows(totals)}</table>`,
    ...(signed.length === 0
      ? []
      : [`<h2>${safe(signedTitle)}</h2>${signed.map((data) => `<pre>${safe(data)}</pre>`).join('')}`]),
    '</main></body></html>',
  ].join('');
}

const style =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1a1a1a;background:#fff}main{max-width:40rem;margin:2rem auto;padding:0 1rem}' +
  'header p{margin:0;color:#555}h1{font-size:1.5rem}h2{font-size:1rem}table{width:100%;border-collapse:collapse;margin:1rem 0}' +
  'td{padding:.35rem 0;vertical-align:top;border-bottom:1px solid #ddd}td:last-child{text-align:right;font-variant-numeric:tabular-nums}' +
  '.totals tr:first-child td{font-weight:700}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.75rem}';

const safe = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
