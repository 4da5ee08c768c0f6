import type { Nats } from '@forecourt/messaging';
import type { Logger } from '@forecourt/service-kit';
import type { Msg } from '@nats-io/transport-node';
import type { CalloutAnswer, SealedQuestion } from './callout.ts';
import type { BrokerMetrics } from './metrics.ts';

export interface Responder {
  /** Takes no more questions, answers those in hand. */
  close(): Promise<void>;
}

interface ResponderDeps {
  readonly nats: Nats;
  readonly answer: (question: SealedQuestion) => Promise<CalloutAnswer>;
  readonly metrics: Pick<BrokerMetrics, 'logins'>;
  readonly log: Logger;
}

const subject = '$SYS.REQ.USER.AUTH';
const serverKeyHeader = 'Nats-Server-Xkey';
/** What waits longer than its server does is not worth having been taken. */
const mostInHand = 2_000;

/** Answers the broker about each app that wants in, on whichever process is free. */
export function startResponder({ nats, answer, metrics, log }: ResponderDeps): Responder {
  const inHand = new Set<Promise<void>>();

  async function respond(message: Msg): Promise<void> {
    try {
      const serverKey = message.headers?.get(serverKeyHeader) || undefined;
      const { decision, reply, address, sessionId } = await answer({ data: message.data, serverKey });
      metrics.logins.inc({ outcome: decision });
      if (reply) message.respond(reply);
      if (decision === 'accepted') log.debug({ sessionId, address }, 'an app connects to the broker');
      else if (reply) log.info({ decision, sessionId, address }, 'an app was refused at the broker');
      else if (serverKey === undefined) log.error('the broker asks in clear: its auth_callout has no xkey');
      else log.warn('a question that no server of this broker asked, or too late, was not answered');
    } catch (error) {
      // The server waits for its own deadline, and the app gets no further than that.
      metrics.logins.inc({ outcome: 'failed' });
      log.error({ err: error }, 'nobody knows whether an app may connect to the broker');
    }
  }

  const subscription = nats.connection.subscribe(subject, {
    queue: 'identity',
    callback: (error, message) => {
      if (error) return log.error({ err: error }, 'cannot listen for the logins of apps');
      if (inHand.size >= mostInHand) return metrics.logins.inc({ outcome: 'failed' });
      const done = respond(message).finally(() => inHand.delete(done));
      inHand.add(done);
    },
  });
  return {
    async close() {
      await subscription.drain();
      await Promise.all(inHand);
    },
  };
}
