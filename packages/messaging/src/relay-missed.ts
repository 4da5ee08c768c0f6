import type { Service } from '@forecourt/contracts';
import type { Msg } from '@nats-io/transport-node';
import type { Client } from 'pg';
import type { Logger } from 'pino';
import type { Bell } from './bell.ts';
import type { MessagingMetrics } from './metrics.ts';
import { replaySubject, toldSubject } from './names.ts';
import type { Nats } from './nats.ts';
import type { OutboxEvent } from './outbox-batch.ts';
import { publishBatch } from './outbox-publish.ts';
import { type Cursor, saveCursor } from './relay-cursor.ts';
import { Missing, readAs, type Told } from './sequence.ts';

interface MissedOptions {
  service: Service;
  client: Client;
  nats: Nats;
  log: Logger;
  metrics: MessagingMetrics;
  bell: Bell;
}

/** The active relay's ear for those who have missed something. */
export interface Missed {
  /** Fulfils the oldest wish, if there is one: between two batches, so that what is new never waits for long. */
  fulfilOne(cursor: Cursor, line: AbortSignal): Promise<Cursor>;
  announce(cursor: Cursor): void;
  close(): void;
}

/** Who is turned away asks again. */
const longestQueue = 64;
const mostAtOnce = 500;
/** Several who miss the same, or one who asks twice, get it once. */
const sameWishMs = 5000;

export function hearMissed(o: MissedOptions): Missed {
  const { service, nats, bell, log } = o;
  const queue: Msg[] = [];
  const subscription = nats.connection.subscribe(replaySubject(nats.streamPrefix, service), {
    callback: (error, message) => {
      if (error || queue.length >= longestQueue) return;
      queue.push(message);
      bell.ring();
    },
  });

  return {
    async fulfilOne(cursor, line) {
      const message = queue.shift();
      if (message === undefined) return cursor;
      const wish = readAs(Missing, message);
      if (wish === null || wish.epoch !== cursor.epoch) return cursor;
      const events = await readTold(o.client, cursor, wish);
      const repetition = `again-${Math.floor(Date.now() / sameWishMs)}`;
      const { lastSeq } = await publishBatch(o, events, cursor.streamSeq, line, repetition);
      o.metrics.replayed.inc(events.length);
      log.warn({ ...wish, published: events.length }, 'events were missed, and are published again');
      const saved = await saveCursor(o.client, { ...cursor, streamSeq: lastSeq });
      message.respond(JSON.stringify({ published: events.length }));
      return saved;
    },
    announce({ epoch, numbers }) {
      const told: Told = { epoch, numbers };
      nats.connection.publish(toldSubject(nats.streamPrefix, service), JSON.stringify(told));
    },
    close: () => subscription.unsubscribe(),
  };
}

/** Rows have no numbers, but nothing can come between those before the cursor: counted back from it, they do. */
async function readTold(client: Client, cursor: Cursor, { type, from, to }: Missing): Promise<OutboxEvent[]> {
  const last = cursor.numbers[type] ?? 0;
  const newest = Math.min(to, last, from + mostAtOnce - 1);
  if (newest < from) return [];
  const { rows } = await client.query<OutboxEvent>({
    name: 'read-told',
    text: `SELECT o.xid::text AS xid, o.seq::text AS seq, o.id, o.subject, o.aggregate_id AS "aggregateId",
                  o.aggregate_version AS "aggregateVersion", o.traceparent, o.data::text AS data, o.at
           FROM outbox o
           WHERE o.subject = $1 AND (o.xid, o.seq) <= ($2::xid8, $3::bigint)
           ORDER BY o.xid DESC, o.seq DESC OFFSET $4 LIMIT $5`,
    values: [type, cursor.xid, cursor.seq, last - newest, newest - from + 1],
  });
  return rows.map((event, back) => ({ ...event, sequence: `${cursor.epoch}.${newest - back}` })).reverse();
}
