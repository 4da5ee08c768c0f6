import type { RequestContract } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { type Answering, answer, ask, type Nats } from '@forecourt/messaging';
import { z } from 'zod';
import { type Carried, Outcome, Wish } from './wish.ts';

const stationId = z.string().min(1).max(64);
const generation = z.codec(z.string().regex(/^\d{1,19}$/), z.bigint(), {
  decode: (digits) => BigInt(digits),
  encode: (number) => String(number),
});

/** What one process of this service writes to another about a station whose socket that one has, or had. */
export const Letter = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('wish'), stationId, wish: Wish }),
  /** It is here now. */
  z.strictObject({ kind: z.literal('superseded'), stationId, generation }),
  /** Let it come again. */
  z.strictObject({ kind: z.literal('disconnect'), stationId, generation, reason: z.string().max(100) }),
]);
export type Letter = z.output<typeof Letter>;

/** elsewhere: this process does not have that station. */
const Reply = z.union([
  z.strictObject({ kind: z.literal('elsewhere') }),
  z.strictObject({ kind: z.literal('carried'), outcome: Outcome, answer: z.unknown() }),
]);

/**
 * A subject for each process, and not for each station: a connection to the broker has room for some hundred subjects,
 * and stations come back by the thousand. Three words, since the stream takes all that have four.
 */
const addressedTo = (instance: string) =>
  ({
    kind: 'request',
    subject: `charging.station.${instance}`,
    summary: 'About a station whose socket that process has.',
    request: Letter,
    reply: Reply,
  }) satisfies RequestContract;

const mostInHand = 2_048;

export async function askNeighbour(
  nats: Nats,
  instance: string,
  letter: Letter,
  timeoutMs: number,
): Promise<Carried | 'elsewhere'> {
  try {
    const reply = await ask(nats, addressedTo(instance), letter, { timeoutMs });
    return reply.kind === 'elsewhere' ? 'elsewhere' : { outcome: reply.outcome, answer: reply.answer };
  } catch (error) {
    // It is not there any more, or we are not: nothing was handed over.
    if (error instanceof AppError && error.code === 'service_unavailable') return 'elsewhere';
    if (error instanceof AppError && error.code === 'upstream_timeout') return { outcome: 'timeout', answer: null };
    throw error;
  }
}

/** Takes what others write to this process. */
export function hearNeighbours(
  nats: Nats,
  instance: string,
  receive: (letter: Letter, remainingMs: number) => Promise<Carried | 'elsewhere'>,
): Answering {
  return answer(
    nats,
    addressedTo(instance),
    async (letter, { deadline }) => {
      const carried = await receive(letter, deadline.remainingMs());
      return carried === 'elsewhere' ? ({ kind: carried } as const) : ({ kind: 'carried', ...carried } as const);
    },
    { maxInFlight: mostInHand },
  );
}
