import { connect, errors, headers, type NatsConnection } from '@nats-io/transport-node';
import type { About, Operation, OperationKind, Recorder } from '../history.ts';

const subjects = {
  charge: 'payments.wallet.charge',
  refund: 'payments.transfer.refund',
  hold: 'payments.hold.place',
  capture: 'payments.hold.capture',
  release: 'payments.hold.release',
} as const satisfies Partial<Record<OperationKind, string>>;

export interface Question {
  readonly kind: keyof typeof subjects;
  readonly about: About;
  readonly request: object;
  readonly timeoutMs: number;
}

/** Asks payments over the broker, as charging does, and writes into the history what came of it; never throws. */
export interface Asker {
  ask(question: Question): Promise<Operation>;
  close(): Promise<void>;
}

/** Refusals that say nothing about what happened, or come again: as 5xx are over HTTP. */
const unsure: Readonly<Record<string, number>> = {
  service_unavailable: 503,
  overloaded: 503,
  upstream_timeout: 504,
  internal: 500,
  bad_gateway: 502,
};

export interface AskerOptions {
  readonly natsUrl: string;
  readonly streamPrefix: string;
  readonly history: Recorder;
}

export async function createAsker({ natsUrl, streamPrefix, history }: AskerOptions): Promise<Asker> {
  const nats = await connectTo(natsUrl);
  const prefix = streamPrefix === '' ? '' : `${streamPrefix}.`;

  async function ask({ kind, about, request, timeoutMs }: Question): Promise<Operation> {
    const end = history.invoke({ kind, about, request });
    try {
      const envelope = headers();
      envelope.set('deadline-remaining-ms', String(timeoutMs));
      const body = JSON.stringify(request);
      const reply = await nats.request(`${prefix}${subjects[kind]}`, body, { timeout: timeoutMs, headers: envelope });
      const code = reply.headers?.get('error-code');
      if (!code) return end({ outcome: 'ok', status: 200, reply: reply.string() });
      const status = unsure[code];
      return end({ outcome: status === undefined ? 'fail' : 'unknown', status: status ?? 409, code });
    } catch (error) {
      const { name, message } = error as Error;
      // Nobody is there: it did not happen, and is as good as a 503.
      const isAway = error instanceof errors.NoRespondersError || error instanceof errors.RequestError;
      return end({ outcome: 'unknown', status: isAway ? 503 : null, error: `${name}: ${message}` });
    }
  }

  return { ask, close: () => nats.close() };
}

export function connectTo(url: string): Promise<NatsConnection> {
  const { host, username, password } = new URL(url);
  return connect({
    servers: host,
    ...(username !== '' && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
  });
}
