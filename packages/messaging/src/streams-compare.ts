import type { Service } from '@forecourt/contracts';
import { DeliverPolicy } from '@nats-io/jetstream';
import type { Client } from 'pg';
import { replaySubject, streamOfService } from './names.ts';
import type { Nats } from './nats.ts';
import { type Missing, Replayed } from './sequence.ts';

/** One type of event, as the outbox has it and as the stream does. */
export interface Comparison {
  readonly type: string;
  /** Told, and young enough for the stream to have it. */
  readonly outbox: number;
  /** So many of them it has. */
  readonly stream: number;
  /** Told, and not in the stream. */
  readonly missing: number;
  /** In the stream, and not in the outbox: of a database that went back to an earlier moment. */
  readonly unknown: number;
}

interface Place {
  client: Client;
  nats: Nats;
  service: Service;
}

const portion = 5000;
/** What is as old as the stream keeps messages may be gone from it at any moment. */
const edge = '1 minute';

/** Every event by its id, in whatever number: the ids of the stream go through a temporary table. */
export async function compareStream({ client, nats, service }: Place): Promise<Comparison[]> {
  await readIntoDatabase(client, nats, streamOfService(nats.streamPrefix, service));
  const { rows } = await client.query<Comparison>(
    `WITH kept AS (${keptRows})
     SELECT coalesce(kept.subject, streamed.subject) AS type, count(kept.id)::int AS outbox, count(streamed.id) FILTER (WHERE kept.id IS NOT NULL)::int AS stream,
            count(kept.id) FILTER (WHERE streamed.id IS NULL)::int AS missing,
            count(*) FILTER (WHERE kept.id IS NULL AND NOT EXISTS (SELECT FROM outbox o WHERE o.id::text = streamed.id))::int AS unknown
     FROM kept FULL JOIN streamed ON streamed.id = kept.id
     GROUP BY 1 ORDER BY 1`,
  );
  return rows;
}

/** Asks the active relay for all that `compareStream` found missing; gives how many it has published again. */
export async function replayMissing({ client, nats, service }: Place): Promise<number> {
  const { rows } = await client.query<Missing>(
    `WITH kept AS (${keptRows}),
          missing AS (SELECT subject, epoch, number, number - row_number() OVER (PARTITION BY subject ORDER BY number) AS run
                      FROM kept WHERE id NOT IN (SELECT id FROM streamed))
     SELECT subject AS type, epoch, min(number)::int AS "from", max(number)::int AS "to"
     FROM missing GROUP BY subject, epoch, run ORDER BY 1, 3`,
  );
  let count = 0;
  for (const run of rows) {
    for (let from = run.from; from <= run.to; ) {
      const wish: Missing = { ...run, from };
      const reply = await nats.connection.request(replaySubject(nats.streamPrefix, service), JSON.stringify(wish), {
        timeout: 30_000,
      });
      const { published } = Replayed.parse(reply.json());
      if (published === 0) throw new Error(`the relay does not know ${run.type} ${from}`);
      count += published;
      from += published;
    }
  }
  return count;
}

/** Rows that the stream should have, with the numbers that the relay gave them, which it counts in the same way. */
const keptRows = `
  SELECT * FROM (
    SELECT o.id::text AS id, o.subject, o.at, cursor.epoch,
           coalesce((cursor.numbers ->> o.subject)::bigint, 0) + 1
             - row_number() OVER (PARTITION BY o.subject ORDER BY o.xid DESC, o.seq DESC) AS number
    FROM told_so_far cursor JOIN outbox o ON (o.xid, o.seq) <= (cursor.xid, cursor.seq)
  ) told
  WHERE at > (SELECT oldest FROM stream_age) + interval '${edge}'
    AND NOT EXISTS (SELECT FROM dead_letter WHERE message_id = told.id AND reason = 'unpublishable')`;

async function readIntoDatabase(client: Client, nats: Nats, stream: string): Promise<void> {
  // first: what is told from now on is no matter of ours
  await client.query('CREATE TEMPORARY TABLE told_so_far AS TABLE outbox_cursor');
  await client.query('CREATE TEMPORARY TABLE streamed (id text PRIMARY KEY, subject text NOT NULL)');
  const { config, state } = await nats.manager.streams.info(stream);
  await client.query(`CREATE TEMPORARY TABLE stream_age AS SELECT now() - make_interval(secs => $1) AS oldest`, [
    config.max_age / 1e9,
  ]);
  if (state.messages === 0) return;
  const reader = await nats.jetstream.consumers.get(stream, {
    deliver_policy: DeliverPolicy.All,
    headers_only: true,
  });
  let ids: string[] = [];
  let subjects: string[] = [];
  const store = async () => {
    await client.query('INSERT INTO streamed SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING', [
      ids,
      subjects,
    ]);
    ids = [];
    subjects = [];
  };
  const messages = await reader.consume({ max_messages: portion });
  for await (const message of messages) {
    ids.push(message.headers?.get('ce-id') ?? '');
    subjects.push(message.headers?.get('ce-type') ?? message.subject);
    if (ids.length === portion) await store();
    if (message.seq >= state.last_seq || message.info.pending === 0) break;
  }
  await messages.close();
  await store();
}
