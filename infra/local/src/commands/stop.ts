import { local } from '../paths.ts';
import type { Say } from '../prepare.ts';
import { isAlive } from '../process-identity.ts';
import { end, endLeftovers, readState } from '../state.ts';

/** Ends a start that runs elsewhere, and what a crashed one has left behind. */
export async function main(_parameters: string[], say: Say): Promise<number> {
  const state = readState(local);
  if (!state) {
    say('stopped', 'nothing runs here');
    return 0;
  }
  if (isAlive(state.launcher)) {
    say('stopping', `${state.gateway} (process ${state.launcher.pid})`);
    await end(state.launcher, 'SIGTERM', 60_000);
  }
  for (const name of await endLeftovers(local)) say('cleaned up', name);
  say('stopped', 'everything');
  return 0;
}
