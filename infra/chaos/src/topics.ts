import type { NatsConnection } from '@nats-io/transport-node';

/** Something that an app was told on its private topic. */
export interface HeardPush {
  readonly topic: string;
  /** Older builds listen for messages with a name around them, newer ones on sub-topics for what is in them. */
  readonly form: 'wrapped' | 'bare';
  readonly status: string;
  /** Minor units. */
  readonly amount: number;
}

interface Settled {
  readonly status: string;
  readonly amount: number;
}

const bareEnd = '.REPLENISHMENT';

/** Every topic at once, as the broker's own operator may hear them. What is said while the line is down is not heard. */
export function listenToTopics(nats: NatsConnection): readonly HeardPush[] {
  const heard: HeardPush[] = [];
  nats.subscribe('push.>', {
    callback: (error, message) => {
      if (error) return;
      const push = read(message.subject, message.json());
      if (push) heard.push(push);
    },
  });
  return heard;
}

export function read(subject: string, content: unknown): HeardPush | undefined {
  const isBare = subject.endsWith(bareEnd);
  const settled = isBare ? (content as Settled) : (content as { replenishment?: Settled }).replenishment;
  if (!settled) return undefined;
  const topic = isBare ? subject.slice(0, -bareEnd.length) : subject;
  return { topic, form: isBare ? 'bare' : 'wrapped', status: settled.status, amount: Math.round(settled.amount * 100) };
}
