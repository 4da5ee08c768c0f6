import type { Service } from '@forecourt/contracts';
import type { Client } from 'pg';
import { markReplayed, markReplayFailed, takeRequestedReplay } from './dead-letter.ts';
import type { Nats } from './nats.ts';
import { publishBatch } from './outbox-publish.ts';
import { sqlTx } from './pg-tx.ts';

/** Publishes what was once unpublishable and is asked for again, say after the server's limit was raised. */
export async function republishBuried(
  { client, nats, service }: { client: Client; nats: Nats; service: Service },
  consumer: string,
  line: AbortSignal,
): Promise<void> {
  const tx = sqlTx(client);
  for (;;) {
    await client.query('BEGIN');
    const letter = await takeRequestedReplay(tx, [consumer]);
    if (letter !== null) {
      const event = {
        xid: '0',
        seq: '0',
        id: letter.messageId,
        subject: letter.subject,
        aggregateId: letter.headers['ce-subject'] ?? '',
        aggregateVersion: Number(letter.headers['ce-aggregateversion']),
        traceparent: letter.headers.traceparent ?? null,
        data: Buffer.from(letter.payload).toString(),
        at: new Date(letter.headers['ce-time'] ?? Date.now()),
      };
      const { unpublishable } = await publishBatch({ nats, service }, [event], 0, line);
      const [failure] = unpublishable;
      await (failure ? markReplayFailed(tx, letter.id, failure.error.message) : markReplayed(tx, letter.id));
    }
    await client.query('COMMIT');
    if (letter === null) return;
  }
}
