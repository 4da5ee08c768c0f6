import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import { newObjectId, newUuid } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { tellStory } from '../station/story.ts';
import { change, type DeviceFields, stateOf } from './device.ts';
import { type DeviceDeps, tellDevice } from './service.ts';
import { type Device, factsOf, findDevice, insertDevice, lockDevices, saveFields } from './store.ts';

export type KeepingDeps = DeviceDeps & Pick<Deps, 'database' | 'currency'>;

export interface NewDevice extends DeviceFields {
  readonly stationId: string;
}

/** Refuses `station_not_found`, `device_number_taken`, `connector_taken`. */
export const addDevice = (deps: KeepingDeps, fields: NewDevice, operatorId: string): Promise<Device> =>
  deps.database.transaction((tx) => addDeviceIn(tx, deps, fields, operatorId));

export async function addDeviceIn(
  tx: SqlTx,
  deps: Omit<KeepingDeps, 'database'>,
  fields: NewDevice,
  operatorId: string,
): Promise<Device> {
  const now = deps.clock();
  const id = newObjectId(now);
  await lockDevices(tx, [id]);
  await insertDevice(tx, { ...fields, id, uuid: newUuid(now), currency: deps.currency, createdAt: now });
  const device = await settled(tx, deps, id, now);
  await tellDevice(tx, device);
  await tellStory(tx, {
    stationId: fields.stationId,
    at: now,
    kind: 'device.added',
    detail: { number: fields.number, connector: fields.connector },
    operatorId,
  });
  return device;
}

/** Refuses `device_not_found`, `device_number_taken`, `connector_taken`. What is not said stays; a session keeps its price. */
export const changeDevice = (
  deps: KeepingDeps,
  id: string,
  fields: Partial<DeviceFields>,
  operatorId: string,
): Promise<Device> =>
  deps.database.transaction(async (tx) => {
    await lockDevices(tx, [id]);
    const before = await findDevice(tx, id);
    if (!before) throw new AppError('device_not_found', 'There is no such device.');
    return changeDeviceIn(tx, deps, before, fields, operatorId);
  });

/** Of a device that is locked; gives the same one when nothing about it is new. */
export async function changeDeviceIn(
  tx: SqlTx,
  deps: Omit<KeepingDeps, 'database'>,
  before: Device,
  fields: Partial<DeviceFields>,
  operatorId: string,
): Promise<Device> {
  const changed = change(before, fields);
  if (changed === before) return before;
  const now = deps.clock();
  await saveFields(tx, { ...changed, version: before.version + 1, changedAt: now });
  const device = await settled(tx, deps, before.id, now);
  await tellDevice(tx, device);
  await tellStory(tx, {
    stationId: before.stationId,
    at: now,
    kind: 'device.changed',
    detail: { number: before.number, connector: before.connector, ...inJson(fields) },
    operatorId,
  });
  return device;
}

/** With the state that follows from what it is by now. */
async function settled(tx: SqlTx, deps: DeviceDeps, id: string, now: Date): Promise<Device> {
  const device = await findDevice(tx, id);
  if (!device) throw new Error(`device ${id} is gone in the transaction that wrote it`);
  const settledDevice = { ...device, state: stateOf(factsOf(device, now, deps.deviceSettings)) };
  if (settledDevice.state !== device.state) await saveFields(tx, settledDevice);
  return settledDevice;
}

const inJson = (fields: Partial<DeviceFields>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  );
