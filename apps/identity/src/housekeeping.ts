import type { Database } from '@forecourt/service-kit';
import { deleteReplacedTokens } from './app-session/store.ts';
import { deleteExpiredCredentials, deleteOldKicks } from './broker/store.ts';
import { deleteOldCharges } from './charge/store.ts';
import { deleteOldCodeRequests } from './code/store.ts';
import type { Deps } from './deps.ts';
import { resealKeys } from './device/resealing.ts';
import { rememberedSeconds } from './device/signature.ts';
import { deleteEndedKeys, deleteOldRequests } from './device/store.ts';
import { deleteFarewells, deleteOldMessages } from './message/store.ts';
import { deleteOldServiceKeys } from './service-account/store.ts';
import { deleteOldSessions, deleteOldTokens } from './session/store.ts';
import { deleteRetiredKeys } from './signing-key/store.ts';
import { deleteForgottenAttempts } from './throttle/store.ts';

const days = (n: number) => n * 24 * 3600 * 1000;

/** What nobody will ask for again. Every process may do it, and at once: rows that another one has taken are passed over. */
export async function tidyUp(
  deps: Pick<Deps, 'database' | 'clock' | 'deviceKeys' | 'log'>,
  batch = 5_000,
): Promise<void> {
  const { database, clock } = deps;
  const before = (age: number) => new Date(clock().getTime() - age);
  /** Some at a time: a flood of rows that fall due together is worn down, where one statement would always time out. */
  const wearDown = async (deleteSome: (db: Database, before: Date, limit: number) => Promise<number>, due: Date) => {
    while ((await deleteSome(database, due, batch)) === batch);
  };
  await wearDown(deleteForgottenAttempts, clock());
  await wearDown(deleteOldTokens, before(days(30)));
  await wearDown(deleteReplacedTokens, clock());
  await wearDown(deleteOldSessions, before(days(30)));
  await wearDown(deleteEndedKeys, clock());
  await wearDown(deleteOldServiceKeys, before(days(30)));
  await wearDown(deleteOldRequests, before(rememberedSeconds * 1000));
  await wearDown(deleteOldCodeRequests, before(days(1)));
  await wearDown(deleteOldMessages, before(days(90)));
  await wearDown(deleteOldCharges, before(days(1)));
  await wearDown(deleteExpiredCredentials, clock());
  await deleteOldKicks(database);
  await deleteFarewells(database);
  await deleteRetiredKeys(database, before(days(1)));
  await resealKeys(deps, batch);
}
