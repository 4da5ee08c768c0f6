import type { Nats } from '@forecourt/messaging';
import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { TopicMessage } from './push.ts';

/**
 * The line to listeners, who are core subscribers and hear what comes while they listen. A stream stands in front of them
 * that knows each message by its id: what is said to it twice, it hands on once (ADR 0033).
 */
export interface PushLine {
  /** Once for each id, whoever says it how often, within `rememberedSeconds`. Resolves when the stream has it. */
  tellOnce(id: string, message: TopicMessage): Promise<void>;
}

/** Longer than any push is tried for. */
export const rememberedSeconds = 7_200;
const maxBytes = 268_435_456;

export function createPushLine(nats: Nats, replicas: number): PushLine {
  const { streamPrefix: prefix } = nats;
  const name = prefix === '' ? 'PUSH' : `${prefix}_PUSH`;
  const root = prefix === '' ? 'push-queue' : `${prefix}.push-queue`;
  let isThere: Promise<unknown> | undefined;

  const make = () =>
    nats.manager.streams.add({
      name,
      subjects: [`${root}.>`],
      republish: { src: `${root}.>`, dest: 'push.>' },
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      // Rather refuse, and be told again, than forget what was said and hand it on a second time.
      discard: DiscardPolicy.New,
      max_bytes: maxBytes,
      max_age: rememberedSeconds * 1e9,
      duplicate_window: rememberedSeconds * 1e9,
      num_replicas: replicas,
    });

  return {
    tellOnce: async (id, { subject, payload }) => {
      try {
        isThere ??= make();
        await isThere;
        await nats.jetstream.publish(subject.replace(/^push/, root), payload, { msgID: id, timeout: 5_000 });
      } catch (error) {
        // It may have gone with the broker's disk: made again before the next try.
        isThere = undefined;
        throw error;
      }
    },
  };
}
