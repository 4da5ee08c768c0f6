import { hostname } from 'node:os';
import { answered } from './measure.ts';
import { acknowledgedWrites, boundOf, type RunResult } from './result.ts';

/** What a terminal shows at the end. */
export function summarise(result: RunResult): string {
  const { seed, rate, history, checks, faults, violations, turnedAway, sabotage } = result;
  const { operations } = history;
  const count = (what: string) => operations.filter((operation) => answered(operation) === what).length;
  const writes = acknowledgedWrites(history);
  const injected = faults.reduce((sum, fault) => sum + fault.count, 0);
  const lines = [
    '',
    `seed ${seed}${sabotage === undefined ? '' : `, sabotage ${sabotage}`}, ${rate} arrivals a second, on ${hostname()}`,
    '',
    `faults      ${injected}`,
    ...faults.map((fault) => `  ${fault.kind.padEnd(20)}${describe(fault)}`),
    '',
    `operations  ${operations.length}: ${count('ok')} ok, ${count('refused')} refused, ${count('unknown')} unknown` +
      (turnedAway > 0 ? `; ${turnedAway} more were not sent, since too many were waiting` : ''),
    `writes      ${writes} acknowledged; with none lost, under ${boundOf(writes).toExponential(1)} are (95 %)`,
    '',
    'checks',
    ...checks.flatMap(({ name, what, checked, looked = {}, violations: found }) => [
      `  ${found.length === 0 && checked > 0 ? 'holds ' : 'BROKEN'}  ${name.padEnd(18)}${String(checked).padStart(8)}  ${what}`,
      ...(Object.keys(looked).length > 1 ? [`${' '.repeat(36)}${inWords(looked)}`] : []),
    ]),
    '',
  ];
  if (violations.length === 0) return [...lines, 'no violations'].join('\n');
  const shown = violations.slice(0, 40);
  const more = violations.length - shown.length;
  return [
    ...lines,
    `${violations.length} VIOLATIONS`,
    ...shown.map((violation) => `  ${violation}`),
    ...(more > 0 ? [`  and ${more} more, in the report`] : []),
  ].join('\n');
}

function describe({ count, impossible, why, available, lastedMs, recoveryMs }: RunResult['faults'][number]): string {
  const parts = [String(count).padStart(4)];
  if (lastedMs) parts.push(`lasted ${seconds(lastedMs.median)}`);
  if (available !== undefined) parts.push(`${(available * 100).toFixed(0).padStart(3)} % served meanwhile`);
  if (recoveryMs) {
    parts.push(`back after ${seconds(recoveryMs.median)} (median), ${seconds(recoveryMs.worst)} (worst)`);
  }
  if (impossible > 0) parts.push(`${impossible} not possible here: ${why}`);
  return parts.join('   ');
}

/** `9 families, 0 reuses` */
export const inWords = (looked: Readonly<Record<string, number>>): string =>
  Object.entries(looked)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
