import { AppError } from '@forecourt/errors';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import type { Deps } from '../deps.ts';
import {
  type AppProfile,
  type AppProfileChange,
  changedFields,
  changeProfile,
  made,
  type NewAppProfile,
} from './app-profile.ts';
import { insertProfile, lockProfile, saveProfile } from './store.ts';

type Needs = Pick<Deps, 'db' | 'clock' | 'appProfiles'>;

export async function makeProfile(deps: Needs, facts: NewAppProfile, actor: Actor): Promise<AppProfile> {
  const profile = await insert(deps, facts, actor);
  if (!profile) throw new AppError('app_profile_taken', 'There is an app profile with this id.');
  return profile;
}

/** An app that every developer may play. */
const demo = { id: 'demo', name: 'Demo', region: 'RU', codeDigits: 6 } as const;

/** Every process may do it, and at once; what an operator has changed about it stays. */
export const makeDemoProfile = async (deps: Needs): Promise<void> =>
  void (await insert(deps, demo, { role: 'system' }));

async function insert(
  { db, clock, appProfiles }: Needs,
  facts: NewAppProfile,
  actor: Actor,
): Promise<AppProfile | null> {
  const inserted = await db.$transaction(async (tx) => {
    const now = clock();
    const profile = made(facts, now);
    if (!(await insertProfile(tx, profile))) return null;
    await recordAct(tx, {
      act: 'app_profile.made',
      actor,
      subjectId: null,
      facts: { profileId: profile.id },
      at: now,
    });
    return profile;
  });
  appProfiles.forget();
  return inserted;
}

/** One that is blocked keeps its devices: they are answered again once it is not. */
export async function editProfile(
  { db, clock, appProfiles }: Needs,
  id: string,
  change: AppProfileChange,
  actor: Actor,
): Promise<AppProfile> {
  const profile = await db.$transaction(async (tx) => {
    const before = await lockProfile(tx, id);
    const now = clock();
    const after = changeProfile(before, change, now);
    if (after === before) return before;
    await saveProfile(tx, after);
    await recordAct(tx, {
      act: 'app_profile.changed',
      actor,
      subjectId: null,
      facts: { profileId: id, fields: changedFields(before, after), blocked: String(after.blockedAt !== null) },
      at: now,
    });
    return after;
  });
  appProfiles.forget();
  return profile;
}
