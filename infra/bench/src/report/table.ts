import type { Comparison } from '../compare.ts';
import type { Conditions } from '../machine.ts';
import { cpuRatio, judge } from './goals.ts';
import type { GrowthResult, RunResult, ScaleResult } from './results.ts';

export const number = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
export const times = (value: number | undefined): string => (value === undefined ? '-' : `${number(value, 2)} ×`);
export const percent = (share: number | undefined): string =>
  share === undefined ? '-' : `${(100 * share).toFixed(0)} %`;

/** Columns as wide as their widest cell; the first one to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

const heading = ({ plan, seed, cpus, model, node, loadAverage }: Conditions) =>
  `${plan} run, seed ${seed}: ${cpus} × ${model}, Node ${node}, load average ${loadAverage.toFixed(1)} before; the load generator shares the cores.`;

export function renderRun({ conditions, comparisons, singles }: RunResult): string {
  const flows = [
    ['flow', 'ours/s', 'yardstick/s', 'ratio', 'p50 ms', 'p99 ms', 'CPU ms', 'beside', 'SQL', 'beside', 'kept', 'MB'],
    ...comparisons.map((comparison) => {
      const { flow, ours, yardstick, rate, memoryMb } = comparison;
      return [
        flow,
        number(ours.perSecond, 0),
        number(yardstick.perSecond, 0),
        times(rate.value),
        number(ours.p50Ms, 1),
        number(ours.p99Ms, 1),
        number(ours.cpuMsPerRequest, 2),
        times(cpuRatio(comparison)),
        number(ours.statementsPerRequest, 2),
        number(yardstick.statementsPerRequest, 2),
        percent(ours.keptShare),
        memoryMb ? `${number(memoryMb.before, 0)} → ${number(memoryMb.after, 0)}` : '-',
      ];
    }),
  ];
  const goals = [
    ['number to hold', 'goal', 'measured', ''],
    ...judge(comparisons, singles).map(({ what, goal, measured, held }) => [
      what,
      goal,
      measured,
      held ? 'held' : 'SHORT',
    ]),
  ];
  return [
    heading(conditions),
    '',
    table(flows),
    '',
    'CPU ms a request, by process',
    ...comparisons.map(({ flow, ours }) => `  ${flow}: ${shares(ours.cpuMsByProcess)}`),
    '',
    table(goals),
  ].join('\n');
}

/** The dear ones first; what rounds to nothing is left out. */
export const shares = (byProcess: Readonly<Record<string, number>> = {}) =>
  Object.entries(byProcess)
    .filter(([, used]) => used >= 0.005)
    .sort(([, a], [, b]) => b - a)
    .map(([name, used]) => `${name} ${used.toFixed(2)}`)
    .join(', ');

const brief = ({ flow, ours, yardstick, rate }: Comparison) => [
  flow,
  number(ours.perSecond, 0),
  number(yardstick.perSecond, 0),
  times(rate.value),
  number(ours.p50Ms, 1),
  number(ours.p99Ms, 1),
  number(ours.cpuMsPerRequest, 2),
  percent(ours.keptShare),
];
const briefHead = ['flow', 'ours/s', 'yardstick/s', 'ratio', 'p50 ms', 'p99 ms', 'CPU ms', 'kept'];

export function renderGrowth({ conditions, points }: GrowthResult): string {
  const rows = points.flatMap(({ products, connections, comparisons }) =>
    comparisons.map((comparison) => [...brief(comparison), `${products}`, `${connections}`]),
  );
  return [heading(conditions), '', table([[...briefHead, 'products', 'connections'], ...rows])].join('\n');
}

export function renderScale({ conditions, points }: ScaleResult): string {
  const rows = points.flatMap(({ processes, comparisons }) =>
    comparisons.map((comparison) => [...brief(comparison), `${processes}`]),
  );
  return [heading(conditions), '', table([[...briefHead, 'processes'], ...rows])].join('\n');
}
