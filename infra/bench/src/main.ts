import { growth } from './growth.ts';
import { isMeant, readOptions, usage } from './options.ts';
import { full, quick } from './plan.ts';
import { publish } from './publish/publish.ts';
import { load, type RunResult, save } from './report/results.ts';
import { renderGrowth, renderRun, renderScale } from './report/table.ts';
import { flowNames, run, singleNames } from './run.ts';
import { scale } from './scale.ts';
import { forgetSystem, keepLogs } from './system.ts';

const options = readOptions(process.argv.slice(2), [...flowNames, ...singleNames]);
if ('wrong' in options) {
  console.error(`${options.wrong}\n\n${usage}`);
  process.exit(2);
}
const { only, parts, seed } = options;
const plan = options.quick ? quick : full;
const isWanted = (name: string) => only.length === 0 || only.some((word) => isMeant(name, word));
const began = performance.now();
const step = (what: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}`);
const failures: string[] = [];
const show = (text: string, file: string, comparisons: readonly { flow: string; failures: string[] }[]) => {
  console.log(`\n${text}\n\nwritten to ${file}\n`);
  failures.push(...comparisons.flatMap(({ flow, failures: found }) => found.map((failure) => `${flow}: ${failure}`)));
};
const failuresBeside = ({ singles: { flood, slowloris, stations } }: RunResult) => [
  { flow: 'flood', failures: flood?.failures ?? [] },
  { flow: 'slowloris', failures: slowloris?.failures ?? [] },
  { flow: 'stations', failures: stations?.failures ?? [] },
];

try {
  for (const part of parts) {
    if (part === 'run') {
      const result = await run({ plan, seed, isWanted, step });
      show(renderRun(result), save(only.length > 0 ? 'only' : plan.name, result), [
        ...result.comparisons,
        ...failuresBeside(result),
      ]);
    } else if (part === 'growth') {
      const result = await growth({ plan, seed, step });
      show(
        renderGrowth(result),
        save('growth', result),
        result.points.flatMap(({ comparisons }) => comparisons),
      );
    } else if (part === 'scale') {
      const result = await scale({ plan, seed, step });
      show(
        renderScale(result),
        save('scale', result),
        result.points.flatMap(({ comparisons }) => comparisons),
      );
    } else {
      for (const file of publish({ run: load('full') ?? load('quick'), growth: load('growth'), scale: load('scale') }))
        step(`wrote ${file}`);
    }
  }
  if (failures.length > 0) await tell(failures);
} finally {
  await forgetSystem();
}

async function tell(found: readonly string[]): Promise<void> {
  console.error(`${found.length} answers or sums are not as they should be, the first ones:`);
  for (const failure of found.slice(0, 10)) console.error(`  ${failure}`);
  console.error(`what the processes wrote is in ${await keepLogs()}`);
  process.exitCode = 1;
}
