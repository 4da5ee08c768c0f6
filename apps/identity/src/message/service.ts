import { gather } from '@forecourt/gather';
import type { Clock, Database, Logger } from '@forecourt/service-kit';
import type { Breaker } from './breaker.ts';
import { beginCalls, closeLostCalls, endCalls } from './calls.ts';
import { nextAttempt } from './delivery.ts';
import type { LateFactsByKind } from './message.ts';
import type { MessageMetrics } from './metrics.ts';
import type { Provider, Providers } from './provider.ts';
import { type CallBook, type Offered, offer } from './sending.ts';
import { type Attempted, type QueuedMessage, recordOutcomes, takeAwaited, takeOthers } from './store.ts';

export interface SendingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly providers: Providers;
  readonly breakers: ReadonlyMap<Provider, Breaker>;
  readonly lateFacts: LateFactsByKind;
  readonly messageMetrics: MessageMetrics;
}

/** In one look: what a round costs is shared by as many. */
export const mostTaken = 100;
const leaseSeconds = 120;
/** What is begun by then has its outcome, good or bad, before the lease ends; the others are given back. */
const beginWithinSeconds = 60;

/** `awaited`: somebody sits and waits for it. Two queues, so that nothing else is ever in front of that. */
export type Queue = 'awaited' | 'others';
const takeFrom = { awaited: takeAwaited, others: takeOthers } as const;

interface BegunRound {
  readonly taken: number;
  /** All have their outcome, and it is noted. When it fails, too, nothing is under way any more. */
  readonly finished: Promise<void>;
}

/** Sends what is due and gives how many there were. */
export async function sendDueMessages(deps: SendingDeps, queues: readonly Queue[] = ['awaited', 'others']) {
  const counts = await allOf(
    queues.map(async (queue) => {
      const { taken, finished } = await beginRound(deps, queue);
      await finished;
      return taken;
    }),
  );
  return counts.reduce((sum, taken) => sum + taken, 0);
}

export async function beginRound(deps: SendingDeps, queue: Queue): Promise<BegunRound> {
  const now = deps.clock();
  const leaseEnds = later(now, leaseSeconds);
  const due = await takeFrom[queue](deps.database, { limit: mostTaken, now, leaseEnds });
  return { taken: due.length, finished: due.length === 0 ? Promise.resolve() : sendAll(deps, due, now) };
}

/** A provider is called outside of any transaction. */
async function sendAll(deps: SendingDeps, due: readonly QueuedMessage[], takenAt: Date): Promise<void> {
  const { clock, database, providers } = deps;
  const doubtful = due.filter(({ doubts }) => doubts > 0).map(({ id }) => id);
  if (doubtful.length > 0) await closeLostCalls(database, doubtful, takenAt);

  // As they come in: a slow provider holds back nobody's note but its own.
  const options = { most: mostTaken };
  const record = gather(
    noted((attempted: readonly Attempted[]) => recordOutcomes(database, attempted)),
    options,
  );
  const book: CallBook = {
    begin: gather((calls) => beginCalls(database, calls), options),
    end: gather(
      noted((calls) => endCalls(database, calls)),
      options,
    ),
  };
  const handOver = async (message: QueuedMessage) => {
    const at = clock();
    if (at < later(takenAt, beginWithinSeconds)) return sendOne(deps, message, book, record);
    await record({ message, outcome: { status: 'queued', untried: true, nextAttemptAt: at }, at, call: null });
  };
  const channels = Map.groupBy(due, ({ channel }) => channel);
  await allOf([...channels].map(([channel, messages]) => sideBySide(messages, widthOf(providers[channel]), handOver)));
}

/** As many as each of them takes: when the first one is down, the second gets them all. */
const widthOf = (providers: readonly Provider[] = []) => Math.min(mostTaken, ...providers.map(({ atOnce }) => atOnce));

const noted =
  <Thing>(note: (things: readonly Thing[]) => Promise<void>) =>
  async (things: readonly Thing[]) => {
    await note(things);
    return things;
  };

async function sideBySide<Thing>(
  things: readonly Thing[],
  width: number,
  work: (thing: Thing) => Promise<unknown>,
): Promise<void> {
  const rest = things.values();
  const workOff = async () => {
    for (const thing of rest) await work(thing);
  };
  await allOf(Array.from({ length: Math.min(width, things.length) }, workOff));
}

/** Fails when all have come to an end, and not before: who closes the database waits for this, and calls are under way. */
async function allOf<Outcome>(works: readonly Promise<Outcome>[]): Promise<Outcome[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

async function sendOne(
  deps: SendingDeps,
  message: QueuedMessage,
  book: CallBook,
  record: (attempted: Attempted) => Promise<unknown>,
): Promise<void> {
  const { clock, log, messageMetrics } = deps;
  const { id: messageId, kind, channel, attempts } = message;
  const { outcome, call } = await offer(deps, message, book).catch((error: unknown) => postponed(deps, message, error));
  const at = clock();
  await record({ message, outcome, at, call });
  messageMetrics.outcomes.inc({ channel, outcome: outcome.status });
  if (outcome.status === 'sent' && kind === 'code') {
    messageMetrics.codeSeconds.observe({ channel }, (at.getTime() - message.createdAt.getTime()) / 1000);
  }
  if (!('error' in outcome)) return;
  log.warn(
    { messageId, kind, channel, attempts, outcome: outcome.status, reason: outcome.error },
    'a message was not sent',
  );
}

/** Not for a provider's sake: something of ours was away, such as the database. */
function postponed({ clock, log }: SendingDeps, message: QueuedMessage, error: unknown): Offered {
  log.error({ err: error, messageId: message.id, kind: message.kind }, 'a message could not be prepared');
  const nextAttemptAt = nextAttempt(message, clock());
  const reason = 'it could not be prepared';
  const outcome = nextAttemptAt
    ? ({ status: 'queued', error: reason, nextAttemptAt } as const)
    : ({ status: 'failed', error: reason } as const);
  return { outcome, call: null };
}

const later = (instant: Date, seconds: number) => new Date(instant.getTime() + seconds * 1000);
