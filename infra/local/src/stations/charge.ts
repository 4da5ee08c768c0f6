/** Why the flow ended, in the words that both versions of OCPP know, or have one for. */
export type StopReason =
  | 'Remote'
  | 'Local'
  | 'EVDisconnected'
  | 'DeAuthorized'
  | 'PowerLoss'
  | 'SoftReset'
  | 'HardReset'
  | 'Unlock'
  | 'Fault'
  | 'Timeout';

export type Flow = 'unplugged' | 'charging' | 'suspendedEV' | 'suspendedEVSE' | 'stopped';

/** A transaction, in the station's own book: what a bill of it must agree with. */
export interface Charge {
  /** The station's name for it. */
  readonly id: string;
  readonly outlet: number;
  readonly idToken: string;
  /** As the central system named its wish; null: a card, or nobody asked. */
  readonly remoteStartId: number | null;
  readonly reservation: number | null;
  readonly by: 'remote' | 'card' | 'cable';
  readonly beganAt: Date;
  readonly meterStartWh: number;
  flow: Flow;
  endedAt: Date | null;
  meterStopWh: number | null;
  reason: StopReason | null;
  /** Of who ended it at the station. */
  stopToken: string | null;
  /** When the cable came out. */
  leftAt: Date | null;
  /** What flowed, whatever the register says. */
  energyWh: number;
  /** The central system's name for it (1.6); null: it has not answered yet. */
  number: number | null;
}

export type Happening =
  | { readonly what: 'status' }
  | { readonly what: 'begun' | 'plugged' | 'moved' | 'stopped' | 'left'; readonly charge: Charge }
  | { readonly what: 'metered'; readonly charge: Charge; readonly context: 'Sample.Periodic' | 'Trigger' };

export interface Permission {
  readonly idToken: string;
  readonly by: Charge['by'];
  readonly remoteStartId?: number | null;
  readonly limitW?: number | null;
}

export interface Reservation {
  readonly number: number;
  readonly idToken: string;
  readonly expiresAt: Date;
}
