import { randomBytes } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { refreshStation } from '../device/service.ts';
import { idsOfStation, lockDevices } from '../device/store.ts';
import { askStation } from '../station/asking.ts';
import { findHolder } from '../station/command-store.ts';
import { hashOf } from '../station/password.ts';
import { tellStory } from '../station/story.ts';
import { passwordBytes, passwordFrom, passwordKeyOf } from './registry.ts';
import {
  dropNextPassword,
  getStation,
  insertStation,
  keepNextPassword,
  type Station,
  saveName,
  saveNextPassword,
  savePassword,
  saveStatus,
} from './store.ts';

export type RegistryDeps = Pick<Deps, 'clock' | 'database' | 'log' | 'lines' | 'deviceSettings' | 'stationSettings'>;

export interface StationWish {
  readonly identity: string;
  readonly name: string | null;
  /** undefined: one is made. null: it has none, and comes with a certificate. */
  readonly password: string | null | undefined;
}

export interface StationWithPassword {
  readonly station: Station;
  /** Told this once; null: it has none. */
  readonly password: string | null;
}

/** Refuses `station_identity_taken`. */
export async function addStation(
  deps: RegistryDeps,
  wish: StationWish,
  operatorId: string,
): Promise<StationWithPassword> {
  const { database, clock, stationSettings } = deps;
  const now = clock();
  const id = newObjectId(now);
  const password = wish.password === undefined ? newPassword() : wish.password;
  await database.transaction(async (tx) => {
    const passwordHash = password === null ? null : hashOf(stationSettings.secret, id, password);
    const added = await insertStation(tx, {
      id,
      identity: wish.identity,
      name: wish.name,
      passwordHash,
      createdAt: now,
    });
    if (!added) throw new AppError('station_identity_taken', `There is a station ${wish.identity}.`);
    await tellStory(tx, {
      stationId: id,
      at: now,
      kind: 'station.added',
      detail: { identity: wish.identity },
      operatorId,
    });
  });
  return { station: await getStation(database, id), password };
}

/** Refuses `station_not_found`. */
export async function nameStation(deps: RegistryDeps, id: string, name: string | null): Promise<Station> {
  await saveName(deps.database, id, name);
  return getStation(deps.database, id);
}

/** Says yes to a station, or shuts it out: at once, also when it is connected. Refuses `station_not_found`. */
export async function moveStation(
  deps: RegistryDeps,
  id: string,
  to: 'accepted' | 'blocked',
  operatorId: string,
): Promise<Station> {
  const { database, clock } = deps;
  const moved = await database.transaction(async (tx) => {
    await lockDevices(tx, await idsOfStation(tx, id, null));
    const { status } = await getStation(tx, id);
    if (status === to) return false;
    await saveStatus(tx, id, to);
    await refreshStation(tx, deps, id);
    await tellStory(tx, { stationId: id, at: clock(), kind: `station.${to}`, detail: { before: status }, operatorId });
    return true;
  });
  if (moved) await sendAway(deps, id, to === 'blocked' ? 'blocked' : 'accepted');
  return getStation(database, id);
}

/** A new password, for somebody to type into the station; the one that it had is over. */
export async function replacePassword(
  deps: RegistryDeps,
  id: string,
  operatorId: string,
): Promise<StationWithPassword> {
  const { database, clock, stationSettings } = deps;
  const password = newPassword();
  await database.transaction(async (tx) => {
    await getStation(tx, id);
    await savePassword(tx, id, hashOf(stationSettings.secret, id, password));
    await tellStory(tx, { stationId: id, at: clock(), kind: 'password.replaced', detail: {}, operatorId });
  });
  await sendAway(deps, id, 'password replaced');
  return { station: await getStation(database, id), password };
}

const rotationMs = 30_000;

/**
 * A new password that the station is told over its line. Until it comes with it, both are good: of a station that does
 * not answer nobody knows which one it has. Refuses `station_refused`, `device_offline`, `device_timeout`.
 */
export async function rotatePassword(deps: RegistryDeps, id: string, operatorId: string): Promise<Station> {
  const { database, clock, stationSettings } = deps;
  const { protocol } = await getStation(database, id);
  const password = newPassword();
  const hash = hashOf(stationSettings.secret, id, password);
  const before = await saveNextPassword(database, id, hash);
  const wish = { action: 'setConfiguration', key: passwordKeyOf(protocol), value: password } as const;
  const { outcome } = await askStation(deps, id, wish, { deadlineMs: rotationMs, operatorId });
  const tell = (kind: string) =>
    tellStory(database, { stationId: id, at: clock(), kind, detail: { outcome }, operatorId });

  if (outcome === 'timeout') {
    await tell('password.in-doubt');
    throw new AppError(
      'device_timeout',
      'The station did not answer; its old password is good, and so is the new one.',
    );
  }
  if (outcome !== 'accepted') {
    await dropNextPassword(database, id, hash, before);
    await tell('password.not-taken');
    if (outcome === 'offline') throw new AppError('device_offline', 'The station is not connected.');
    throw new AppError('station_refused', 'The station did not take the password.');
  }
  await keepNextPassword(database, id, hash);
  await tell('password.rotated');
  await sendAway(deps, id, 'password rotated');
  return getStation(database, id);
}

const newPassword = (): string => passwordFrom(randomBytes(passwordBytes));

/** It comes again as what it is by now. Who is not reached will find out at the next connection. */
async function sendAway({ database, lines, log }: RegistryDeps, stationId: string, reason: string): Promise<void> {
  try {
    const holder = await findHolder(database, stationId);
    if (holder) await lines.disconnect(holder, stationId, reason);
  } catch (error) {
    log.warn({ err: error, stationId, reason }, 'the line to a station could not be ended');
  }
}
