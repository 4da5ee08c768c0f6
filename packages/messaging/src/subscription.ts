import { setTimeout as pause } from 'node:timers/promises';
import { gather } from '@forecourt/gather';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  ReplayPolicy,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { Consumer } from './consumer.ts';
import { type Delivery, dispatch, dispatchMany, type Outcome } from './dispatch.ts';
import { plainHeaders, readEnvelope } from './headers.ts';
import { createLanes } from './lanes.ts';
import type { MessagingMetrics } from './metrics.ts';
import { streamOfEvent, subjectOf } from './names.ts';
import type { Nats } from './nats.ts';
import type { SqlTx, Transact } from './sql-tx.ts';
import { isStreamMissing } from './stream.ts';

export interface SubscriptionOptions<Tx extends SqlTx> {
  nats: Nats;
  consumer: Consumer<Tx>;
  transact: Transact<Tx>;
  log: Logger;
  metrics: MessagingMetrics;
  tries: number;
  concurrency: number;
  ackWaitMs: number;
  /** Told of every message that is done with, by its `ce-sequence`. */
  heard(durable: string, sequence: string | undefined): void;
  applied(): void;
}

/** One consumer's line to its stream. */
export interface Subscription {
  /** Messages that the stream has for this consumer and has not yet given to anybody; null when nobody knows. */
  pending(): Promise<number | null>;
  close(): Promise<void>;
}

const maxInHand = { one: 64, many: 256 };
/** Messages that wait for their next try count as well: so many may be in trouble before the others must wait. */
const maxAckPending = 1000;
const pullForMs = 5000;
const retryMs = { shortest: 100, longest: 5000 };

export function subscribe<Tx extends SqlTx>(o: SubscriptionOptions<Tx>): Subscription {
  const { nats, consumer, transact, metrics } = o;
  const { durable } = consumer;
  const log = o.log.child({ consumer: durable });
  const stream = streamOfEvent(nats.streamPrefix, consumer.event);
  const lanes = createLanes(o.concurrency);
  const most = maxInHand[consumer.takes];
  const options = { transact, tries: o.tries };
  const attempt =
    consumer.takes === 'many'
      ? gather((deliveries: readonly Delivery[]) => dispatchMany(consumer, deliveries, options), { most })
      : (delivery: Delivery) => dispatch(consumer, delivery, options);
  const inHand = new Map<JsMsg, Promise<void>>();
  const closing = new AbortController();
  let pulling: ConsumerMessages | undefined;

  // whatever waits for its turn or for its handler is ours still, however long it takes
  const keepAlive = setInterval(() => {
    for (const message of inHand.keys()) message.working();
  }, o.ackWaitMs / 3);

  const config: Partial<ConsumerConfig> = {
    durable_name: durable,
    filter_subject: subjectOf(nats.streamPrefix, consumer.event),
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(o.ackWaitMs),
    max_ack_pending: maxAckPending,
    // never dropped by the server: we count, and bury what is out of tries
    max_deliver: -1,
  };

  /** Pulls until something breaks: the durable is made, or made again, before each spell. */
  async function pullUntilBroken(): Promise<void> {
    await nats.manager.consumers.add(stream, config);
    const source = await nats.jetstream.consumers.get(stream, durable);
    while (!closing.signal.aborted) {
      while (inHand.size >= most) await Promise.race(inHand.values());
      pulling = await source.fetch({ max_messages: most - inHand.size, expires: pullForMs });
      if (closing.signal.aborted) await pulling.close();
      for await (const message of pulling) take(message);
    }
  }

  function take(message: JsMsg): void {
    const delivery = deliveryOf(message);
    const { aggregateId } = readEnvelope(delivery.headers, delivery.fallbackId);
    const finished =
      consumer.takes === 'many' ? finish(message, delivery) : lanes.run(aggregateId, () => finish(message, delivery));
    const done = finished
      .catch((error: unknown) => log.error({ err: error }, 'message fell out of hand; the stream will bring it again'))
      .finally(() => inHand.delete(message));
    inHand.set(message, done);
  }

  async function finish(message: JsMsg, delivery: Delivery): Promise<void> {
    const taken = performance.now();
    const outcome = await outcomeOf(delivery);
    if (outcome === 'closing') return message.nak();
    const { id, time, aggregateId } = readEnvelope(delivery.headers, delivery.fallbackId);
    const facts = { id, aggregateId, outcome: outcome.kind, deliveryCount: delivery.deliveryCount };
    if (outcome.kind !== 'retry') o.heard(durable, delivery.headers['ce-sequence']);
    metrics.processed.inc({ consumer: durable, outcome: outcome.kind });
    metrics.duration.observe({ consumer: durable }, (performance.now() - taken) / 1000);
    switch (outcome.kind) {
      case 'applied':
        o.applied();
        metrics.delay.observe({ consumer: durable }, Math.max(0, Date.now() - time.getTime()) / 1000);
        log.debug(facts, 'message applied');
        return message.ack();
      case 'duplicate':
        log.debug(facts, 'message was applied before');
        return message.ack();
      case 'dead':
        log.error({ ...facts, reason: outcome.reason, err: outcome.error }, 'message is a dead letter now');
        return message.term(outcome.reason);
      case 'retry':
        log.warn({ ...facts, delayMs: outcome.delayMs, err: outcome.error }, 'message will be tried again');
        return message.nak(outcome.delayMs);
    }
  }

  /** A database that is away is nobody's fault: the message stays in hand until it is back, and no try is counted. */
  async function outcomeOf(delivery: Delivery): Promise<Outcome | 'closing'> {
    for (let wait = retryMs.shortest; ; wait = Math.min(wait * 2, retryMs.longest)) {
      const outcome = await attempt(delivery).catch(retryLater);
      if (outcome.kind !== 'retry' || (await databaseAnswers())) return outcome;
      if (closing.signal.aborted) return 'closing';
      log.warn({ err: outcome.error }, 'database is away, message waits');
      await pauseFor(wait);
    }
  }

  const databaseAnswers = () =>
    transact((tx) => Promise.resolve(tx.$executeRaw`SELECT 1`)).then(
      () => true,
      () => false,
    );

  const pauseFor = (milliseconds: number) =>
    pause(milliseconds, undefined, { signal: closing.signal }).catch(() => undefined);

  async function run(): Promise<void> {
    let wait = retryMs.shortest;
    while (!closing.signal.aborted) {
      const started = performance.now();
      try {
        await pullUntilBroken();
      } catch (error) {
        if (closing.signal.aborted) break;
        // the stream is its owner's to make: at the very start, and after it was lost, we wait for it
        if (isStreamMissing(error)) log.debug({ stream }, 'stream is not there yet');
        else log.warn({ err: error }, 'consumer lost its line, subscribes again');
      }
      wait = performance.now() - started > retryMs.longest ? retryMs.shortest : Math.min(wait * 2, 1000);
      await pauseFor(wait);
    }
  }

  const running = run();

  return {
    pending: async () => {
      try {
        return (await nats.manager.consumers.info(stream, durable)).num_pending;
      } catch {
        return null;
      }
    },
    async close() {
      closing.abort();
      await pulling?.close();
      await running;
      await Promise.all(inHand.values());
      clearInterval(keepAlive);
    },
  };
}

const retryLater = (error: unknown): Outcome => ({ kind: 'retry', delayMs: retryMs.longest, error });

const deliveryOf = (message: JsMsg): Delivery => ({
  subject: message.subject,
  headers: plainHeaders(message.headers),
  payload: message.data,
  deliveryCount: message.info.deliveryCount,
  fallbackId: `${message.info.stream}:${message.info.timestampNanos}:${message.info.streamSequence}`,
});
