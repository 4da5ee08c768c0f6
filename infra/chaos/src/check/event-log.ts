import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import type { Pool } from 'pg';
import type { ToldEvent } from './events.ts';

/** Those with an outbox, and a stream each. */
export const tellingServices = ['identity', 'catalog', 'orders', 'charging', 'payments'] as const;

export type TellingService = (typeof tellingServices)[number];

/** Without a prefix the stream is named after the service alone, as the services themselves do. */
export const streamOf = (prefix: string, service: TellingService): string =>
  `${prefix === '' ? '' : `${prefix}_`}${service.toUpperCase()}`;

/** Everything that was told, from the outboxes; and everything that was published, stream after stream in its order. */
export async function toldEvents(
  database: Pool,
  nats: NatsConnection,
  streamPrefix: string,
): Promise<{ outbox: ToldEvent[]; streams: ToldEvent[] }> {
  const outboxes = tellingServices.map(
    (service) =>
      `SELECT id::text, subject, aggregate_id AS "aggregateId", aggregate_version AS "aggregateVersion" FROM ${service}.outbox`,
  );
  const { rows: outbox } = await database.query<ToldEvent>(outboxes.join(' UNION ALL '));
  const streams: ToldEvent[] = [];
  for (const service of tellingServices) streams.push(...(await readStream(nats, streamOf(streamPrefix, service))));
  return { outbox, streams };
}

async function readStream(nats: NatsConnection, stream: string): Promise<ToldEvent[]> {
  const { state } = await (await jetstreamManager(nats)).streams.info(stream);
  if (state.messages === 0) return [];
  const source = await jetstream(nats).consumers.get(stream, { headers_only: true });
  const published: ToldEvent[] = [];
  const messages = await source.consume({ max_messages: 1_000 });
  for await (const message of messages) {
    published.push(readHeaders(message.headers));
    // The last of all may have been lost, and then nothing comes after the last that is left.
    if (message.seq >= state.last_seq || message.info.pending === 0) break;
  }
  await messages.close();
  return published;
}

const readHeaders = (headers: MsgHdrs | undefined): ToldEvent => ({
  id: headers?.get('ce-id') ?? '',
  subject: headers?.get('ce-type') ?? '',
  aggregateId: decodeURIComponent(headers?.get('ce-subject') ?? ''),
  aggregateVersion: Number(headers?.get('ce-aggregateversion')),
});
