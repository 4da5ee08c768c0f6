import type { Client } from 'pg';
import type { Cursor } from './relay-cursor.ts';

/** An outbox row on its way to the stream. */
export interface OutboxEvent {
  readonly xid: string;
  readonly seq: string;
  readonly id: string;
  readonly subject: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly traceparent: string | null;
  readonly data: string;
  readonly at: Date;
  readonly sequence?: string;
}

/**
 * Rows after the cursor whose transactions are older than every running one: nothing can be committed behind them any
 * more. `ORDER BY o.xid` must name the table's column: the output column of that name is text, and sorts '10' before '9'.
 */
export const nextRows = `
  SELECT o.xid::text AS xid, o.seq::text AS seq, o.id, o.subject, o.aggregate_id AS "aggregateId",
         o.aggregate_version AS "aggregateVersion", o.traceparent, o.data::text AS data, o.at
  FROM outbox o
  WHERE (o.xid, o.seq) > ($1::xid8, $2::bigint) AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
  ORDER BY o.xid, o.seq
  LIMIT $3`;

export async function readBatch(
  client: Client,
  after: Pick<Cursor, 'xid' | 'seq'>,
  limit: number,
): Promise<OutboxEvent[]> {
  const { rows } = await client.query<OutboxEvent>({
    name: 'read-outbox',
    text: nextRows,
    values: [after.xid, after.seq, limit],
  });
  return rows;
}

/** Age of the oldest unpublished row, those behind a running transaction included: a stall must show. */
export async function lagSeconds(client: Client, after: Pick<Cursor, 'xid' | 'seq'>): Promise<number> {
  const { rows } = await client.query<{ lag: number }>({
    name: 'outbox-lag',
    text: `SELECT extract(epoch FROM clock_timestamp() - o.at)::float8 AS lag FROM outbox o
           WHERE (o.xid, o.seq) > ($1::xid8, $2::bigint) ORDER BY o.xid, o.seq LIMIT 1`,
    values: [after.xid, after.seq],
  });
  return Math.max(0, rows[0]?.lag ?? 0);
}
