import { enqueueAll, lockAggregate, type SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { refreshDevices } from '../device/service.ts';
import { lockDevices } from '../device/store.ts';
import { savePortions } from '../money/store.ts';
import { useReservation } from '../reservation/store.ts';
import { type Case, carryOn, dueAt } from './plan.ts';
import { isOver } from './session.ts';
import { readCases, saveDue, saveSessions } from './store.ts';
import { newsOf } from './telling.ts';

export type ChangingDeps = Pick<
  Deps,
  'clock' | 'database' | 'deviceSettings' | 'sessionSettings' | 'sessionWork' | 'wrote'
>;

/** A session and its device, which is locked before it. */
export interface Named {
  readonly id: string;
  readonly deviceId: string;
}

/**
 * Changes a session in a transaction of its own, under its locks, with all that follows: its price, its money, what is to
 * be done next, what others hear. `change` gives the case that it got when there is nothing to change.
 */
export async function changeSession(
  deps: ChangingDeps,
  { id, deviceId }: Named,
  change: (before: Case, now: Date) => Case,
): Promise<Case> {
  const after = await deps.database.transaction(async (tx) => {
    await lockDevices(tx, [deviceId]);
    const before = await lockCase(tx, id);
    const now = deps.clock();
    return await keep(tx, deps, { before, after: change(before, now), now });
  });
  told(deps);
  return after;
}

export async function lockCase(tx: SqlTx, id: string): Promise<Case> {
  await lockAggregate(tx, 'session', id);
  const known = (await readCases(tx, [id])).get(id);
  if (!known) throw new Error(`session ${id} is gone`);
  return known;
}

export interface Change {
  readonly before: Case;
  readonly after: Case;
  readonly now: Date;
  /** It was told late: what it says of a session that goes on is nobody's news. */
  readonly late?: boolean;
  /** There was no such session before. */
  readonly isNew?: boolean;
}

/** Stores a change within the caller's transaction, who has locked device and session, and says what it came to. */
export async function keep(tx: SqlTx, deps: ChangingDeps, change: Change): Promise<Case> {
  const { before, now, late = false, isNew = false } = change;
  const rules = deps.sessionSettings;
  const carried = carryOn(change.after, now, rules);
  const due = dueAt(carried, now, rules);
  if (!isNew && carried.session === before.session && carried.portions === before.portions) {
    await saveDue(tx, { id: before.session.id, dueAt: due });
    return before;
  }
  const session = { ...carried.session, version: before.session.version + 1 };
  await saveSessions(tx, [{ session, dueAt: due }], now);
  await savePortions(tx, changedPortions(before, carried));
  const news = newsOf(isNew ? null : before.session, session, now, late);
  if (news) await enqueueAll(tx, [news]);
  const { customerId, deviceId } = session;
  const begins = session.startedAt !== null && before.session.startedAt === null;
  if (begins && customerId !== null) await useReservation(tx, { deviceId, customerId, now });
  if (isNew || isOver(before.session) !== isOver(session)) await refreshDevices(tx, deps, [session.deviceId]);
  return { ...carried, session };
}

export function changedPortions(before: Case, after: Case) {
  if (before.portions === after.portions) return [];
  const known = new Set(before.portions);
  return after.portions.flatMap((portion) => (known.has(portion) ? [] : [{ ...portion, sessionId: after.session.id }]));
}

/** Said after a commit: there may be events to publish, and something to do at once. */
export function told({ wrote, sessionWork }: Pick<Deps, 'wrote' | 'sessionWork'>): void {
  wrote();
  sessionWork.happened();
}
