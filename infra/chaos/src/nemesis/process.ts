import { readdirSync, readFileSync } from 'node:fs';
import type { Program } from '@forecourt/local';
import type { Stage } from '../stage.ts';
import { until } from '../until.ts';
import { type Damage, Impossible } from './damage.ts';
import type { PlannedFault } from './plan.ts';

export async function breakProcess({ kind, target }: PlannedFault, stage: Stage): Promise<Damage> {
  const [role, verb] = kind.split('-') as [string, 'kill' | 'restart' | 'pause'];
  const name = role === 'relay' ? await holderOfRelay(target, stage) : target;
  const program = stage.system.program(name);
  const { pid } = program;
  if (pid === undefined) throw new Impossible(`${name} is not running just now`);
  const heldRelay = role === 'relay' ? `published for ${target}` : '';

  if (verb === 'pause') {
    // Postgres' backends go on without their postmaster, so all of them are stopped.
    const family = [pid, ...childrenOf(pid)];
    const tell = (name: NodeJS.Signals) => {
      for (const each of family) signal(each, name);
    };
    tell('SIGSTOP');
    return { target: name, detail: heldRelay || 'SIGSTOP', mend: async () => tell('SIGCONT') };
  }
  if (verb === 'restart') {
    const stopped = program.stop();
    return {
      target: name,
      detail: 'SIGTERM',
      mend: async () => {
        await stopped;
        program.start();
        await isBack(program, pid, stage);
      },
    };
  }
  program.kill('SIGKILL');
  return { target: name, detail: heldRelay || 'kill -9', mend: () => isBack(program, pid, stage) };
}

/** Started again, and a service also listens: a process that is only there serves nobody. */
function isBack(program: Program, before: number, { system }: Stage): Promise<void> {
  const service = system.instances.find(({ name }) => name === program.name);
  const isThere = async () => {
    if (program.pid === undefined || program.pid === before) return false;
    if (!service) return true;
    const { ok } = await fetch(`${service.url}/health/live`, { signal: AbortSignal.timeout(1000) });
    return ok;
  };
  return until(isThere, `${program.name} is back`, { timeoutMs: 60_000 });
}

/** Only one process of a service publishes: the one whose connection holds the relay's lock. */
async function holderOfRelay(service: string, stage: Stage): Promise<string> {
  const { rows } = await stage.database
    .query<{ port: number }>(
      `SELECT client_port AS port FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND granted AND application_name = $1`,
      [`${service} relay`],
    )
    .catch(() => ({ rows: [] }));
  const holder = rows[0] && stage.instanceBehind(rows[0].port);
  if (!holder) throw new Impossible(`nobody publishes for ${service} just now`);
  return holder;
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent);
}

/** The fourth word of `stat`, after a name that may hold spaces and brackets. */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
