import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorder } from '../history.ts';
import type { Stage } from '../stage.ts';
import { breakBroker } from './broker.ts';
import type { Damage } from './damage.ts';
import { breakLine } from './line.ts';
import type { PlannedFault } from './plan.ts';
import { breakProcess } from './process.ts';
import { misbehave } from './provider.ts';
import { deliver } from './redelivery.ts';

/** Goes through the plan, and returns when everything is mended. */
export async function unleash(plan: readonly PlannedFault[], stage: Stage, history: Recorder): Promise<void> {
  const began = performance.now();
  const running: Promise<void>[] = [];
  for (const fault of plan) {
    await sleep(Math.max(0, began + fault.at - performance.now()));
    running.push(inflict(fault, stage, history));
  }
  await Promise.all(running);
}

async function inflict(planned: PlannedFault, stage: Stage, history: Recorder): Promise<void> {
  const { kind, lastsMs } = planned;
  try {
    const { target = planned.target, detail, mend } = await damage(planned, stage);
    const fault = history.broke({ kind, target, detail });
    await sleep(lastsMs);
    await mend();
    history.mended(fault);
  } catch (error) {
    const impossible = (error as Error).message;
    history.mended(history.broke({ kind, target: planned.target, detail: '', impossible }));
  }
}

async function damage(fault: PlannedFault, stage: Stage): Promise<Damage> {
  switch (fault.kind) {
    case 'service-kill':
    case 'service-restart':
    case 'service-pause':
    case 'relay-kill':
    case 'relay-pause':
    case 'database-kill':
    case 'database-pause':
    case 'broker-kill':
    case 'broker-pause':
    case 'provider-kill':
    case 'provider-pause':
      return breakProcess(fault, stage);
    case 'broker-loss':
    case 'broker-full':
      return breakBroker(fault, stage);
    case 'provider-slow':
    case 'provider-error':
    case 'provider-mute':
      return misbehave(fault, stage);
    case 'link-delay':
    case 'link-half-cut':
    case 'link-cut':
    case 'link-reset':
    case 'link-refuse':
      return breakLine(fault, stage);
    case 'deliver-again':
    case 'deliver-reordered':
      return deliver(fault, stage);
    case 'clock-step':
      await stage.setClock(fault.target, fault.degree);
      return {
        detail: `${fault.degree > 0 ? '+' : ''}${Math.round(fault.degree / 1000)} s`,
        mend: () => stage.setClock(fault.target, 0),
      };
  }
}
