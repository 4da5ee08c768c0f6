import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Where a process keeps its metrics; the kit's `Metrics` is one. */
export interface MetricsHome {
  readonly registry: Registry;
}

const create = (registry: Registry) => {
  const registers = [registry];
  return {
    relayActive: new Gauge({ name: 'outbox_relay_active', help: '1 where this process publishes.', registers }),
    relayLag: new Gauge({ name: 'outbox_lag_seconds', help: 'Age of the oldest unpublished event.', registers }),
    published: new Counter({ name: 'outbox_published_total', help: 'Events acknowledged by the stream.', registers }),
    unpublishable: new Counter({
      name: 'outbox_unpublishable_total',
      help: 'Events that the stream can never take.',
      registers,
    }),
    publishFailures: new Counter({
      name: 'outbox_publish_failures_total',
      help: 'Batches that must be repeated.',
      registers,
    }),
    rebuilds: new Counter({
      name: 'outbox_rebuilds_total',
      help: 'Times that everything kept was published again.',
      labelNames: ['cause'] as const,
      registers,
    }),
    replayed: new Counter({
      name: 'outbox_replayed_total',
      help: 'Events published again because somebody missed them.',
      registers,
    }),
    dropped: new Counter({
      name: 'outbox_days_dropped_total',
      help: 'Days of published events that were dropped from the outbox, being older than the retention.',
      registers,
    }),
    forgotten: new Counter({
      name: 'inbox_forgotten_total',
      help: 'Messages that were dropped from the inbox, being older than anything that may still arrive.',
      registers,
    }),
    missing: new Gauge({
      name: 'consumer_missing',
      help: 'Events that were told and that this consumer has not heard, though it should have.',
      labelNames: ['consumer'] as const,
      registers,
    }),
    gaps: new Counter({
      name: 'consumer_gaps_total',
      help: 'Runs of missing events by what came of them: reported, lost.',
      labelNames: ['consumer', 'outcome'] as const,
      registers,
    }),
    processed: new Counter({
      name: 'consumer_messages_total',
      help: 'Messages by outcome: applied, duplicate, retry, dead.',
      labelNames: ['consumer', 'outcome'] as const,
      registers,
    }),
    duration: new Histogram({
      name: 'consumer_duration_seconds',
      help: 'From taking a message in hand to its outcome.',
      labelNames: ['consumer'] as const,
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
      registers,
    }),
    delay: new Histogram({
      name: 'consumer_event_delay_seconds',
      help: 'From the event itself to its effect here.',
      labelNames: ['consumer'] as const,
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
      registers,
    }),
    pending: new Gauge({
      name: 'consumer_pending',
      help: 'Messages in the stream that this consumer has not yet been given.',
      labelNames: ['consumer'] as const,
      registers,
    }),
  };
};

export type MessagingMetrics = ReturnType<typeof create>;

const known = new WeakMap<Registry, MessagingMetrics>();

/** One set a registry, whoever asks first; without a home they are counted for nobody. */
export function messagingMetrics(home: MetricsHome = { registry: new Registry() }): MessagingMetrics {
  const metrics = known.get(home.registry) ?? create(home.registry);
  known.set(home.registry, metrics);
  return metrics;
}
