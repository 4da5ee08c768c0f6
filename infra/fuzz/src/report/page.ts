import type { Result } from '../campaign/campaign.ts';

const style = `
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #1c2430; max-width: 1200px }
  h1, h2 { font-weight: 600 } pre { background: #f4f6f8; padding: .75rem; overflow-x: auto; white-space: pre-wrap }
  table { border-collapse: collapse; margin: .5rem 0 1.5rem } th, td { border: 1px solid #d9dee5; padding: .2rem .5rem; text-align: right }
  th:first-child, td:first-child { text-align: left } thead th { position: sticky; top: 0; background: #fff }
  .none { background: #fbe3e4 } .good { color: #1a7f37 } .bad { color: #b42318 } details { margin: .5rem 0 }`;

const safe = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const row = (cells: readonly (string | number)[], tag = 'td') =>
  `<tr>${cells.map((cell) => `<${tag}>${typeof cell === 'number' ? cell : safe(cell)}</${tag}>`).join('')}</tr>`;
const table = (head: readonly string[], rows: readonly string[]) =>
  `<table><thead>${row(head, 'th')}</thead><tbody>${rows.join('\n')}</tbody></table>`;

/** What was asked, how it was answered, and what was wrong: to be looked at in a browser, without a server. */
export function page({ seed, seconds, coverage, findings, memory, raw, unchanged, singles }: Result): string {
  const groups = [...new Set(coverage.kinds.map(groupOf))];
  const statuses = [...new Set(coverage.routes.flatMap((route) => Object.keys(coverage.statusesOf(route))))].sort();
  const countsOf = (route: string, group: string) =>
    coverage.kinds
      .filter((kind) => groupOf(kind) === group)
      .reduce((sum, kind) => sum + coverage.countOf(route, kind), 0);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Fuzzing, seed ${seed}</title><style>${style}</style>
<h1>Fuzzing, seed ${seed}</h1>
<p>${coverage.total} requests in ${seconds.toFixed(0)} s; ${coverage.routes.length} calls × ${coverage.kinds.length} kinds of breakage.
${singles.done} of ${singles.all} single breakages were tried. ${unchanged.requests} refused requests were sent again in
${unchanged.batches} comparisons of the whole database. ${[...raw.values()].reduce((sum, count) => sum + count, 0)} raw connections.</p>
<h2 class="${findings.length === 0 ? 'good' : 'bad'}">${findings.length === 0 ? 'Nothing found' : `${findings.length} findings`}</h2>
${findings
  .map(
    ({ where, fault, kinds, reproduction, replay, answer, times }) =>
      `<details open><summary><b>${safe(where)}</b>: ${safe(fault)} (${times}×)</summary><p>${safe(kinds.join(', '))}</p>
      <pre>${safe([reproduction, answer && `→ ${answer}`, replay && `npm run fuzz -- ${replay}`].filter(Boolean).join('\n\n'))}</pre></details>`,
  )
  .join('\n')}
<h2>Calls by status</h2>${table(
    ['call', ...statuses.map((status) => (status === '0' ? 'hung up' : status))],
    coverage.routes.map((route) => row([route, ...statuses.map((status) => coverage.statusesOf(route)[status] ?? 0)])),
  )}
<h2>Calls by group of kinds</h2>${table(
    ['call', ...groups],
    coverage.routes.map((route) => row([route, ...groups.map((group) => countsOf(route, group))])),
  )}
<h2>Kinds</h2>${table(
    ['kind', 'requests', 'calls'],
    coverage.kinds.map((kind) => {
      const counts = coverage.routes.map((route) => coverage.countOf(route, kind));
      return row([kind, counts.reduce((sum, count) => sum + count, 0), counts.filter((count) => count > 0).length]);
    }),
  )}
<h2>Slowest, while all asked at once</h2>${table(
    ['call', 'kind', 'ms'],
    coverage.slowest.map(({ route, kind, ms }) => row([route, kind, Math.round(ms)])),
  )}
<h2>Raw sockets</h2>${table(
    ['shape', 'connections'],
    [...raw].map(([shape, count]) => row([shape, count])),
  )}
<h2>Memory</h2>${table(
    ['process', 'second third, MB', 'last third, MB'],
    memory.map(({ name, fromMb, toMb }) => row([name, Math.round(fromMb), Math.round(toMb)])),
  )}</html>\n`;
}

const groupOf = (kind: string): string => kind.split('.', 1)[0] as string;
