import type { Service } from '@forecourt/contracts';
import { JetStreamApiError, type PubAck } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { cloudEventHeaders } from './headers.ts';
import { isEventOf, streamOfService, subjectName } from './names.ts';
import type { Nats } from './nats.ts';
import type { OutboxEvent } from './outbox-batch.ts';
import { unlessBroken } from './unless-broken.ts';

export interface Published {
  /** Highest place in the stream that was given to one of these events. */
  readonly lastSeq: number;
  /** Events that this stream can never take, with the reason. */
  readonly unpublishable: readonly { event: OutboxEvent; error: Error }[];
}

/** The acknowledged places lie before ones acknowledged earlier: this is not the stream that it was. */
class StreamChanged extends Error {}

const ackTimeoutMs = 5000;

/**
 * Publishes in order without waiting in between, then waits for every acknowledgement. When one is missing the whole
 * batch counts as unpublished and is repeated; the stream drops what it has by its message id. `repetition` is for what
 * the stream shall take although it remembers the message: because it has lost it.
 */
export async function publishBatch(
  { nats, service }: { nats: Nats; service: Service },
  events: readonly OutboxEvent[],
  knownSeq: number,
  line: AbortSignal,
  repetition?: string,
): Promise<Published> {
  const stream = streamOfService(nats.streamPrefix, service);
  const outcomes = await unlessBroken(
    line,
    Promise.allSettled(events.map((event) => publish(nats, service, stream, event, repetition))),
  );
  let lastSeq = knownSeq;
  const unpublishable: { event: OutboxEvent; error: Error }[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const event = events[index] as OutboxEvent;
    if (outcome.status === 'rejected') {
      if (!isPermanent(outcome.reason)) throw outcome.reason;
      unpublishable.push({ event, error: outcome.reason });
    } else {
      const { seq, duplicate } = outcome.value;
      if (!duplicate && seq <= knownSeq) throw new StreamChanged(`${stream} gave place ${seq} after ${knownSeq}`);
      lastSeq = Math.max(lastSeq, seq);
    }
  }
  return { lastSeq, unpublishable };
}

async function publish(
  nats: Nats,
  service: Service,
  stream: string,
  event: OutboxEvent,
  repetition: string | undefined,
): Promise<PubAck> {
  if (!isEventOf(service, event.subject)) throw new Unpublishable(`${event.subject} is not an event of ${service}`);
  const headers = cloudEventHeaders({ ...event, type: event.subject, time: event.at });
  return nats.jetstream.publish(subjectName(nats.streamPrefix, event.subject), event.data, {
    msgID: repetition === undefined ? event.id : `${event.id}.${repetition}`,
    headers,
    expect: { streamName: stream },
    timeout: ackTimeoutMs,
  });
}

class Unpublishable extends Error {}

const expectedStreamDiffers = 10060;

/** The server understood and says no for good; a wrong stream is mended by looking at the stream again. */
const isPermanent = (error: unknown): error is Error =>
  error instanceof Unpublishable ||
  error instanceof errors.InvalidArgumentError ||
  error instanceof errors.InvalidSubjectError ||
  (error instanceof JetStreamApiError && error.status === 400 && error.code !== expectedStreamDiffers);
