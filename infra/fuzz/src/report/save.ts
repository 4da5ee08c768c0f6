import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Result } from '../campaign/campaign.ts';
import { page } from './page.ts';

const folder = resolve(import.meta.dirname, '../../../../.local/fuzz');

/** For programs and for people, beside each other; gives where the page is. */
export function save(result: Result): string {
  mkdirSync(folder, { recursive: true });
  const { coverage, raw, ...rest } = result;
  const calls = coverage.routes.map((route) => ({
    route,
    statuses: coverage.statusesOf(route),
    kinds: Object.fromEntries(
      coverage.kinds.map((kind) => [kind, coverage.countOf(route, kind)]).filter(([, count]) => count !== 0),
    ),
  }));
  const report = { ...rest, requests: coverage.total, raw: Object.fromEntries(raw), slowest: coverage.slowest, calls };
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, 'report.html'), page(result));
  return join(folder, 'report.html');
}
