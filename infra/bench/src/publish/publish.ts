import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GrowthResult, RunResult, ScaleResult } from '../report/results.ts';
import { chartsOfGrowth, chartsOfRun, chartsOfScale } from './charts.ts';
import { documentOf } from './document.ts';

export interface Published {
  run: RunResult | undefined;
  growth: GrowthResult | undefined;
  scale: ScaleResult | undefined;
}

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));

/** Writes the page and its charts from what was measured; gives the names of the files. */
export function publish({ run, growth, scale }: Published): string[] {
  if (!run) throw new Error('there is nothing to publish: "npm run bench" comes first');
  const points = [run, ...(growth?.points ?? []), ...(scale?.points ?? [])];
  const wrong = points.flatMap(({ comparisons }) => comparisons).find(({ failures }) => failures.length > 0);
  if (wrong) throw new Error(`${wrong.flow} got wrong answers (${wrong.failures[0]}): its figures are worth nothing`);
  const charts = {
    ...chartsOfRun(run),
    ...(growth && chartsOfGrowth(growth)),
    ...(scale && chartsOfScale(scale)),
  };
  const files: Record<string, string> = {
    'performance.md': documentOf({ run, growth, scale }),
    ...Object.fromEntries(Object.entries(charts).map(([name, svg]) => [`performance/${name}`, svg])),
  };
  mkdirSync(`${docs}performance`, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(docs + name, content);
  return Object.keys(files).map((name) => `docs/${name}`);
}
