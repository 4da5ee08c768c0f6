import type { Nats, SqlTx } from '@forecourt/messaging';
import type { Database, Logger } from '@forecourt/service-kit';
import { type PushLine, rememberedSeconds } from './line.ts';
import type { PushMetrics } from './metrics.ts';
import { messagesOf, type Push } from './push.ts';
import { deletePushes, findTopics, listPushes, type QueuedPush } from './store.ts';

export interface PushingDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly line: PushLine;
  readonly metrics: PushMetrics;
}

/** In one look. */
export const mostTold = 100;
/** A row is tried for as long, and the line remembers twice as long: so nothing is heard twice, whenever we crash. */
const staleSeconds = rememberedSeconds / 2;

/** Tells what is queued and gives how many there were. Any number of processes may, at once. */
export async function tellQueuedPushes({ database, log, line, metrics }: PushingDeps): Promise<number> {
  const pushes = await listPushes(database, { limit: mostTold, staleSeconds });
  const outcomes = await Promise.all(
    [...Map.groupBy(pushes, ({ topic }) => topic).values()].map((some) => tellInOrder({ line, log }, some)),
  );
  for (const { push, outcome } of outcomes.flat()) metrics.pushes.inc({ name: push.name, outcome });
  const done = outcomes.flat().flatMap(({ push, outcome }) => (outcome === 'queued' ? [] : [push.id]));
  if (done.length > 0) await deletePushes(database, done);
  return done.length;
}

type Outcome = 'told' | 'dropped' | 'queued';

interface Tried {
  readonly push: QueuedPush;
  readonly outcome: Outcome;
}

/** One after the other: what cannot be told holds back what is behind it, on this topic and no other. */
async function tellInOrder(
  { line, log }: Pick<PushingDeps, 'line' | 'log'>,
  pushes: readonly QueuedPush[],
): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const push of pushes) {
    const { id: pushId, name } = push;
    const outcome: Outcome = await tell(line, push).catch((error: unknown) => {
      log.warn({ err: error, pushId, name }, 'a push was not told yet');
      return 'queued';
    });
    tried.push({ push, outcome });
    if (outcome === 'queued') break;
  }
  return tried;
}

async function tell(line: PushLine, push: QueuedPush): Promise<Outcome> {
  const { id, topic, isStale } = push;
  if (topic === null || isStale) return 'dropped';
  await Promise.all(messagesOf(push, topic).map((message) => line.tellOnce(`${id} ${message.subject}`, message)));
  return 'told';
}

/**
 * For what comes every few seconds and is outdated by the next of its kind: to whoever listens at this moment, from no
 * row, and lost when anything is away. To be called by a consumer that forgets what it applied (`guard: 'version'`).
 */
export async function tellAtOnce(
  { tx, nats }: { readonly tx: Pick<SqlTx, '$queryRaw'>; readonly nats: Pick<Nats, 'connection'> },
  pushes: readonly Push[],
): Promise<void> {
  const topics = await findTopics(
    tx,
    pushes.map(({ customerId }) => customerId),
  );
  for (const { customerId, ...push } of pushes) {
    const topic = topics.get(customerId);
    if (!topic) continue;
    for (const { subject, payload } of messagesOf(push, topic)) nats.connection.publish(subject, payload);
  }
}
