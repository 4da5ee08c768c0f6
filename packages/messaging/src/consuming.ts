import type { Service } from '@forecourt/contracts';
import type { Logger } from 'pino';
import type { Consumer } from './consumer.ts';
import { defaultTries } from './dispatch.ts';
import { watchGaps } from './gaps.ts';
import { type MetricsHome, messagingMetrics } from './metrics.ts';
import type { Nats } from './nats.ts';
import { replayRequested } from './replay.ts';
import type { SqlTx, Transact } from './sql-tx.ts';
import { subscribe } from './subscription.ts';

export interface ConsumersOptions<Tx extends SqlTx> {
  nats: Nats;
  service: Service;
  consumers: readonly Consumer<Tx>[];
  transact: Transact<Tx>;
  /** Called after a message had its effect, which may have been to tell something: wakes a relay. */
  applied?: () => void;
  log: Logger;
  metrics?: MetricsHome;
  /** How often a message is tried before it is a dead letter. */
  tries?: number;
  /** How many aggregates one consumer works on at once, in this process. */
  concurrency?: number;
  /** How long the stream waits for a sign of life before it gives a message to somebody else. */
  ackWaitMs?: number;
  replayEveryMs?: number;
  housekeepingEveryMs?: number;
  /** How often, and after how long, events that the stream never brought are asked for again. */
  gaps?: { everyMs: number; patienceMs: number };
}

export interface Consuming {
  /** Stops pulling, finishes what is in hand. */
  close(): Promise<void>;
}

const pendingEveryMs = 10_000;
const housekeepingEveryMs = 3_600_000;
/** Longer than any relay keeps events that it could publish again. */
const inboxKeptDays = 30;
/** A day's messages in one statement would take longer than a statement may. */
const mostForgottenAtOnce = 2000;

/** Returns at once; a stream that its owner has not made yet is waited for. */
export async function startConsumers<Tx extends SqlTx>(o: ConsumersOptions<Tx>): Promise<Consuming> {
  const { nats, service, consumers, transact, log } = o;
  assertDistinct(service, consumers);
  const metrics = messagingMetrics(o.metrics);
  const { everyMs: gapsEveryMs, patienceMs } = o.gaps ?? { everyMs: 2000, patienceMs: 10_000 };
  const ackWaitMs = o.ackWaitMs ?? 30_000;
  const gaps = watchGaps({ nats, consumers, transact, log, metrics, patienceMs, ackWaitMs });
  const subscriptions = consumers.map((consumer) => ({
    durable: consumer.durable,
    ...subscribe({
      nats,
      consumer,
      transact,
      log,
      metrics,
      tries: o.tries ?? defaultTries,
      concurrency: o.concurrency ?? 8,
      ackWaitMs,
      heard: gaps.heard,
      applied: o.applied ?? (() => undefined),
    }),
  }));

  async function replay(): Promise<void> {
    const { replayed, failed } = await replayRequested(consumers, transact);
    if (replayed > 0) o.applied?.();
    if (replayed + failed > 0) log.info({ replayed, failed }, 'dead letters replayed');
  }

  async function measure(): Promise<void> {
    for (const { durable, pending } of subscriptions) {
      const count = await pending();
      if (count !== null) metrics.pending.set({ consumer: durable }, count);
    }
  }

  async function forgetOldMessages(): Promise<void> {
    for (;;) {
      const forgotten = await transact((tx) =>
        Promise.resolve(tx.$executeRaw`
          DELETE FROM inbox WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM inbox WHERE at < now() - make_interval(days => ${inboxKeptDays}::int)
            LIMIT ${mostForgottenAtOnce}::int))`),
      );
      metrics.forgotten.inc(forgotten);
      if (forgotten < mostForgottenAtOnce) return;
    }
  }

  const chores =
    consumers.length === 0
      ? []
      : [
          every(o.replayEveryMs ?? 2000, replay, log),
          every(gapsEveryMs, gaps.look, log),
          every(pendingEveryMs, measure, log),
          every(o.housekeepingEveryMs ?? housekeepingEveryMs, forgetOldMessages, log),
        ];

  return {
    async close() {
      await Promise.all([...subscriptions.map(({ close }) => close()), ...chores.map((stop) => stop())]);
      await gaps.close();
    },
  };
}

/** Two consumers under one name would each see half of the messages. */
function assertDistinct(service: Service, consumers: readonly { durable: string }[]): void {
  const seen = new Set<string>();
  for (const { durable } of consumers) {
    if (seen.has(durable)) throw new Error(`two consumers are named ${durable}`);
    if (!durable.startsWith(`${service}-`)) throw new Error(`durable ${durable} must start with ${service}-`);
    seen.add(durable);
  }
}

/** Never two at once; the returned function stops it and waits for the one under way. */
function every(milliseconds: number, work: () => Promise<void>, log: Logger): () => Promise<void> {
  let underWay = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    underWay = work()
      .catch((error: unknown) => log.warn({ err: error }, 'a chore of the consumers failed, and will be tried again'))
      .finally(() => {
        busy = false;
      });
  }, milliseconds);
  return () => {
    clearInterval(timer);
    return underWay;
  };
}
