import type { EventContract } from '@forecourt/contracts';
import { z } from 'zod';
import type { SqlTx } from './sql-tx.ts';
import { currentTrace } from './trace.ts';
import { newMessageId } from './uuid.ts';

/** The columns of an outbox row, named as in the table; the rest (`at`, `seq`, `xid`) the database fills in. */
export interface OutboxRow {
  readonly id: string;
  readonly subject: string;
  readonly aggregate_id: string;
  readonly aggregate_version: number;
  readonly traceparent: string | null;
  /** The event's data as JSON text, in wire form. */
  readonly data: string;
}

/** One event of many, for `enqueueAll`; made by `outboxRow`. */
export type OutboxEntry = OutboxRow;

/** The column values of an event, for a service that folds the insert into a statement of its own. */
export function outboxRow<E extends EventContract>(event: E, data: z.output<E['data']>): OutboxRow {
  const wire = z.encode(event.data, data) as Record<string, unknown> & { version: number };
  return {
    id: newMessageId(),
    subject: event.subject,
    aggregate_id: String(wire[event.aggregate]),
    aggregate_version: wire.version,
    traceparent: currentTrace().traceparent ?? null,
    data: JSON.stringify(wire),
  };
}

/** Tells an event: one INSERT in your transaction; the relay publishes it once the transaction has committed. */
export async function enqueue<E extends EventContract>(
  tx: Pick<SqlTx, '$executeRaw'>,
  event: E,
  data: z.output<E['data']>,
): Promise<void> {
  const row = outboxRow(event, data);
  await tx.$executeRaw`
    INSERT INTO outbox (id, subject, aggregate_id, aggregate_version, traceparent, data)
    VALUES (${row.id}::uuid, ${row.subject}::text, ${row.aggregate_id}::text, ${row.aggregate_version}::int,
            ${row.traceparent}::text, ${row.data}::jsonb)`;
}

/** Tells many events, in their order, in one INSERT. */
export async function enqueueAll(tx: Pick<SqlTx, '$executeRaw'>, events: readonly OutboxEntry[]): Promise<void> {
  if (events.length === 0) return;
  const rows = `[${events.map(rowAsJson).join()}]`;
  await tx.$executeRaw`
    INSERT INTO outbox (id, subject, aggregate_id, aggregate_version, traceparent, data)
    SELECT id, subject, aggregate_id, aggregate_version, traceparent, data
    FROM jsonb_to_recordset(${rows}::jsonb)
      AS row (id uuid, subject text, aggregate_id text, aggregate_version int, traceparent text, data jsonb)`;
}

/** `data` is JSON already, and is spliced in as it is. */
const rowAsJson = ({ data, ...columns }: OutboxRow) => `${JSON.stringify(columns).slice(0, -1)},"data":${data}}`;
