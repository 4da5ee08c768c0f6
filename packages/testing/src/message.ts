import type { EventContract } from '@forecourt/contracts';
import {
  type Consumer,
  cloudEventHeaders,
  type Delivery,
  dispatch,
  outboxRow,
  plainHeaders,
  type SqlTx,
  type Transact,
} from '@forecourt/messaging';
import type { z } from 'zod';

export interface MessageWishes {
  id?: string;
  time?: Date;
  deliveryCount?: number;
  traceparent?: string;
  /** Sent instead of the data: bytes or text that no producer should have sent. */
  payload?: Uint8Array | string;
}

/** An event as a consumer would be given it, made by the code that makes real ones. */
export function aMessage<E extends EventContract>(
  event: E,
  data: z.output<E['data']>,
  { id, time = new Date(), deliveryCount = 1, traceparent, payload }: MessageWishes = {},
): Delivery {
  const row = outboxRow(event, data);
  const headers = cloudEventHeaders({
    id: id ?? row.id,
    type: row.subject,
    time,
    aggregateId: row.aggregate_id,
    aggregateVersion: row.aggregate_version,
    traceparent: traceparent ?? row.traceparent,
  });
  return {
    subject: row.subject,
    headers: plainHeaders(headers),
    payload: Buffer.from(payload ?? row.data),
    deliveryCount,
    fallbackId: row.id,
  };
}

/** Delivers once, on exactly the path of `startConsumers`, but without NATS: what would be acknowledged is returned. */
export async function deliver<Tx extends SqlTx>(
  consumer: Consumer<Tx>,
  message: Delivery,
  { transact, tries }: { transact: Transact<Tx>; tries?: number },
): Promise<'applied' | 'duplicate' | 'dead' | 'retry'> {
  const outcome = await dispatch(consumer, message, { transact, ...(tries !== undefined && { tries }) });
  return outcome.kind;
}
