import { connect, type NatsConnection, wsconnect } from '@nats-io/transport-node';
import type { SignedInDriver } from './app.ts';

export interface Listener {
  readonly connection: NatsConnection;
  readonly heard: { subject: string; data: unknown }[];
}

/** As an app does it, with what it was given at the sign-in; over TCP to `tcp`, which is the same server by another port. */
export async function listenAs(
  { servers, topic, user, pass }: SignedInDriver['nats'],
  tcp?: string | undefined,
): Promise<Listener> {
  const login = { user, pass, reconnect: false, timeout: 10_000 };
  const connection = tcp ? await connect({ servers: tcp, ...login }) : await wsconnect({ servers, ...login });
  const heard: { subject: string; data: unknown }[] = [];
  for (const subject of [topic, `${topic}.>`]) {
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) heard.push({ subject: message.subject, data: message.json() });
      },
    });
  }
  await connection.flush();
  return { connection, heard };
}

/** What is heard of one payment. */
export const bothForms = (topic: string, amount: number): Listener['heard'] => [
  { subject: topic, data: { replenishment: { status: 'success', amount } } },
  { subject: `${topic}.REPLENISHMENT`, data: { status: 'success', amount } },
];
