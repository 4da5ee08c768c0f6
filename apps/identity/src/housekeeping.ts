import type { Deps } from './deps.ts';
import { deleteOldMessages } from './message/store.ts';
import { deleteOldSessions } from './session/store.ts';
import { deleteRetiredKeys } from './signing-key/store.ts';
import { deleteForgottenAttempts } from './throttle/store.ts';

const days = (n: number) => n * 24 * 3600 * 1000;

/** What nobody will ask for again. Every process may do it, and at once: each statement only deletes. */
export async function tidyUp({ database, clock }: Pick<Deps, 'database' | 'clock'>): Promise<void> {
  const before = (age: number) => new Date(clock().getTime() - age);
  await deleteOldSessions(database, before(days(30)));
  await deleteOldMessages(database, before(days(90)));
  await deleteRetiredKeys(database, before(days(1)));
  await deleteForgottenAttempts(database, clock());
}
