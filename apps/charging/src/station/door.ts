import type { Connection } from '../ocpp/connection.ts';
import type { Payload, Protocol } from '../ocpp/frame.ts';
import type { Carried, Wish } from './wish.ts';

/** One version of OCPP: translates between its words and ours. */
export interface Door {
  readonly protocol: Protocol;
  /**
   * Answers a station's call, or throws a CallError. Calls of a station come in its order, the next when this one is
   * answered; so never wait here for an answer of the station, who may be waiting for this one.
   */
  handle(connection: Connection, action: string, payload: Payload, messageId: string): Promise<Payload>;
  /** A station came, perhaps without a word about itself; it may be asked here. Its own calls go on meanwhile. */
  connected(connection: Connection): Promise<void>;
  /** Asks the station; of a call that nobody can tell the fate of, the outcome is `timeout`. */
  carryOut(connection: Connection, wish: Wish, deadlineMs: number): Promise<Carried>;
}
