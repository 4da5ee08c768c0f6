import fc from 'fast-check';
import { type Examiner, Fault } from './examiner.ts';
import type { Findings } from './finding.ts';
import type { Item } from './plan.ts';

const shrinkMs = 30_000;

/** The cases of one item; a failure is made as small as it gets, and written down with what repeats it. */
export async function run(item: Item, examiner: Examiner, findings: Findings, path?: string): Promise<void> {
  const { operation, sort, seed, runs, cases } = item;
  let last: Promise<void> = Promise.resolve();
  const property = fc.asyncProperty(cases, (tried) => {
    last = examiner.examine(tried);
    return last;
  });
  const limits = { numRuns: runs, interruptAfterTimeLimit: shrinkMs };
  const details = await fc.check(property, { seed, ...(path !== undefined && { path }), ...limits });
  // Whoever is interrupted has still asked something, and what is answered is nobody else's.
  await last.catch(() => undefined);
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
