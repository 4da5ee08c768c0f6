import type { ConnectorStatus } from '../device/device.ts';
import type { MeterReading } from '../energy/readings.ts';

/** What both versions' doors know about a call that speaks of a session. */
export interface Saying {
  readonly stationId: string;
  /** By the station's clock, bounded by the door: never long after `receivedAt`, never before there were stations. */
  readonly at: Date;
  readonly receivedAt: Date;
  /** Told again after a while, or from a queue: it is booked, and nothing is asked of the station because of it. */
  readonly late: boolean;
  /**
   * The same for what is sent twice, whatever its message id and whenever: made by the door of what the station itself
   * wrote. Of a 1.6 start: connector, idTag, timestamp and meterStart. Of a transaction event: sequence number, kind and
   * timestamp. Of meter values: their timestamps and a hash of them.
   */
  readonly key: string;
  /** The protocol that it came by: ocpp1.6, ocpp2.0.1. */
  readonly protocol: string;
}

/** In the words of 2.0.1; a door of 1.6 leaves them to `say`. */
export type ChargingState = 'Charging' | 'EVConnected' | 'SuspendedEV' | 'SuspendedEVSE' | 'Idle';

export type AuthorizationStatus = 'Accepted' | 'Invalid' | 'Blocked' | 'Expired' | 'ConcurrentTx';

export interface Beginning extends Saying {
  /** null: the message does not say, as an Updated or Ended whose Started was lost. */
  readonly connector: number | null;
  readonly idToken: string | null;
  readonly groupToken?: string | null | undefined;
  /** The station's own name for it (2.0.1); null: we give it one (1.6). */
  readonly transactionId: string | null;
  readonly remoteStartId: number | null;
  readonly meterStartWh: bigint | null;
  readonly chargingState?: ChargingState | undefined;
  /** Of a message that brings some. */
  readonly readings?: readonly MeterReading[] | undefined;
  /** Told by what came after a start that nobody heard. */
  readonly found?: boolean | undefined;
}

export interface Begun {
  /** null: there is no such device, so there is nothing to bill; a person should look. */
  readonly sessionId: string | null;
  /** int4, above 0: the transactionId of 1.6. */
  readonly number: number;
  readonly status: AuthorizationStatus;
}

export interface Metering extends Saying {
  readonly connector: number | null;
  /** null: the message names none; it belongs to whatever runs on its connector. */
  readonly transactionId: string | null;
  readonly readings: readonly MeterReading[];
  readonly chargingState?: ChargingState | undefined;
}

export interface Ending extends Saying {
  readonly transactionId: string;
  readonly meterStopWh: bigint | null;
  /** In OCPP's words: Local, Remote, EVDisconnected … */
  readonly reason: string;
  readonly idToken: string | null;
  readonly readings: readonly MeterReading[];
}

export interface Ended {
  /** null: no session of this station has that name; a person should look. */
  readonly sessionId: string | null;
  readonly status: AuthorizationStatus;
}

export interface ConnectorSaying extends Saying {
  /** 0: the station as a whole, hence all of them. */
  readonly connector: number;
  readonly status: ConnectorStatus;
  readonly errorCode?: string | undefined;
}

export interface Authorization {
  readonly status: AuthorizationStatus;
  readonly groupToken: string | null;
  readonly expiresAt: Date | null;
}
