import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';
import { until } from '../until.ts';
import { type Damage, Impossible } from './damage.ts';
import type { PlannedFault } from './plan.ts';

export const breakBroker = ({ kind }: PlannedFault, stage: Stage): Promise<Damage> =>
  kind === 'broker-full' ? fillDisk(stage) : loseStore(stage);

async function fillDisk({ brokerDisk }: Stage): Promise<Damage> {
  if ('impossible' in brokerDisk) throw new Impossible(brokerDisk.impossible);
  await brokerDisk.fill();
  return { detail: 'disk full', mend: () => brokerDisk.relieve() };
}

/** Killed, and when it comes back its disk is empty. */
async function loseStore({ system, brokerStore }: Stage): Promise<Damage> {
  const broker = system.program('nats');
  broker.kill('SIGKILL');
  await broker.stop();
  for (const entry of await readdir(brokerStore)) await rm(join(brokerStore, entry), { recursive: true, force: true });
  broker.start();
  return {
    detail: 'kill -9, all streams deleted',
    mend: () => until(() => broker.pid !== undefined, 'nats is started again'),
  };
}
