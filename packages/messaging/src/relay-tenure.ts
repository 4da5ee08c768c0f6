import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from '@forecourt/contracts';
import type { Client } from 'pg';
import type { Logger } from 'pino';
import type { Bell } from './bell.ts';
import { bury } from './dead-letter.ts';
import type { MessagingMetrics } from './metrics.ts';
import { streamOfService } from './names.ts';
import type { Nats } from './nats.ts';
import { lagSeconds, type OutboxEvent, readBatch } from './outbox-batch.ts';
import { type Published, publishBatch } from './outbox-publish.ts';
import { dropOldPartitions, makePartitions } from './partition.ts';
import { sqlTx } from './pg-tx.ts';
import { type Cursor, loadCursor, recogniseDatabase, recogniseStream, rewound, saveCursor } from './relay-cursor.ts';
import { hearMissed, type Missed } from './relay-missed.ts';
import { republishBuried } from './relay-replay.ts';
import { numbered } from './sequence.ts';
import type { SqlTx } from './sql-tx.ts';
import { ensureStream, type StreamLimits } from './stream.ts';
import { unlessBroken } from './unless-broken.ts';

export interface TenureOptions {
  service: Service;
  client: Client;
  nats: Nats;
  log: Logger;
  metrics: MessagingMetrics;
  bell: Bell;
  limits: StreamLimits;
  retentionDays: number;
  batchSize: number;
  lookEveryMs: number;
  liftVersions?: LiftVersions | undefined;
  /** Aborted when the connection to NATS is lost: what is asked stays unanswered, and the next stream may be another one. */
  line(): AbortSignal;
  observe(facts: { lagSeconds?: number; rebuilds?: number; published?: number }): void;
}

/** Raises the versions of all that this service tells above any that a later state of its database may have told. */
export type LiftVersions = (tx: SqlTx) => Promise<unknown>;

const relayConsumer = (service: Service): string => `${service}-relay`;

const idleMs = { shortest: 5, longest: 200 };
/** Between batches that are not full: events that come one by one all the time go out together. */
const gatherMs = 25;
const housekeepingEveryMs = 3_600_000;
/** Somebody was in the way. */
const untidyForMs = 60_000;

/** Publishes for as long as this process holds the lock; ends by throwing, or when `leaving` is aborted. */
export async function serveTenure(o: TenureOptions, leaving: AbortSignal): Promise<void> {
  const missed = hearMissed(o);
  try {
    await publishUntil(leaving, o, missed);
  } finally {
    missed.close();
  }
}

async function publishUntil(leaving: AbortSignal, o: TenureOptions, missed: Missed): Promise<void> {
  const stream = streamOfService(o.nats.streamPrefix, o.service);
  let cursor = await recogniseOwnDatabase(o, await loadCursor(o.client, stream));
  let looked = Number.NEGATIVE_INFINITY;
  let line = o.line();
  let housekept = Number.NEGATIVE_INFINITY;
  let idle = idleMs.shortest;

  while (!leaving.aborted) {
    if (!o.nats.isConnected()) throw new Error('the connection to NATS is lost');
    const now = performance.now();
    if (line.aborted || now - looked >= o.lookEveryMs) {
      line = o.line();
      cursor = await lookAtStream(o, cursor, line);
      if (looked === Number.NEGATIVE_INFINITY) cursor = await recogniseForgetting(o, cursor, line);
      await republishBuried(o, relayConsumer(o.service), line);
      o.observe({ lagSeconds: await lagSeconds(o.client, cursor), rebuilds: cursor.rebuilds });
      missed.announce(cursor);
      looked = now;
    }
    if (now - housekept >= housekeepingEveryMs) {
      housekept = (await keepHouse(o, cursor)) ? now : now - housekeepingEveryMs + untidyForMs;
    }
    cursor = await missed.fulfilOne(cursor, line);
    const { events, numbers } = numbered(cursor, await readBatch(o.client, cursor, o.batchSize));
    const last = events.at(-1);
    if (last === undefined) {
      // a commit that wakes us may still lie behind somebody else's open transaction: look again soon, then rarely
      idle = (await o.bell.wait(idle)) === 'rung' ? idleMs.shortest : Math.min(idle * 4, idleMs.longest);
      continue;
    }
    idle = idleMs.shortest;
    const { lastSeq, unpublishable } = await publishBatch(o, events, cursor.streamSeq, line, repetitionIn(cursor));
    await buryUnpublishable(o, unpublishable);
    cursor = await saveCursor(o.client, { ...cursor, xid: last.xid, seq: last.seq, streamSeq: lastSeq, numbers });
    o.observe({ published: events.length - unpublishable.length });
    if (events.length < o.batchSize) await pause(gatherMs);
  }
}

/** A stream that goes on after a rebuild may remember events, and their old numbers, that it is now told anew. */
const repetitionIn = ({ rebuilds, epoch }: Cursor) => (rebuilds === 0 ? undefined : epoch);

async function recogniseOwnDatabase(o: TenureOptions, loaded: Cursor): Promise<Cursor> {
  const { cursor, restored } = await recogniseDatabase(o.client, loaded);
  if (restored) {
    o.metrics.rebuilds.inc({ cause: 'database_restored' });
    o.log.warn({ stream: cursor.stream }, 'the database was restored: publishing everything kept again');
  }
  return cursor;
}

/** Fences every publication: a new or shortened stream is filled again before anything else goes into it. */
async function lookAtStream(o: TenureOptions, known: Cursor, line: AbortSignal): Promise<Cursor> {
  const { created, state } = await unlessBroken(line, ensureStream(o.nats, o.service, o.limits));
  const { cursor, lost } = recogniseStream(known, { created, lastSeq: state.last_seq });
  if (lost) {
    o.metrics.rebuilds.inc({ cause: 'stream_lost' });
    o.log.warn({ stream: cursor.stream }, 'the stream lost events: publishing everything kept again');
  }
  return lost || cursor.streamCreated !== known.streamCreated ? saveCursor(o.client, cursor) : cursor;
}

/**
 * The stream goes on behind our last event, with one that the outbox does not know: it was told by a later state of this
 * database, which has since gone back. Others know versions that will now be given again, and would drop what we say.
 */
async function recogniseForgetting(o: TenureOptions, cursor: Cursor, line: AbortSignal): Promise<Cursor> {
  const { state } = await unlessBroken(line, o.nats.manager.streams.info(cursor.stream));
  if (state.last_seq <= cursor.streamSeq || (await isKnown(o, cursor.stream, state.last_seq))) return cursor;
  o.metrics.rebuilds.inc({ cause: 'database_went_back' });
  o.log.error(
    { stream: cursor.stream, forgotten: state.last_seq - cursor.streamSeq },
    'the database went back in time',
  );
  await o.client.query('BEGIN');
  await o.liftVersions?.(sqlTx(o.client));
  const saved = await saveCursor(o.client, { ...rewound(cursor), streamSeq: state.last_seq });
  await o.client.query('COMMIT');
  return saved;
}

async function isKnown({ client, nats }: TenureOptions, stream: string, place: number): Promise<boolean> {
  const message = await nats.manager.streams.getMessage(stream, { seq: place }).catch(() => null);
  if (message === null) return true;
  const { rowCount } = await client.query(
    `SELECT FROM outbox WHERE id::text = $1 UNION ALL SELECT FROM dead_letter WHERE message_id = $1 LIMIT 1`,
    [message.header.get('ce-id')],
  );
  return rowCount !== 0;
}

/** Rows find their place without it, in the default partition; so it may fail, but not silently. */
async function keepHouse(o: TenureOptions, cursor: Cursor): Promise<boolean> {
  try {
    await makePartitions(o.client, Date.now());
    o.metrics.dropped.inc(await dropOldPartitions(o.client, Date.now(), o.retentionDays, cursor));
    return true;
  } catch (error) {
    o.log.warn({ err: error }, 'cannot tend the partitions of the outbox');
    return false;
  }
}

async function buryUnpublishable(o: TenureOptions, unpublishable: Published['unpublishable']): Promise<void> {
  for (const { event, error } of unpublishable) {
    o.metrics.unpublishable.inc();
    o.log.error({ err: error, event: event.id, subject: event.subject }, 'event can never be published');
    await bury(sqlTx(o.client), unpublishableLetter(o.service, event, error));
  }
}

const unpublishableLetter = (service: Service, event: OutboxEvent, error: Error) => ({
  consumer: relayConsumer(service),
  messageId: event.id,
  subject: event.subject,
  headers: {
    'ce-time': event.at.toISOString(),
    'ce-subject': event.aggregateId,
    'ce-aggregateversion': String(event.aggregateVersion),
    ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
  },
  payload: Buffer.from(event.data),
  reason: 'unpublishable' as const,
  error: error.message,
  deliveries: 1,
});
