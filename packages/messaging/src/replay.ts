import type { Consumer } from './consumer.ts';
import { errorText, markReplayed, markReplayFailed, takeRequestedReplay } from './dead-letter.ts';
import { applyOnce, readData } from './dispatch.ts';
import { readEnvelope } from './headers.ts';
import type { SqlTx, Transact } from './sql-tx.ts';

/**
 * Runs the dead letters that somebody asked to have replayed, each by the consumer that it died in and by no other.
 * The letter is locked and marked in the transaction of its effect, and the inbox stands guard as ever: never twice.
 */
export async function replayRequested<Tx extends SqlTx>(
  consumers: readonly Consumer<Tx>[],
  transact: Transact<Tx>,
): Promise<{ replayed: number; failed: number }> {
  const byName = new Map(consumers.map((consumer) => [consumer.durable, consumer]));
  const counts = { replayed: 0, failed: 0 };
  for (;;) {
    const outcome = await replayNext(byName, transact);
    if (outcome === null) return counts;
    counts[outcome]++;
  }
}

async function replayNext<Tx extends SqlTx>(
  consumers: ReadonlyMap<string, Consumer<Tx>>,
  transact: Transact<Tx>,
): Promise<'replayed' | 'failed' | null> {
  let taken: string | undefined;
  try {
    return await transact(async (tx) => {
      const letter = await takeRequestedReplay(tx, [...consumers.keys()]);
      if (letter === null) return null;
      taken = letter.id;
      const consumer = consumers.get(letter.consumer) as Consumer<Tx>;
      const { time, aggregateId, traceparent } = readEnvelope(letter.headers, letter.messageId);
      const meta = { id: letter.messageId, time, aggregateId, deliveryCount: 1, ...(traceparent && { traceparent }) };
      await applyOnce(tx, consumer, readData(consumer, letter.payload), meta);
      await markReplayed(tx, letter.id);
      return 'replayed';
    });
  } catch (error) {
    if (taken === undefined) throw error;
    const id = taken;
    await transact((tx) => markReplayFailed(tx, id, errorText(error)));
    return 'failed';
  }
}
