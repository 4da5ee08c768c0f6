import { AppError, type Category } from '@forecourt/errors';
import type { Consumer, EventMeta, Heard } from './consumer.ts';
import { bury, type DeathCause, errorText } from './dead-letter.ts';
import { type PlainHeaders, readEnvelope } from './headers.ts';
import type { SqlTx, Transact } from './sql-tx.ts';
import { applying } from './trace.ts';

/** A message as it came, whether from NATS, from the dead letters or from a test. */
export interface Delivery {
  readonly subject: string;
  /** Names in lower case. */
  readonly headers: PlainHeaders;
  readonly payload: Uint8Array;
  /** 1 at the first try. A try that took the process down counts too. */
  readonly deliveryCount: number;
  /** Names the message when its headers do not. */
  readonly fallbackId: string;
}

export type Outcome =
  | { readonly kind: 'applied' | 'duplicate' }
  | { readonly kind: 'dead'; readonly reason: DeathCause; readonly error: unknown }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly error: unknown };

export interface DispatchOptions<Tx extends SqlTx> {
  transact: Transact<Tx>;
  /** How often a message is tried before it is a dead letter. */
  tries?: number;
}

export const defaultTries = 10;

/**
 * All in one transaction, and one after the other when that does not work: what fails fails alone. What was delivered
 * before goes ahead of them and alone, since it may be what takes the process down.
 */
export async function dispatchMany<Tx extends SqlTx>(
  consumer: Consumer<Tx>,
  deliveries: readonly Delivery[],
  options: DispatchOptions<Tx>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const oneByOne = async (some: readonly Numbered[]) => {
    for (const [index, delivery] of some) outcomes[index] = await dispatch(consumer, delivery, options);
  };
  const numbered = [...deliveries.entries()];
  await oneByOne(numbered.filter(([, { deliveryCount }]) => deliveryCount > 1));
  const fresh = numbered.filter(([, { deliveryCount }]) => deliveryCount === 1);
  const together = fresh.length > 1 ? await tryTogether(consumer, fresh, options).catch(() => null) : null;
  if (together) for (const [index, outcome] of together) outcomes[index] = outcome;
  else await oneByOne(fresh);
  return outcomes;
}

type Numbered = readonly [index: number, delivery: Delivery];

async function tryTogether<Tx extends SqlTx>(
  consumer: Consumer<Tx>,
  deliveries: readonly Numbered[],
  { transact }: DispatchOptions<Tx>,
): Promise<[index: number, outcome: Outcome][]> {
  const events = deliveries.map(([index, delivery]) => ({
    index,
    data: readData(consumer, delivery.payload),
    meta: metaOf(delivery),
  }));
  const tellers = events.map(({ meta }) => meta.traceparent);
  const fresh = await applying(consumer.durable, tellers, () =>
    transact(async (tx) => {
      const news = consumer.guard === 'inbox' ? await firstTimes(tx, consumer.durable, events) : events;
      if (news.length > 0) await consumer.handle(tx, news);
      return new Set<Heard<unknown>>(news);
    }),
  );
  return events.map((event) => [event.index, { kind: fresh.has(event) ? 'applied' : 'duplicate' }]);
}

function metaOf({ headers, fallbackId, deliveryCount }: Delivery): EventMeta {
  const { id, time, aggregateId, traceparent } = readEnvelope(headers, fallbackId);
  return { id, time, aggregateId, deliveryCount, ...(traceparent && { traceparent }) };
}

/** One try: applied at most once, in one transaction with its inbox row; buried when it can never work. */
export async function dispatch<Tx extends SqlTx>(
  consumer: Consumer<Tx>,
  delivery: Delivery,
  { transact, tries = defaultTries }: DispatchOptions<Tx>,
): Promise<Outcome> {
  const meta = metaOf(delivery);
  const { id, deliveryCount, traceparent } = meta;

  async function die(reason: DeathCause, error: unknown): Promise<Outcome> {
    await transact((tx) =>
      bury(tx, {
        consumer: consumer.durable,
        messageId: id,
        subject: delivery.subject,
        headers: delivery.headers,
        payload: delivery.payload,
        reason,
        error: errorText(error),
        deliveries: deliveryCount,
      }),
    );
    return { kind: 'dead', reason, error };
  }

  if (deliveryCount > tries) return die('out_of_tries', `delivered ${deliveryCount} times, never with an outcome`);

  let data: unknown;
  try {
    data = readData(consumer, delivery.payload);
  } catch (error) {
    return die('unreadable', error);
  }

  try {
    const fresh = await applying(consumer.durable, [traceparent], () =>
      transact((tx) => applyOnce(tx, consumer, data, meta)),
    );
    return { kind: fresh ? 'applied' : 'duplicate' };
  } catch (error) {
    if (canNeverWork(error)) return die('refused', error);
    if (deliveryCount >= tries) return die('out_of_tries', error);
    return { kind: 'retry', delayMs: retryDelayMs(deliveryCount, error), error };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export const readData = <Tx extends SqlTx>(consumer: Consumer<Tx>, payload: Uint8Array): unknown =>
  consumer.decode(utf8.decode(payload));

/** Whether it changed anything: false when this consumer has applied the message before. */
export async function applyOnce<Tx extends SqlTx>(
  tx: Tx,
  consumer: Consumer<Tx>,
  data: unknown,
  meta: EventMeta,
): Promise<boolean> {
  if (consumer.guard === 'inbox' && !(await firstTime(tx, consumer.durable, meta.id))) return false;
  await consumer.handle(tx, [{ data, meta }]);
  return true;
}

/** Waits for a transaction that is applying the same message, and then knows whether it did. */
async function firstTime(tx: SqlTx, durable: string, messageId: string): Promise<boolean> {
  const inserted = await tx.$executeRaw`
    INSERT INTO inbox (consumer, message_id) VALUES (${durable}::text, ${messageId}::text) ON CONFLICT DO NOTHING`;
  return inserted === 1;
}

/** Those of the events that were not applied before. In one order for everybody, so that replicas wait in a line and not in a circle. */
async function firstTimes<Event extends Heard<unknown>>(
  tx: SqlTx,
  durable: string,
  events: readonly Event[],
): Promise<Event[]> {
  const ids = JSON.stringify(events.map(({ meta }) => meta.id));
  const inserted = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO inbox (consumer, message_id)
    SELECT ${durable}::text, id FROM jsonb_array_elements_text(${ids}::jsonb) AS id ORDER BY id
    ON CONFLICT DO NOTHING RETURNING message_id AS id`;
  const fresh = new Set(inserted.map(({ id }) => id));
  return events.filter(({ meta }) => fresh.delete(meta.id));
}

/** By category; anything that is not an AppError may be a bug of ours, and may pass with the next release. */
const hopeless: ReadonlySet<Category> = new Set<Category>([
  'invalid_argument',
  'unauthenticated',
  'permission_denied',
  'failed_precondition',
]);

const canNeverWork = (error: unknown): boolean => error instanceof AppError && hopeless.has(error.category);

const firstDelayMs = 250;
const longestDelayMs = 120_000;

/** Doubles from a quarter of a second to two minutes, with jitter; an error that names its own time is believed. */
function retryDelayMs(deliveryCount: number, error: unknown): number {
  if (error instanceof AppError && error.retryAfterSeconds !== undefined) return error.retryAfterSeconds * 1000;
  const full = Math.min(firstDelayMs * 2 ** (deliveryCount - 1), longestDelayMs);
  return Math.round(full * (0.75 + Math.random() / 4));
}
