import { AppError } from '@forecourt/errors';
import type { Db } from '../customer/store.ts';
import type { AppProfile } from './app-profile.ts';

const columns = {
  id: true,
  name: true,
  region: true,
  codeDigits: true,
  blockedAt: true,
  createdAt: true,
  updatedAt: true,
} as const;

/** False when there is one of this name. */
export async function insertProfile(tx: Db, profile: AppProfile): Promise<boolean> {
  const { count } = await tx.appProfile.createMany({ data: profile, skipDuplicates: true });
  return count === 1;
}

export async function getProfile(db: Db, id: string): Promise<AppProfile> {
  const profile = await db.appProfile.findUnique({ where: { id }, select: columns });
  if (!profile) throw unknown();
  return profile;
}

/** Nobody changes it meanwhile. */
export async function lockProfile(tx: Db, id: string): Promise<AppProfile> {
  await tx.$queryRaw`SELECT FROM app_profile WHERE id = ${id} FOR UPDATE`;
  return getProfile(tx, id);
}

export const saveProfile = async (tx: Db, { id, createdAt: _createdAt, ...facts }: AppProfile): Promise<void> =>
  void (await tx.appProfile.update({ where: { id }, data: facts, select: { id: true } }));

export interface ListedProfile extends AppProfile {
  /** Devices that hold a key of it. */
  readonly devices: number;
}

/** By name. Apps are few: somebody writes each of them. */
export async function listProfiles(
  db: Db,
  { page, limit }: { page: number; limit: number },
): Promise<{ items: ListedProfile[]; total: number }> {
  const [rows, total] = await Promise.all([
    db.appProfile.findMany({
      select: { ...columns, _count: { select: { devices: { where: { session: { endedAt: null } } } } } },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      skip: (page - 1) * limit,
      take: limit,
    }),
    db.appProfile.count(),
  ]);
  return { items: rows.map(({ _count, ...profile }) => ({ ...profile, devices: _count.devices })), total };
}

export const countDevices = (db: Db, profileId: string): Promise<number> =>
  db.deviceKey.count({ where: { profileId, session: { endedAt: null } } });

export const listOpenProfiles = (db: Db): Promise<AppProfile[]> =>
  db.appProfile.findMany({ where: { blockedAt: null }, select: columns });

const unknown = () => new AppError('app_profile_not_found', 'There is no such app profile.');
