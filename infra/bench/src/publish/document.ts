import type { Comparison } from '../compare.ts';
import type { Conditions } from '../machine.ts';
import { cpuRatio, judge } from '../report/goals.ts';
import type { GrowthResult, RunResult, ScaleResult } from '../report/results.ts';
import { number, percent, shares, times } from '../report/table.ts';
import { shortNumber } from './axis.ts';
import { markdownTable } from './markdown.ts';
import { meanings } from './meanings.ts';
import type { Published } from './publish.ts';
import { singleRows } from './single-rows.ts';

/** The whole page. Figures are put into words here and nowhere else, so that a word never outlives its figure. */
export function documentOf({ run, growth, scale }: { run: RunResult } & Omit<Published, 'run'>): string {
  const sections = [
    opening(run),
    goals(run),
    flows(run),
    singles(run),
    growth && ofGrowth(growth),
    scale && ofScale(scale),
    repeating(run.conditions, { growth: Boolean(growth), scale: Boolean(scale) }),
    notCovered,
  ];
  return `${sections.filter((section) => section !== undefined).join('\n\n')}\n`;
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

function opening({ conditions, shop }: RunResult): string {
  const { at, cpus, model, memoryMb, platform, node, postgres, nats, loadAverage, commit, seed, plan } = conditions;
  return `<!-- Written by "npm run bench -- --publish" from what was measured; changes by hand are lost. -->
# Performance

How fast Forecourt is, beside a **yardstick** that runs in the same minutes on the same machine: a bare Fastify handler
with \`pg\` that runs the simplest SQL for the same answer, without a gateway, validation, languages, discounts, events
or idempotency; for stations a bare \`ws\`. Ratios hold from machine to machine; absolute numbers do not.

| | |
|---|---|
| when | ${at.slice(0, 16).replace('T', ' ')} UTC, commit \`${commit}\`, ${plan} run, seed ${seed} |
| machine | ${cpus} × ${model}, ${whole(memoryMb / 1024)} GB, ${platform}; load average ${loadAverage.toFixed(1)} before the run${loadAverage > 1 ? ': **it was busy with other things**, so absolute numbers are far too low, and ratios favour whoever has more processes; to be measured again' : ''} |
| versions | Node ${node}, Postgres ${postgres} (which syncs its disk), nats-server ${nats} |
| shop | ${whole(shop.products)} products, three of four with a counted stock; ${whole(shop.customers)} customers with ${whole(shop.orders)} orders; tables analysed |
| system | one process each of gateway, identity, catalog, orders, charging and payments, in development mode as \`npm start\` runs it, each with its own rights at the broker; the load generator and the yardstick share the cores |`;
}

function goals({ comparisons, singles }: RunResult): string {
  const judged = judge(comparisons, singles);
  const short = judged.filter(({ held }) => !held);
  const verdict =
    short.length === 0
      ? `All ${judged.length} are held.`
      : `${judged.length - short.length} of ${judged.length} are held; short: ${short.map(({ what }) => what).join('; ')}.`;
  const rows = judged.map(({ what, goal, measured, held }) => [what, goal, measured, held ? 'held' : '**short**']);
  return `## The numbers to hold\n\n${verdict}\n\n${markdownTable(['what', 'goal', 'measured', ''], rows)}`;
}

function flows(result: RunResult): string {
  const { comparisons, connections } = result;
  const connectionsOf = (name: string) => comparisons.find(({ flow }) => flow === name)?.connections ?? connections;
  return `## What visitors do

All but the ledger's and the stations' through the gateway, over ${connections} connections that send their next request as soon as the last one is
answered (login: ${connectionsOf('login')}, since identity hashes only so many at once on purpose, and the yardstick just as few; login, alone:
one; ledger: ${connectionsOf('ledger, charge')} who ask over the broker, since other services and not customers charge wallets; stations: straight to charging). "Kept"
is the share that the gateway answered by itself from what it keeps; the rest went to catalog, and what catalog had not
kept either, to Postgres.

![Requests per second](performance/rates.svg)

${markdownTable(
  [
    'flow',
    'requests/s',
    'yardstick',
    'ratio (rounds)',
    'p50 ms',
    'p99 ms',
    'kept',
    'SQL a request',
    'yardstick',
    'memory MB',
  ],
  comparisons.map(flowRow),
)}

${markdownTable(
  ['flow', 'is'],
  meanings.filter(([name]) => comparisons.some(({ flow }) => flow === name)),
)}

Statements are counted by pg_stat_statements, in a turn that gives no other figure, BEGIN and COMMIT and those of relays
and consumers with the rest, less what the same time costs when nobody asks. Memory is the proportional set size of all
our processes before and after the flow; Postgres's shared buffers, which fill once, are in it.

![Processor time of one request](performance/cpu.svg)

${markdownTable(
  ['flow', 'CPU ms a request', 'yardstick', 'ratio', 'of which'],
  comparisons.map((comparison) => [
    comparison.flow,
    number(comparison.ours.cpuMsPerRequest, 2),
    number(comparison.yardstick.cpuMsPerRequest, 2),
    times(cpuRatio(comparison)),
    shares(comparison.ours.cpuMsByProcess),
  ]),
)}

![Latency](performance/latency.svg)`;
}

const flowRow = ({ flow, ours, yardstick, rate, memoryMb }: Comparison) => [
  flow,
  whole(ours.perSecond),
  whole(yardstick.perSecond),
  `${times(rate.value)} (${number(rate.low, 2)}–${number(rate.high, 2)})`,
  number(ours.p50Ms, 1),
  number(ours.p99Ms, 1),
  percent(ours.keptShare),
  number(ours.statementsPerRequest, 2),
  number(yardstick.statementsPerRequest, 2),
  memoryMb ? `${whole(memoryMb.before)} → ${whole(memoryMb.after)}` : '-',
];

function singles(result: RunResult): string | undefined {
  const rows = singleRows(result);
  if (rows.length === 0) return undefined;
  return `## Single figures\n\n${markdownTable(['what', 'measured', 'how'], rows)}`;
}

function ofGrowth({ points, conditions }: GrowthResult): string {
  const rows = points.flatMap(({ products, connections, comparisons }) =>
    comparisons.map(({ flow, ours, yardstick, rate }) => [
      flow,
      shortNumber(products),
      String(connections),
      whole(ours.perSecond),
      whole(yardstick.perSecond),
      times(rate.value),
      number(ours.p50Ms, 1),
      number(ours.p99Ms, 1),
      percent(ours.keptShare),
    ]),
  );
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b));
  return `## Growth

The same reads in a shop of 1,000, 10,000 and 100,000 products over 32 connections, and of 10,000 products over 1, 8, 32
and 128 (measured ${conditions.at.slice(0, 16).replace('T', ' ')} UTC, commit \`${conditions.commit}\`, ${conditions.plan} run, load average ${conditions.loadAverage.toFixed(1)} before).

![A shop that grows](performance/growth-products.svg)
![Rates by connections](performance/growth-connections.svg)
![Latency by connections](performance/growth-latency.svg)

<details><summary>All figures</summary>

${markdownTable(['flow', 'products', 'connections', 'requests/s', 'yardstick', 'ratio', 'p50 ms', 'p99 ms', 'kept'], rows)}

</details>`;
}

function ofScale({ points, conditions }: ScaleResult): string {
  const rows = points.flatMap(({ processes, comparisons }) =>
    comparisons.map(({ flow, ours, yardstick, rate }) => [
      flow,
      String(processes),
      whole(ours.perSecond),
      whole(yardstick.perSecond),
      times(rate.value),
      number(ours.p99Ms, 1),
      number(ours.cpuMsPerRequest, 2),
    ]),
  );
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b));
  return `## Scale

\`--scale orders=N,catalog=N\` on the same ${conditions.cpus} cores, which all processes, Postgres and the load generator
share: it shows what another process costs and that the answers stay right, not what another machine brings (measured
${conditions.at.slice(0, 16).replace('T', ' ')} UTC, commit \`${conditions.commit}\`, ${conditions.plan} run, load average ${conditions.loadAverage.toFixed(1)} before).

![Scale](performance/scale.svg)

${markdownTable(['flow', 'processes', 'requests/s', 'yardstick', 'ratio', 'p99 ms', 'CPU ms a request'], rows)}`;
}

function repeating({ seed, plan }: Conditions, parts: { growth: boolean; scale: boolean }): string {
  const flags = [plan === 'quick' && '--quick', seed !== 1 && `--seed ${seed}`].filter(Boolean).join(' ');
  const command = (more: string) => `npm run bench -- ${[more, flags].filter(Boolean).join(' ')}`.replace(/ -- $/, '');
  const lines = [
    command(''),
    ...(parts.growth ? [command('--growth')] : []),
    ...(parts.scale ? [command('--scale')] : []),
    'npm run bench -- --publish',
  ];
  return `## Repeating it

\`\`\`sh
${lines.join('\n')}
\`\`\`

Each starts a system of its own beside whatever runs, and throws it away. Both sides are measured in turns that alternate
who begins; a ratio is the median round's, with the lowest and highest in brackets: when they lie far apart, the machine
was disturbed. How it works, and how to add a flow: [infra/bench](../infra/bench/README.md).`;
}

const notCovered = `## What is not covered

- **One machine.** Load generator, gateway, services, Postgres and NATS share its cores and its loopback: no network, no
  TLS, no second machine, no disk but this one. Latencies under full load are mostly waiting for a core.
- **Closed load.** Each connection waits for its answer, so a slow answer slows the asking, too; only the login flood, slow
  clients and meter values are measured at a fixed pace.
- **Minutes, not days.** No long soak, no vacuum under load, no outbox of a week; tables are freshly analysed. Past orders
  were written straight into their table and have no events.
- **One language, few discounts.** Requests ask in Ukrainian; the demo's discounts are the only ones.
- **Cold starts of the toolchain.** The start is that of the system: dependencies and binaries are there already.
- **Nobody's own question.** The ledger's flows ask it as the broker's operator; charging, which does so for its sessions, is
  one process among those that share the cores. Each service has its own rights at the broker, as \`npm start\` gives them.
- **Stations next door.** They have no network, no TLS and no proxy before them, say what is right, and are one thread that
  shares the cores with what it measures.`;
