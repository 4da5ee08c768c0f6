import type { Deps } from '../deps.ts';
import { lockKeysOfOthers, type StoredKey, saveKeys } from './store.ts';

/** Seals with the first secret what others sealed, some at a time; gives how many. Afterwards the others may go. */
export async function resealKeys(
  { database, deviceKeys, log }: Pick<Deps, 'database' | 'deviceKeys' | 'log'>,
  batch: number,
): Promise<number> {
  let resealed = 0;
  const lost = new Set<string>();
  for (let after = ''; ; ) {
    const keys = await database.transaction(async (tx) => {
      const found = await lockKeysOfOthers(tx, { sealsBy: deviceKeys.sealsBy, after, limit: batch });
      const anew: StoredKey[] = [];
      for (const stored of found) {
        const { sessionId } = stored;
        const key = deviceKeys.unseal(sessionId, stored);
        if (key) anew.push({ sessionId, ...deviceKeys.seal(sessionId, key) });
        else lost.add(stored.sealedBy);
      }
      if (anew.length > 0) await saveKeys(tx, anew);
      resealed += anew.length;
      return found;
    });
    if (keys.length < batch) break;
    after = keys.at(-1)?.sessionId as string;
  }
  if (lost.size > 0) log.error({ sealedBy: [...lost] }, 'device keys cannot be unsealed: a secret is missing');
  if (resealed > 0) log.info({ resealed, sealedBy: deviceKeys.sealsBy }, 'device keys are sealed anew');
  return resealed;
}
