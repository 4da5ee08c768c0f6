import { gather } from '@forecourt/gather';
import { enqueueAll, type SqlTx } from '@forecourt/messaging';
import { savePortions } from '../money/store.ts';
import { type ChangingDeps, changedPortions } from './changing.ts';
import { metered, stated } from './hearing.ts';
import type { SessionMetrics } from './metrics.ts';
import { type Case, carryOn, dueAt } from './plan.ts';
import { insertReadings, readingsOf } from './readings.ts';
import type { Metering } from './saying.ts';
import { isOver, priced, quietened, type Session, speaking } from './session.ts';
import { findMetered, isReadAlone, lockSessions, readCases, saveRead, saveSessions } from './store.ts';
import { newsOf } from './telling.ts';

export interface Metered {
  /** null: no session of this station has that name, or none runs on that connector. */
  readonly sessionId: string | null;
}

/** Books what a meter said; it is stored when this is done. */
export type Meter = (told: Metering) => Promise<Metered>;

/**
 * What many meters say at the same time shares a transaction, hence its statements and its commit, which cost most of what
 * a reading costs. A second one begins when the first takes its time.
 */
export function createMeter(deps: ChangingDeps & { sessionMetrics: SessionMetrics }): Meter {
  const booked = (all: readonly Metering[]) => {
    deps.sessionMetrics.together.observe(all.length);
    return bookAll(deps, all);
  };
  const together = gather(booked, {
    most: 128,
    atOnce: 2,
    furtherAfterMs: 25,
  });
  return async (told) => {
    const outcome = await together(told);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  };
}

async function bookAll(deps: ChangingDeps, all: readonly Metering[]): Promise<PromiseSettledResult<Metered>[]> {
  try {
    const { sessionIds, isDue } = await deps.database.transaction((tx) => book(tx, deps, all));
    deps.wrote();
    if (isDue) deps.sessionWork.happened();
    return sessionIds.map((sessionId) => ({ status: 'fulfilled', value: { sessionId } }));
  } catch (reason) {
    if (all.length === 1) return [{ status: 'rejected', reason }];
    // What fails fails alone; what was stored after all is booked once.
    return (await Promise.all(all.map((told) => bookAll(deps, [told])))).flat();
  }
}

interface Booked {
  readonly sessionIds: (string | null)[];
  readonly isDue: boolean;
}

async function book(tx: SqlTx, deps: ChangingDeps, all: readonly Metering[]): Promise<Booked> {
  const sessionIds = await findMetered(tx, all);
  const ids = [...new Set(sessionIds.filter((id) => id !== null))];
  if (ids.length === 0) return { sessionIds, isDue: false };
  await lockSessions(tx, ids);
  const before = await readCases(tx, ids);
  const after = new Map(before);
  const live = new Set<string>();
  const now = deps.clock();

  for (const [index, told] of all.entries()) {
    const id = sessionIds[index];
    const known = id ? after.get(id) : undefined;
    if (!known) continue;
    after.set(known.session.id, { ...known, session: heard(known, told, deps.sessionSettings.lateQuietSec) });
    if (!told.late) live.add(known.session.id);
  }
  await insertReadings(
    tx,
    all.flatMap((told, index) => (sessionIds[index] ? readingsOf(sessionIds[index], told) : [])),
  );
  const changes = [...after.values()].flatMap((heardOf) => {
    const known = before.get(heardOf.session.id) as Case;
    return heardOf.session === known.session ? [] : [changeOf(deps, known, heardOf, now)];
  });
  const alone = new Set(changes.filter(({ known, session }) => isReadAlone(known.session, session)));
  await saveRead(tx, [...alone], now);
  await saveSessions(
    tx,
    changes.filter((change) => !alone.has(change)),
    now,
  );
  await savePortions(
    tx,
    changes.flatMap(({ portions }) => portions),
  );
  const news = changes.flatMap(({ known, session }) => {
    const event = newsOf(known.session, session, now, !live.has(session.id));
    return event ? [event] : [];
  });
  await enqueueAll(tx, news);
  return { sessionIds, isDue: changes.some((change) => change.dueAt !== null && change.dueAt <= now) };
}

/** Of one message, upon what those before it left. */
function heard({ session }: Case, told: Metering, lateQuietSec: number): Session {
  const { at, receivedAt, chargingState: word, late } = told;
  const read = metered(session, told);
  const said = word && !read.stoppedAt ? stated(read, { word, at, receivedAt }) : read;
  if (!late && !isOver(said)) return speaking(said);
  return said === session ? said : quietened(said, receivedAt, lateQuietSec);
}

/** The end of a session also changes its device, which is locked before it: that is left to the worker. */
function changeOf(deps: ChangingDeps, known: Case, heardOf: Case, now: Date) {
  const rules = deps.sessionSettings;
  const carried = carryOn(heardOf, now, rules);
  const endsNow = isOver(carried.session) && !isOver(known.session);
  const after = endsNow ? { ...heardOf, session: priced(heardOf.session, now) } : carried;
  const session = { ...after.session, version: known.session.version + 1 };
  return { known, session, portions: changedPortions(known, after), dueAt: endsNow ? now : dueAt(after, now, rules) };
}
