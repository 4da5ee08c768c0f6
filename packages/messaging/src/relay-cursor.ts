import { randomBytes } from 'node:crypto';
import type { Client, QueryConfig } from 'pg';

/** How far the relay has come in the outbox, and the stream and database that this was true of. */
export interface Cursor {
  readonly stream: string;
  readonly xid: string;
  readonly seq: string;
  readonly streamSeq: number;
  readonly streamCreated: string | null;
  readonly systemId: string | null;
  readonly rebuilds: number;
  /** Events are numbered from 1 in each epoch, and a new one begins whenever everything is published again. */
  readonly epoch: string;
  /** The last number given, by type. */
  readonly numbers: Readonly<Record<string, number>>;
}

const newEpoch = () => randomBytes(6).toString('hex');

const columns = `stream, xid::text AS xid, seq::text AS seq, stream_seq::float8 AS "streamSeq",
  stream_created AS "streamCreated", system_id AS "systemId", rebuilds, epoch, numbers`;

export async function loadCursor(client: Client, stream: string): Promise<Cursor> {
  await client.query('INSERT INTO outbox_cursor (stream) VALUES ($1) ON CONFLICT DO NOTHING', [stream]);
  const { rows } = await client.query<Cursor>(`SELECT ${columns} FROM outbox_cursor WHERE stream = $1`, [stream]);
  const [cursor] = rows;
  if (cursor === undefined) throw new Error(`cursor of ${stream} is gone`);
  return cursor.epoch === '' ? saveCursor(client, { ...cursor, epoch: newEpoch() }) : cursor;
}

/** Without a claim to it; the very beginning where there is none yet. */
export async function peekCursor(client: Client, stream: string): Promise<Pick<Cursor, 'xid' | 'seq'>> {
  const { rows } = await client.query<Pick<Cursor, 'xid' | 'seq'>>(
    'SELECT xid::text AS xid, seq::text AS seq FROM outbox_cursor WHERE stream = $1',
    [stream],
  );
  return rows[0] ?? { xid: '0', seq: '0' };
}

export async function saveCursor(client: Client, cursor: Cursor): Promise<Cursor> {
  await client.query({
    name: 'save-cursor',
    text: `UPDATE outbox_cursor
           SET xid = $2::xid8, seq = $3, stream_seq = $4, stream_created = $5, system_id = $6, rebuilds = $7,
               epoch = $8, numbers = $9, moved_at = now()
           WHERE stream = $1`,
    values: [
      cursor.stream,
      cursor.xid,
      cursor.seq,
      cursor.streamSeq,
      cursor.streamCreated,
      cursor.systemId,
      cursor.rebuilds,
      cursor.epoch,
      JSON.stringify(cursor.numbers),
    ],
  });
  return cursor;
}

/** Back to the oldest row that is kept; who has applied it already will notice. */
export const rewound = (cursor: Cursor): Cursor => ({
  ...cursor,
  xid: '0',
  seq: '0',
  rebuilds: cursor.rebuilds + 1,
  epoch: newEpoch(),
  numbers: {},
});

/** Every row that is kept is touched once. */
const restoreTimeoutMs = 3_600_000;

interface ClusterFacts {
  systemId: string | null;
  /** The cursor speaks of a transaction that this cluster has not yet begun. */
  ahead: boolean;
}

async function clusterFacts(client: Client, cursor: Cursor): Promise<ClusterFacts> {
  const { rows } = await client.query<{ ahead: boolean }>(
    'SELECT $1::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) AS ahead',
    [cursor.xid],
  );
  return { systemId: await systemIdentifier(client), ahead: rows[0]?.ahead ?? false };
}

/** Null where the provider does not let us look; the cursor's transaction id is then the only witness. */
async function systemIdentifier(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ allowed: boolean }>(
    `SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS allowed`,
  );
  if (!rows[0]?.allowed) return null;
  const identifier = await client.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  );
  return identifier.rows[0]?.id ?? null;
}

/**
 * A database that came out of a dump counts its transactions anew: old rows may carry ids from the future, where the
 * relay would wait for ever, or ids among which new ones fall. All rows are brought before the first transaction, in
 * the order of `seq`, which is each aggregate's own order; then everything is published again.
 */
export async function recogniseDatabase(
  client: Client,
  cursor: Cursor,
): Promise<{ cursor: Cursor; restored: boolean }> {
  const { systemId, ahead } = await clusterFacts(client, cursor);
  const moved = systemId !== null && cursor.systemId !== null && systemId !== cursor.systemId;
  if (!moved && !ahead) {
    const same = systemId === null || systemId === cursor.systemId;
    return { cursor: same ? cursor : await saveCursor(client, { ...cursor, systemId }), restored: false };
  }
  await client.query('BEGIN');
  await client.query('SET LOCAL statement_timeout = 0');
  await client.query({ text: `UPDATE outbox SET xid = '0'`, query_timeout: restoreTimeoutMs } as QueryConfig);
  const reset = await saveCursor(client, { ...rewound(cursor), systemId });
  await client.query('COMMIT');
  return { cursor: reset, restored: true };
}

/** What the stream says of itself. */
export interface StreamFacts {
  readonly created: string;
  readonly lastSeq: number;
}

/** A stream that is another one, or that has fewer messages than were once acknowledged, has lost events. */
export function recogniseStream(cursor: Cursor, stream: StreamFacts): { cursor: Cursor; lost: boolean } {
  const known = { ...cursor, streamCreated: stream.created };
  const lost =
    cursor.streamCreated !== null && (cursor.streamCreated !== stream.created || stream.lastSeq < cursor.streamSeq);
  return lost ? { cursor: { ...rewound(known), streamSeq: 0 }, lost } : { cursor: known, lost };
}
