import type { Trouble } from '../proxy.ts';
import type { Stage } from '../stage.ts';
import type { Damage } from './damage.ts';
import type { PlannedFault } from './plan.ts';

export async function breakLine(fault: PlannedFault, stage: Stage): Promise<Damage> {
  const line = stage.line(fault.target);
  if (fault.kind === 'link-reset') return { detail: `${line.reset()} connections`, mend: async () => {} };
  const { trouble, detail } = troubleOf(fault);
  const mend = line.trouble(trouble);
  return { detail, mend: async () => mend() };
}

function troubleOf({ kind, degree }: PlannedFault): { trouble: Trouble; detail: string } {
  if (kind === 'link-delay') return { trouble: { kind: 'delay', ms: degree }, detail: `${degree} ms each way` };
  if (kind === 'link-refuse') return { trouble: { kind: 'refuse' }, detail: 'connections refused' };
  if (kind === 'link-cut') return { trouble: { kind: 'cut', directions: ['there', 'back'] }, detail: 'both ways' };
  const direction = degree === 0 ? 'there' : 'back';
  return { trouble: { kind: 'cut', directions: [direction] }, detail: `the way ${direction}` };
}
