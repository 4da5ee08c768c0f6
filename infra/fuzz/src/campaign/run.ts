import fc from 'fast-check';
import { type Examiner, Fault } from './examiner.ts';
import type { Findings } from './finding.ts';
import type { Item } from './plan.ts';

const shrinkMs = 30_000;

/** The cases of one item; a failure is made as small as it gets, and written down with what repeats it. */
export async function run(item: Item, examiner: Examiner, findings: Findings, path?: string): Promise<void> {
  const { operation, sort, seed, runs, cases } = item;
  const details = await fc.check(
    fc.asyncProperty(cases, (tried) => examiner.examine(tried)),
    { seed, numRuns: runs, ...(path !== undefined && { path }), interruptAfterTimeLimit: shrinkMs },
  );
  if (!details.failed || details.counterexample === null) return;
  const fault = details.errorInstance;
  if (!(fault instanceof Fault)) throw fault;
  findings.add({
    where: examiner.nameOf(operation),
    fault: fault.fault,
    kinds: details.counterexample[0].breakages.map(({ place, kind }) =>
      kind.startsWith(place.split('.')[0] as string) ? kind : `${kind} at ${place}`,
    ),
    reproduction: fault.reproduction,
    replay: `--call '${operation.name}' --sort '${sort}' --seed=${seed} --path=${details.counterexamplePath}`,
    answer: fault.answer,
  });
}
