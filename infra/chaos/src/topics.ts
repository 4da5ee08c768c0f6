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

/** How a charge goes, as an app was told on its private topic. */
export interface HeardCharge {
  readonly topic: string;
  readonly purchaseId: string;
  readonly state: string;
  readonly energyWh: number;
  /** Minor units. */
  readonly amount: number;
}

export interface Heard {
  readonly pushes: readonly HeardPush[];
  readonly chargePushes: readonly HeardCharge[];
}

interface Settled {
  readonly status: string;
  readonly amount: number;
}

const bareEnd = '.REPLENISHMENT';

/** Every topic at once, as the broker's own operator may hear them. What is said while the line is down is not heard. */
export function listenToTopics(nats: NatsConnection): Heard {
  const pushes: HeardPush[] = [];
  const chargePushes: HeardCharge[] = [];
  nats.subscribe('push.>', {
    callback: (error, message) => {
      if (error) return;
      const content = message.json();
      const push = read(message.subject, content);
      if (push) pushes.push(push);
      const charge = readCharge(message.subject, content);
      if (charge) chargePushes.push(charge);
    },
  });
  return { pushes, chargePushes };
}

export function read(subject: string, content: unknown): HeardPush | undefined {
  const isBare = subject.endsWith(bareEnd);
  const settled = isBare ? (content as Settled) : (content as { replenishment?: Settled }).replenishment;
  if (!settled) return undefined;
  const topic = isBare ? subject.slice(0, -bareEnd.length) : subject;
  return { topic, form: isBare ? 'bare' : 'wrapped', status: settled.status, amount: Math.round(settled.amount * 100) };
}

/** Of the form with a name around it: the other says the same. */
export function readCharge(topic: string, content: unknown): HeardCharge | undefined {
  const { charging } = content as { charging?: Omit<HeardCharge, 'topic'> };
  if (!charging) return undefined;
  const { purchaseId, state, energyWh, amount } = charging;
  return { topic, purchaseId, state, energyWh, amount: Math.round(amount * 100) };
}
