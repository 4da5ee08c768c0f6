import { randomBytes } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { lockAggregate, type SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import type { Deps } from '../deps.ts';
import { tellEnded } from '../session/service.ts';
import type { Visit } from '../session/session.ts';
import { type Device, keyBytes, mostDevices } from './device.ts';
import { endDeviceOf, endDevicesBut, insertDevice, listDevicesOf, savePushToken } from './store.ts';

export interface OpenedDevice {
  readonly sessionId: string;
  /** In standard base64; here and at the device alone in clear. */
  readonly key: string;
}

/**
 * A session that signs its requests, in the caller's transaction, which knows the profile; written down as an act of the
 * customer. Of more devices than one may have, the one that was not used for longest ends.
 */
export async function openDevice(
  tx: SqlTx,
  { deviceKeys }: Pick<Deps, 'deviceKeys'>,
  { customerId, profileId, visit, now }: { customerId: string; profileId: string; visit: Visit; now: Date },
): Promise<OpenedDevice> {
  // Of two that open at once, each must see the other's device.
  await lockAggregate(tx, 'customer', customerId);
  const sessionId = newObjectId(now);
  const key = randomBytes(keyBytes);
  const sealed = deviceKeys.seal(sessionId, key);
  if (!(await insertDevice(tx, { ...sealed, sessionId, customerId, profileId, visit, openedAt: now }))) {
    throw new AppError('account_blocked', 'This account is blocked.');
  }
  await recordAct(tx, {
    act: 'device.opened',
    actor: { role: 'customer', id: customerId, address: visit.address },
    subjectId: customerId,
    facts: { sessionId, profileId },
    at: now,
  });

  const displaced = await endDevicesBut(tx, customerId, mostDevices, now);
  await tellEnded(tx, displaced, 'displaced', now);
  for (const { sessionId: ended } of displaced) {
    await recordAct(tx, {
      act: 'device.ended',
      actor: { role: 'system' },
      subjectId: customerId,
      facts: { sessionId: ended, displacedBy: sessionId },
      at: now,
    });
  }
  return { sessionId, key: key.toString('base64') };
}

export const listDevices = ({ database }: Pick<Deps, 'database'>, customerId: string): PromiseLike<Device[]> =>
  listDevicesOf(database, customerId);

/** Its key and its tokens are worth nothing from now on. */
export const endDevice = (
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  { customerId, deviceId, actor }: { customerId: string; deviceId: string; actor: Actor },
): Promise<void> =>
  database.transaction(async (tx) => {
    const now = clock();
    const reason = actor.role === 'customer' ? 'ended_by_customer' : 'ended_by_operator';
    const ended = await endDeviceOf(tx, { customerId, sessionId: deviceId, reason, now });
    if (ended.length === 0) throw new AppError('device_not_found', 'There is no such device.');
    await tellEnded(tx, ended, reason, now);
    await recordAct(tx, { act: 'device.ended', actor, subjectId: customerId, facts: { sessionId: deviceId }, at: now });
  });

/** Where to send messages to the app that is calling; a token that another device had is this one's from now on. */
export async function keepPushToken(
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  sessionId: string,
  token: string,
): Promise<void> {
  const kept = await savePushToken(database, sessionId, token, clock());
  if (!kept) throw new AppError('device_not_found', 'This session is no device’s.');
}
