import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import type { Bay } from '../yard.ts';
import type { Client } from './client.ts';
import type { Driver } from './driver.ts';

export interface Course {
  /** false: nobody comes with a cable. */
  readonly plugsIn: boolean;
  /** The driver ends it when so much has flowed. */
  readonly energyWh: number;
}

const timeoutMs = 20_000;
const beginsWithinMs = 15_000;
const endsWithinMs = 25_000;

/** A driver who does not give up an end: what they are not answered they ask again. They leave when the flow has ended. */
export async function chargeOnce(client: Client, bay: Bay, driver: Driver, course: Course): Promise<void> {
  const { station, deviceId } = bay;
  const outlet = station.outlet();
  const { token, customerId } = driver;
  const about = { customerId, deviceId };
  station.switches.plugInAfterMs = course.plugsIn ? 800 : null;
  const path = (verb: string) => `/api/devices/${deviceId}/${verb}`;
  await client.call({ kind: 'start-charge', method: 'POST', path: path('start'), about, token, timeoutMs });
  const charge = () => outlet.charges.at(-1);
  if (course.plugsIn) await inVain(() => (charge()?.energyWh ?? 0) >= course.energyWh, beginsWithinMs);

  const finish = () =>
    client.call({
      ...{ kind: 'finish-charge', method: 'POST', path: path('finish'), about, token, timeoutMs },
      learn: (body) => ({ purchaseId: (body as { id: string }).id }),
    });
  const deadline = performance.now() + endsWithinMs;
  let finished = await finish();
  while (finished.outcome === 'unknown' && performance.now() < deadline) {
    await sleep(300);
    finished = await finish();
  }
  const own = charge();
  if (!own) return;
  if (finished.outcome === 'ok') {
    bay.promised = own;
    await inVain(() => own.flow === 'stopped', endsWithinMs);
  }
  if (own !== bay.promised || own.flow === 'stopped') outlet.unplug();
}

const inVain = (isSo: () => boolean, timeout: number) => until(isSo, '', { timeoutMs: timeout }).catch(() => {});
