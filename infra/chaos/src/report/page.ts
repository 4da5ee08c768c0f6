import { cpus, release } from 'node:os';
import { type Answered, answered } from '../measure.ts';
import { acknowledgedWrites, boundOf, type RunResult } from '../result.ts';
import { inWords } from '../summary.ts';
import { latenciesOf, ratesOf } from './rates.ts';
import { style } from './style.ts';
import { escaped, timeAxis } from './svg.ts';
import { timelineOf } from './timeline.ts';

/** One file that needs nothing else, for somebody who was not there. */
export function renderReport(result: RunResult): string {
  const { history, seed, violations } = result;
  const { operations, faults } = history;
  const axis = timeAxis(Math.max(1000, ...operations.map(({ endedAt }) => endedAt), ...faults.map(({ to = 0 }) => to)));
  const holds = violations.length === 0;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chaos, seed ${seed}: ${holds ? 'everything held' : `${violations.length} violations`}</title><style>${style}</style></head>
<body><main>
<header><h1>Chaos</h1><span class="verdict${holds ? '' : ' broken'}">${holds ? 'everything held' : `${violations.length} violations`}</span></header>
<p class="soft">${escaped(facts(result))}</p>
${tiles(result)}
${holds ? '' : `<section><h2>Violations</h2><ul>${violations.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul></section>`}
<section><h2>What was broken, and when</h2>${timelineOf(faults, axis)}
<p class="soft">A bar lasts from the damage to its repair, and the dashes after it until something that depends on it was served again. Point at one for its name.</p></section>
<section><h2>Answers a second</h2>${legend([
    ['ok', 'ok'],
    ['refused', 'refused: 4xx, or a clear “not now” (503)'],
    ['unknown', 'unknown: lost, late, 504'],
  ])}${ratesOf(operations, axis)}</section>
<section><h2>Latency of successes</h2>${legend([
    ['p50', 'median'],
    ['p99', '99th percentile'],
  ])}${latenciesOf(operations, axis)}</section>
<section><h2>What must hold</h2>${checkTable(result)}</section>
<section><h2>Each kind of fault</h2>${faultTable(result)}
<p class="soft">Served: of the operations that depend on what was broken and began before it was back, those that got a clear answer. Back after: from the repair to the first success.</p></section>
<section><h2>Operations</h2>${operationTable(result)}</section>
<section><details><summary>Every fault</summary>${faultList(result)}</details></section>
<section><h2>What this does not show</h2><p>Processes were killed and stopped, lines cut, clocks set and disks filled on one machine.
Loss of power, corruption of disks and partitions between machines were not tested. The seed repeats the schedule of faults, not the timing of everything else.</p></section>
</main></body></html>
`;
}

function facts({ seed, rate, history, sabotage }: RunResult): string {
  const parts = [
    `seed ${seed}`,
    ...(sabotage === undefined ? [] : [`sabotage ${sabotage}`]),
    history.began,
    `${rate} arrivals a second`,
    `${cpus().length} cores`,
    `Node ${process.versions.node}`,
    `${process.platform} ${release()}`,
  ];
  return parts.join(' · ');
}

function tiles({ history, faults, checks }: RunResult): string {
  const writes = acknowledgedWrites(history);
  const injected = faults.reduce((sum, { count }) => sum + count, 0);
  const looked = checks.reduce((sum, { checked }) => sum + checked, 0);
  const served = history.operations.filter((operation) => answered(operation) === 'ok').length;
  const all = [
    [String(injected), `faults of ${faults.filter(({ count }) => count > 0).length} kinds`],
    [grouped(history.operations.length), `operations, ${share(served, history.operations.length)} served`],
    [grouped(writes), 'writes acknowledged'],
    [boundOf(writes).toExponential(1), 'bound on the rate of lost writes (95 %), if none was lost'],
    [grouped(looked), `things looked at by ${checks.length} checks`],
  ] as const;
  return `<div class="tiles">${all.map(([value, what]) => `<div class="tile"><b>${value}</b><span>${what}</span></div>`).join('')}</div>`;
}

const legend = (entries: readonly (readonly [colour: string, text: string])[]) =>
  `<div class="legend">${entries.map(([colour, text]) => `<span><i style="background: var(--${colour})"></i>${text}</span>`).join('')}</div>`;

type Cell = string | { readonly html: string };

function table(heads: readonly string[], numbers: readonly number[], rows: readonly (readonly Cell[])[]): string {
  const of = (n: number) => (numbers.includes(n) ? ' class="number"' : '');
  const cell = (value: Cell) => (typeof value === 'string' ? escaped(value) : value.html);
  const head = heads.map((text, n) => `<th${of(n)}>${text}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((value, n) => `<td${of(n)}>${cell(value)}</td>`).join('')}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

const checkTable = ({ checks }: RunResult) =>
  table(
    ['', 'check', 'promise', 'looked at', 'violations'],
    [3, 4],
    checks.map(({ name, what, checked, looked, violations }) => {
      const holds = violations.length === 0 && checked > 0;
      const mark = { html: `<span class="mark${holds ? '' : ' broken'}">${holds ? '✓ holds' : '✗ broken'}</span>` };
      const seen = looked ? `${what} Looked at: ${inWords(looked)}.` : what;
      return [mark, name, seen, grouped(checked), String(violations.length)];
    }),
  );

const faultTable = ({ faults }: RunResult) =>
  table(
    [
      'fault',
      'times',
      'lasted (median)',
      'operations meanwhile',
      'served',
      'back after (median)',
      'back after (worst)',
      '',
    ],
    [1, 2, 3, 4, 5, 6],
    faults.map(({ kind, count, operations, available, lastedMs, recoveryMs, impossible, why }) => [
      { html: `<code>${kind}</code>` },
      String(count),
      lastedMs ? seconds(lastedMs.median) : '',
      grouped(operations),
      available === undefined ? '' : `${(available * 100).toFixed(0)} %`,
      recoveryMs ? seconds(recoveryMs.median) : '',
      recoveryMs ? seconds(recoveryMs.worst) : '',
      impossible > 0 ? `${impossible} × not possible here: ${why}` : '',
    ]),
  );

function operationTable({ history: { operations }, turnedAway }: RunResult): string {
  const kinds = [...Map.groupBy(operations, ({ kind }) => kind)].sort(
    ([, one], [, other]) => other.length - one.length,
  );
  const counted = (all: typeof operations, what: Answered) =>
    grouped(all.filter((operation) => answered(operation) === what).length);
  const rows = kinds.map(([kind, all]) => [
    { html: `<code>${kind}</code>` },
    grouped(all.length),
    counted(all, 'ok'),
    counted(all, 'refused'),
    counted(all, 'unknown'),
  ]);
  const left =
    turnedAway > 0 ? `<p class="soft">${turnedAway} arrivals found too many waiting, and were not sent.</p>` : '';
  return table(['kind', 'all', 'ok', 'refused', 'unknown'], [1, 2, 3, 4], rows) + left;
}

const faultList = ({ history: { faults } }: RunResult) =>
  table(
    ['', 'fault', 'target', 'what', 'from', 'to', 'served again'],
    [0, 4, 5, 6],
    faults.map(({ id, kind, target, detail, from, to, recoveredAt, impossible }) => [
      String(id),
      { html: `<code>${kind}</code>` },
      target,
      impossible === undefined ? detail : `not possible: ${impossible}`,
      seconds(from),
      to === undefined ? '' : seconds(to),
      recoveredAt === undefined ? '' : seconds(recoveredAt),
    ]),
  );

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const grouped = (count: number) => count.toLocaleString('en').replaceAll(',', ' ');
const share = (part: number, whole: number) => (whole === 0 ? '0 %' : `${((part / whole) * 100).toFixed(0)} %`);
