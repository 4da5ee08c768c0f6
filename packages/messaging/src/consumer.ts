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

/** A consumer of any event, as the machinery sees it: made by `consumer`. */
export interface Consumer<Tx extends SqlTx> {
  readonly event: EventContract;
  readonly durable: string;
  readonly guard: Guard;
  /** Reads the payload; throws when it is not what the contract promises. */
  decode(payload: string): unknown;
  handle(tx: Tx, data: unknown, meta: EventMeta): Promise<void>;
}

export interface ConsumerDefinition<E extends EventContract, Tx extends SqlTx> {
  event: E;
  /** `<service>-<does>-on-<event>`: an identity. Renaming it replays the stream. */
  durable: string;
  guard?: Guard;
  /** Runs inside a transaction that commits before the message is acknowledged; it calls no other system. */
  handle(tx: Tx, data: z.output<E['data']>, meta: EventMeta): Promise<void>;
}

const acceptableDurable = /^[a-z0-9-]+$/;

export function consumer<E extends EventContract, Tx extends SqlTx>({
  event,
  durable,
  guard = 'inbox',
  handle,
}: ConsumerDefinition<E, Tx>): Consumer<Tx> {
  if (!acceptableDurable.test(durable)) throw new Error(`durable name ${durable} may hold a-z, 0-9 and hyphens only`);
  return {
    event,
    durable,
    guard,
    decode: (payload) => z.parse(event.data, JSON.parse(payload)),
    handle: (tx, data, meta) => handle(tx, data as z.output<E['data']>, meta),
  };
}
