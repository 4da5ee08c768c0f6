import type { Result } from '../campaign/campaign.ts';

/** For a terminal: what was found first, with what repeats it. */
export function render({ coverage, findings, seconds, memory, unchanged, raw, singles, seed }: Result): string {
  return [
    `seed ${seed}: ${coverage.total} requests in ${seconds.toFixed(0)} s (${Math.round(coverage.total / seconds)}/s), ${coverage.routes.length} calls × ${coverage.kinds.length} kinds`,
    `single breakages: ${singles.done} of ${singles.all}; refused ones sent again: ${unchanged.requests} in ${unchanged.batches} comparisons`,
    `raw sockets: ${[...raw.values()].reduce((sum, count) => sum + count, 0)} connections in ${raw.size} shapes`,
    ...memory.map(({ name, fromMb, toMb }) => `memory of ${name}: ${fromMb.toFixed(0)} → ${toMb.toFixed(0)} MB`),
    ...coverage.routes.map(
      (route) =>
        `${route.padEnd(52)} ${Object.entries(coverage.statusesOf(route))
          .map(([status, count]) => `${status}:${count}`)
          .join(' ')}`,
    ),
    'slowest:',
    ...coverage.slowest.slice(0, 10).map(({ route, kind, ms }) => `  ${ms.toFixed(0)} ms  ${route}  ${kind}`),
    ...findings.flatMap(({ where, fault, kinds, reproduction, replay, answer, times }) => [
      '',
      `✗ ${where}: ${fault} (${times} times)`,
      ...(kinds.length > 0 ? [`  ${kinds.join(', ')}`] : []),
      ...(reproduction ? [`  ${reproduction.replaceAll('\n', '\n  ')}`] : []),
      ...(answer ? [`  → ${answer}`] : []),
      ...(replay ? [`  npm run fuzz -- ${replay}`] : []),
    ]),
    '',
    findings.length === 0 ? 'nothing found' : `${findings.length} findings`,
  ].join('\n');
}
