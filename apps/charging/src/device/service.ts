import { type DeviceState, deviceChanged } from '@forecourt/contracts';
import { enqueue, type SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { type ConnectorStatus, isNews, stateOf } from './device.ts';
import {
  type Device,
  factsOf,
  findMistaken,
  idsOfStation,
  lockDevices,
  readDevices,
  saveOwnStatus,
  saveState,
  saveStatus,
} from './store.ts';

export type DeviceDeps = Pick<Deps, 'clock' | 'deviceSettings'>;

/**
 * Works out anew what drivers see of these devices, and tells what is different: whenever a session begins or ends on
 * one, its station says something, or its line comes or goes. In the caller's transaction, best as its first write.
 */
export async function refreshDevices(tx: SqlTx, deps: DeviceDeps, ids: readonly string[]): Promise<void> {
  await lockDevices(tx, ids);
  const now = deps.clock();
  for (const device of await readDevices(tx, ids)) {
    const state = stateOf(factsOf(device, now, deps.deviceSettings));
    if (state !== device.state) await tell(tx, device, state, now);
  }
}

/** All devices of a station: its line has come or gone. */
export const refreshStation = async (tx: SqlTx, deps: DeviceDeps, stationId: string): Promise<void> =>
  refreshDevices(tx, deps, await idsOfStation(tx, stationId, null));

async function tell(tx: SqlTx, device: Device, state: DeviceState, changedAt: Date): Promise<void> {
  const next = { ...device, state, version: device.version + 1, changedAt };
  await saveState(tx, next);
  await tellDevice(tx, next);
}

/** A device as it is now, to whoever listens. */
export const tellDevice = (tx: SqlTx, { id, longitude, latitude, ...device }: Told): Promise<void> =>
  enqueue(tx, deviceChanged, {
    deviceId: id,
    location: [longitude, latitude],
    number: device.number,
    currency: device.currency,
    price: device.price,
    waitingPrice: device.waitingPrice,
    version: device.version,
    state: device.state,
    active: device.active,
    changedAt: device.changedAt,
  });

type Told = Pick<
  Device,
  | 'id'
  | 'number'
  | 'longitude'
  | 'latitude'
  | 'currency'
  | 'price'
  | 'waitingPrice'
  | 'version'
  | 'state'
  | 'active'
  | 'changedAt'
>;

export interface StatusSaid {
  readonly stationId: string;
  /** 0: the station speaks of itself as a whole. */
  readonly connector: number;
  readonly status: ConnectorStatus;
  readonly errorCode: string | null;
  readonly at: Date;
  /** Out of the station's queue. */
  readonly late: boolean;
}

/**
 * What a station says of a connector, of these devices, which the caller has locked. Of one that has no device nothing is
 * kept, and none is made. Stations say it by the thousand when they come back together, and most of it is known.
 */
export async function hearStatus(tx: SqlTx, deps: DeviceDeps, said: StatusSaid, ids: readonly string[]): Promise<void> {
  if (said.connector === 0) {
    await saveOwnStatus(tx, said);
    return refreshDevices(tx, deps, ids);
  }
  const { status, errorCode, at } = said;
  const now = deps.clock();
  for (const known of await readDevices(tx, ids)) {
    const heard = isNews(said, known.statusAt);
    const device = heard ? { ...known, status, errorCode, statusAt: at } : known;
    if (heard) await saveStatus(tx, { ...said, id: device.id });
    const state = stateOf(factsOf(device, now, deps.deviceSettings));
    if (state !== device.state) await tell(tx, device, state, now);
  }
}

const mistakenAtOnce = 100;

/**
 * Puts right what the coming and going of lines has changed: shows devices as out of order whose station has not come
 * back in time, and as they are when it has. Gives whether there may be more of them.
 */
export async function followLines({ database, ...deps }: DeviceDeps & Pick<Deps, 'database'>): Promise<boolean> {
  const lostBefore = new Date(deps.clock().getTime() - deps.deviceSettings.patienceMs);
  const mistaken = await findMistaken(database, lostBefore, mistakenAtOnce);
  if (mistaken.length > 0) await database.transaction((tx) => refreshDevices(tx, deps, mistaken));
  return mistaken.length === mistakenAtOnce;
}
