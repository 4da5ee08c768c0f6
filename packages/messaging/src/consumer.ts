import type { EventContract } from '@forecourt/contracts';
import { z } from 'zod';
import type { SqlTx } from './sql-tx.ts';

/** What is known about an event besides its data. */
export interface EventMeta {
  readonly id: string;
  readonly time: Date;
  readonly aggregateId: string;
  /** 1 at the first try. */
  readonly deliveryCount: number;
  readonly traceparent?: string;
}

/**
 * `inbox`: a row `(durable, message id)` in the transaction of the effect. `version`: no row; the handler's own SQL
 * compares versions (`ON CONFLICT … WHERE excluded.version > …`), so that a repeated or late event changes nothing.
 */
export type Guard = 'inbox' | 'version';

/** An event in a handler's hands. */
export interface Heard<Data> {
  readonly data: Data;
  readonly meta: EventMeta;
}

/** A consumer of any event, as the machinery sees it: made by `consumer`. */
export interface Consumer<Tx extends SqlTx> {
  readonly event: EventContract;
  readonly durable: string;
  readonly guard: Guard;
  /** Reads the payload; throws when it is not what the contract promises. */
  decode(payload: string): unknown;
  readonly takes: 'one' | 'many';
  handle(tx: Tx, events: readonly Heard<unknown>[]): Promise<void>;
}

interface Definition<E extends EventContract> {
  event: E;
  /** `<service>-<does>-on-<event>`: an identity. Renaming it replays the stream. */
  durable: string;
  guard?: Guard;
}

/** A handler runs inside a transaction that commits before its messages are acknowledged; it calls no other system. */
export type ConsumerDefinition<E extends EventContract, Tx extends SqlTx> = Definition<E> &
  (
    | { handle(tx: Tx, data: z.output<E['data']>, meta: EventMeta): Promise<void> }
    /**
     * For events that come by the thousand: as many as wait, in one transaction. It changes all that they speak of, or
     * throws; then they come again one by one, so that what fails fails alone.
     */
    | { handleMany(tx: Tx, events: readonly Heard<z.output<E['data']>>[]): Promise<void> }
  );

const acceptableDurable = /^[a-z0-9-]+$/;

export function consumer<E extends EventContract, Tx extends SqlTx>(
  definition: ConsumerDefinition<E, Tx>,
): Consumer<Tx> {
  const { event, durable, guard = 'inbox' } = definition;
  if (!acceptableDurable.test(durable)) throw new Error(`durable name ${durable} may hold a-z, 0-9 and hyphens only`);
  return {
    event,
    durable,
    guard,
    decode: (payload) => z.parse(event.data, JSON.parse(payload)),
    ...('handleMany' in definition
      ? { takes: 'many', handle: (tx, events) => definition.handleMany(tx, events as Heard<z.output<E['data']>>[]) }
      : {
          takes: 'one',
          handle: async (tx, events) => {
            for (const { data, meta } of events) await definition.handle(tx, data as z.output<E['data']>, meta);
          },
        }),
  };
}
