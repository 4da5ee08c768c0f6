import { enqueueAll, type OutboxEntry, type SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { carryOn, dueAt } from './plan.ts';
import {
  type Deed,
  insertHistory,
  insertSubscription,
  lockSubscription,
  readCase,
  saveDue,
  savePeriods,
  saveSubscription,
} from './store.ts';
import type { Case } from './subscription.ts';
import { hasMoved, newsOf } from './telling.ts';

export type ChangingDeps = Pick<Deps, 'clock' | 'database' | 'subscriptionRules' | 'work' | 'wrote'>;

/**
 * Changes a subscription in a transaction of its own, under its lock, with all that follows. `change` gives the case that
 * it got when there is nothing to change.
 */
export async function changeSubscription(
  deps: ChangingDeps,
  id: string,
  change: (before: Case, now: Date) => Case,
  how: How = {},
): Promise<Case> {
  const after = await deps.database.transaction(async (tx) => {
    await lockSubscription(tx, id);
    return await changeLocked(tx, deps, id, change, how);
  });
  told(deps);
  return after;
}

/** What else is kept with a change. */
export interface How {
  /** A person did it; else it came of the time or of the wallet. */
  readonly by?: string;
  readonly note?: string | null;
  /** Told with it, made of the case as it is stored. */
  readonly news?: (after: Case) => OutboxEntry | null;
  /** Done with it. */
  readonly also?: (tx: SqlTx, after: Case, now: Date) => Promise<void>;
}

/** A period that ended so long ago decides nothing any more, whatever clocks differ. */
const overMs = 24 * 3_600_000;

/** Within the caller's transaction, who has its lock. */
export async function changeLocked(
  tx: SqlTx,
  deps: ChangingDeps,
  id: string,
  change: (before: Case, now: Date) => Case,
  how: How = {},
): Promise<Case> {
  const now = deps.clock();
  const before = await readCase(tx, id, new Date(now.getTime() - overMs));
  return await keep(tx, deps, { before, after: change(before, now), now }, how);
}

interface Change {
  readonly before: Case;
  readonly after: Case;
  readonly now: Date;
  /** There was no such subscription before. */
  readonly isNew?: boolean;
}

/** Stores a change within the caller's transaction, and says what it came to. */
export async function keep(tx: SqlTx, deps: ChangingDeps, change: Change, how: How = {}): Promise<Case> {
  const { before, now, isNew = false } = change;
  const rules = deps.subscriptionRules;
  const carried = carryOn(change.after, now, rules);
  const due = dueAt(carried, now, rules);
  if (!isNew && carried.subscription === before.subscription && carried.periods === before.periods) {
    await saveDue(tx, { id: before.subscription.id, dueAt: due });
    return before;
  }
  const subscription = { ...carried.subscription, version: before.subscription.version + 1 };
  const after = { ...carried, subscription };
  if (isNew) await insertSubscription(tx, before.subscription);
  await saveSubscription(tx, subscription, due);
  await savePeriods(tx, subscription.id, isNew ? after.periods : changedPeriods(before, after));
  const known = isNew ? null : before.subscription;
  if (how.by !== undefined || known === null || hasMoved(known, subscription)) {
    const deed: Deed = { what: subscription.reason, by: how.by ?? null, note: how.note ?? null };
    await insertHistory(tx, subscription, deed, now);
  }
  const news = [newsOf(known, subscription, { now, timeZone: rules.timeZone }), how.news?.(after) ?? null];
  await enqueueAll(
    tx,
    news.filter((entry) => entry !== null),
  );
  await how.also?.(tx, after, now);
  return after;
}

function changedPeriods(before: Case, after: Case) {
  const known = new Set(before.periods);
  return after.periods.filter((period) => !known.has(period));
}

/** Said after a commit: there may be events to publish, and something to do at once. */
function told({ wrote, work }: Pick<Deps, 'wrote' | 'work'>): void {
  wrote();
  work.happened();
}
