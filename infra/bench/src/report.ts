import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Comparison } from './measure.ts';

/** One of DESIGN's numbers, and what was measured for it. */
export interface Goal {
  what: string;
  goal: string;
  measured: string;
  /** undefined: not measurable here (no /proc). */
  held: boolean | undefined;
}

export interface Report {
  plan: string;
  at: string;
  machine: { cpus: number; model: string; memoryMb: number; platform: string; node: string; loadAverage: number };
  comparisons: Comparison[];
  goals: Goal[];
}

const mark = (held: boolean | undefined) => (held === undefined ? '-' : held ? 'ok' : 'short');
const number = (value: number | undefined, digits: number) =>
  value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
const ratio = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined || theirs === 0 ? '-' : `${(ours / theirs).toFixed(2)} ×`;

/** The dear ones first; what rounds to nothing is left out. */
const shares = (byProcess: Readonly<Record<string, number>> = {}) =>
  Object.entries(byProcess)
    .filter(([, used]) => used >= 0.005)
    .sort(([, a], [, b]) => b - a)
    .map(([name, used]) => `${name} ${used.toFixed(2)}`)
    .join(', ');

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

export function render({ comparisons, goals, machine, plan }: Report): string {
  const flows = [
    ['flow', 'ours/s', 'yardstick/s', 'ratio', 'p50 ms', 'p99 ms', 'CPU ms', 'yardstick ms', 'ratio'],
    ...comparisons.map(({ flow, ours, yardstick }) => [
      flow,
      number(ours.perSecond, 0),
      number(yardstick.perSecond, 0),
      ratio(ours.perSecond, yardstick.perSecond),
      number(ours.p50Ms, 1),
      number(ours.p99Ms, 1),
      number(ours.cpuMsPerRequest, 2),
      number(yardstick.cpuMsPerRequest, 2),
      ratio(ours.cpuMsPerRequest, yardstick.cpuMsPerRequest),
    ]),
  ];
  const promises = [
    ['number to hold', 'at least', 'measured', ''],
    ...goals.map(({ what, goal, measured, held }) => [what, goal, measured, mark(held)]),
  ];
  const { cpus, model, loadAverage, node } = machine;
  return [
    `${plan} run: ${cpus} × ${model}, Node ${node}, load average ${loadAverage.toFixed(1)} at the start; the load generator shares the cores.`,
    '',
    table(flows),
    '',
    'CPU ms per request, by process',
    ...comparisons.map(({ flow, ours }) => `  ${flow}: ${shares(ours.cpuMsByProcess)}`),
    '',
    table(promises),
  ].join('\n');
}

export function save(report: Report, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}
