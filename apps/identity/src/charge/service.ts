import type { Nats } from '@forecourt/messaging';
import type { Database } from '@forecourt/service-kit';
import type { PushMetrics } from '../push/metrics.ts';
import type { Push } from '../push/push.ts';
import { tellAtOnce } from '../push/service.ts';
import { queuePushes } from '../push/store.ts';
import { type Charge, isOver, type News, newsOf, toldOf } from './charge.ts';
import { findDeviceStates, isAnyDue, lockDueCharges, saveTold } from './store.ts';

export interface ChargeTellingDeps {
  readonly database: Database;
  readonly nats: Pick<Nats, 'connection'>;
  readonly metrics: PushMetrics;
  /** In the words of whoever listens. */
  spell(charge: Charge, news: News): Push[];
}

/** In one look. */
export const mostChargesTold = 200;

/**
 * Tells drivers what is new about their charges, and gives how many it looked at. Any number of processes may, at once:
 * a session is locked while it is told of, so that nothing older follows what is newer (ADR 0041). How a charge goes is
 * told before the commit, and told again if that fails: what was kept of it first might be overtaken. How it ended is a
 * row, since it must not be lost.
 */
export async function tellCharges({ database, nats, metrics, spell }: ChargeTellingDeps): Promise<number> {
  if (!(await isAnyDue(database))) return 0;
  return await database.transaction(async (tx) => {
    const due = await lockDueCharges(tx, mostChargesTold);
    if (due.length === 0) return 0;
    const { states, now } = await findDeviceStates(
      tx,
      due.map(({ deviceId }) => deviceId),
    );
    const all = due.map(({ told, ...charge }) => {
      const news = newsOf(charge, told, states.get(charge.deviceId) ?? null, now);
      return { charge, news, told: toldOf(charge, told, news, now), pushes: spell(charge, news) };
    });
    await saveTold(
      tx,
      all.map(({ charge, news, told }) => ({ sessionId: charge.sessionId, told, dueAt: news.again })),
    );
    const pushesOf = (some: typeof all) => some.flatMap(({ pushes }) => pushes);
    const last = pushesOf(all.filter(({ charge }) => isOver(charge)));
    if (last.length > 0) await queuePushes(tx, last);
    const passing = pushesOf(all.filter(({ charge }) => !isOver(charge)));
    if (passing.length > 0) await tellAtOnce({ tx, nats }, passing);
    for (const { name } of passing) metrics.pushes.inc({ name, outcome: 'told' });
    return due.length;
  });
}
