/** Text that was escaped, or written by us. */
export interface Html {
  readonly html: string;
}
type Part = Html | string | number | readonly Html[];

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] as string);

const written = (part: Part): string => {
  if (typeof part === 'object') return 'html' in part ? part.html : part.map(({ html }) => html).join('');
  return escapeHtml(String(part));
};

/** Whatever is put in is text, unless it was made by this. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html => ({
  html: strings.map((text, index) => text + (index < parts.length ? written(parts[index] as Part) : '')).join(''),
});

export const page = (title: string, body: Html): string => `<!doctype html>
${
  html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>`.html
}
`;

const style: Html = {
  html: `
:root { color-scheme: light dark; --ink: light-dark(#17202b, #e8edf4); --soft: light-dark(#5d6b7c, #9aa8ba);
  --paper: light-dark(#f3f5f8, #10151c); --card: light-dark(#fff, #1a222d); --line: light-dark(#dde3ea, #2c3846);
  --go: #0a6cd6; --good: light-dark(#12703f, #54c98b); --bad: light-dark(#a3261b, #ff8a7d) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.5rem; margin: 0 auto 1.5rem }
.slip { max-width: 26rem }
h1 { font-size: 1.15rem; margin: 0 0 1rem } h2 { font-size: 1rem; margin: 0 0 .75rem }
.amount { font-size: 2.4rem; font-weight: 650; letter-spacing: -.02em; margin: 0; font-variant-numeric: tabular-nums }
.soft { color: var(--soft); font-size: .875rem } .good { color: var(--good) } .bad { color: var(--bad) }
a { color: light-dark(#0a5cb8, #7db8ff) } form { margin: 0 } .row { display: flex; gap: .75rem; margin-top: 1.25rem }
button { flex: 1; font: inherit; font-weight: 600; padding: .8rem 1rem; border-radius: 10px; border: 1px solid var(--line);
  background: transparent; color: inherit; cursor: pointer }
button.go { background: var(--go); border-color: var(--go); color: #fff }
button:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible, a:focus-visible
  { outline: 3px solid var(--go); outline-offset: 2px }
details { margin-top: 1.25rem } summary { cursor: pointer; color: var(--soft); font-size: .875rem }
details button { font-size: .875rem; font-weight: 500; padding: .5rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0 0; font-size: .875rem }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
.scroll { overflow-x: auto } table { width: 100%; border-collapse: collapse; font-size: .875rem }
th { text-align: left; font-weight: 500; color: var(--soft) } th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line) }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem }
label { display: block; font-size: .875rem } input, select { font: inherit; width: 100%; padding: .4rem; border-radius: 8px;
  border: 1px solid var(--line); background: var(--paper); color: inherit } input[type=checkbox] { width: auto }
`,
};
