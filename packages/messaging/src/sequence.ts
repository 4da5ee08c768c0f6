import type { Msg } from '@nats-io/transport-node';
import { z } from 'zod';
import type { OutboxEvent } from './outbox-batch.ts';
import type { Cursor } from './relay-cursor.ts';

/**
 * An event's place among those of its type, as its `ce-sequence` header tells it: `<epoch>.<number>`. Versions would not
 * do: most types speak of an aggregate once, and what never came has no successor that shows it.
 */
export interface Sequence {
  readonly epoch: string;
  readonly number: number;
}

/** What the relay says of itself every few seconds: who has heard less has missed something. */
export const Told = z.object({ epoch: z.string(), numbers: z.record(z.string(), z.number()) });
export type Told = z.output<typeof Told>;

/** Events of one type, by number, both ends included. Those of before the epoch count on downwards, below 1. */
export const Missing = z.object({
  type: z.string(),
  epoch: z.string(),
  from: z.int(),
  to: z.int(),
});
export type Missing = z.output<typeof Missing>;

/** How many of them were there to be published again. Fewer than asked for: the others are kept no longer. */
export const Replayed = z.object({ published: z.number() });

/** Null for what is none. An error in a subscription's callback would cost the connection. */
export function readAs<S extends z.ZodType>(schema: S, message: Pick<Msg, 'json'>): z.output<S> | null {
  try {
    return schema.safeParse(message.json()).data ?? null;
  } catch {
    return null;
  }
}

/** The same events after the same cursor get the same numbers, however often a batch is repeated. */
export function numbered(
  { epoch, numbers }: Pick<Cursor, 'epoch' | 'numbers'>,
  events: readonly OutboxEvent[],
): { events: OutboxEvent[]; numbers: Record<string, number> } {
  const next = { ...numbers };
  const withNumbers = events.map((event) => {
    const number = (next[event.subject] ?? 0) + 1;
    next[event.subject] = number;
    return { ...event, sequence: `${epoch}.${number}` };
  });
  return { events: withNumbers, numbers: next };
}

const sequence = /^([0-9a-f]+)\.([1-9]\d{0,14})$/;

export function readSequence(header: string | undefined): Sequence | null {
  const [, epoch, number] = sequence.exec(header ?? '') ?? [];
  return epoch === undefined ? null : { epoch, number: Number(number) };
}
