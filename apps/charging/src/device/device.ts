import type { DeviceState } from '@forecourt/contracts';

/** What stations say of a connector: the words of OCPP 1.6, and `Occupied`, which is all that 2.0.1 says of one in use. */
export const connectorStatuses = [
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
  'Finishing',
  'Reserved',
  'Occupied',
  'Unavailable',
  'Faulted',
] as const;
export type ConnectorStatus = (typeof connectorStatuses)[number];

/** All that the state of a device follows from. */
export interface DeviceFacts {
  /** An operator took it out of service. */
  readonly inRepair: boolean;
  /** As the station last said it of this connector; null: it has said nothing yet. */
  readonly status: ConnectorStatus | null;
  /** What the station last said of itself as a whole (connector 0). */
  readonly ownStatus: ConnectorStatus | null;
  /** The station is one of ours, and its line is up, or was until a moment ago. */
  readonly reachable: boolean;
  /** A session runs on it. */
  readonly inUse: boolean;
  /** For whom it is kept. */
  readonly reservedFor: string | null;
}

/**
 * What a driver sees. An error code beside `Available` is a remark and no fault; what the station says of itself as a
 * whole takes its devices out of service, and never brings one back that is out of service by itself.
 */
export function stateOf(facts: DeviceFacts): DeviceState {
  const { inRepair, status, ownStatus, reachable, inUse, reservedFor } = facts;
  if (inRepair) return 'Repair';
  if (!reachable || status === null || says('Faulted', facts)) return 'Error';
  if (status === 'Unavailable' || ownStatus === 'Unavailable') return 'Repair';
  return inUse || reservedFor !== null || status !== 'Available' ? 'Busy' : 'Idle';
}

/**
 * Why a customer cannot start it now, or null. A cable that is in already (`Preparing`, `Occupied`) is how most drivers
 * begin, and one that is still in after the last charge (`Finishing`) may be another car's: the station decides.
 */
export function whyNotStarted(facts: DeviceFacts, customerId: string): 'device_busy' | 'device_offline' | null {
  const state = stateOf(facts);
  if (state === 'Repair' || state === 'Error') return 'device_offline';
  if (facts.inUse) return 'device_busy';
  if (facts.reservedFor !== null) return facts.reservedFor === customerId ? null : 'device_busy';
  return facts.status !== null && startable.has(facts.status) ? null : 'device_busy';
}

const startable: ReadonlySet<ConnectorStatus> = new Set(['Available', 'Preparing', 'Finishing', 'Occupied']);

const says = (word: ConnectorStatus, { status, ownStatus }: DeviceFacts) => status === word || ownStatus === word;

export interface Line {
  /** Whether operators have said yes to it. */
  readonly accepted: boolean;
  /** Somebody holds its socket. */
  readonly connected: boolean;
  readonly disconnectedAt: Date | null;
}

/** A station that comes back within the patience was never away: mobile lines break by the hour. */
export const isReachable = (
  { accepted, connected, disconnectedAt }: Line,
  { now, patienceMs }: { now: Date; patienceMs: number },
): boolean =>
  accepted && (connected || (disconnectedAt !== null && now.getTime() - disconnectedAt.getTime() <= patienceMs));

/** What comes out of a station's queue says how things were, not how they are. */
export const isNews = (said: { at: Date; late: boolean }, knownSince: Date | null): boolean =>
  !said.late || knownSince === null || said.at > knownSince;

/** What operators say of a device. */
export interface DeviceFields {
  /** What is written on it. */
  readonly number: string;
  readonly connector: number;
  readonly longitude: number;
  readonly latitude: number;
  /** Minor units for a kWh, and for a minute of waiting. */
  readonly price: bigint;
  readonly waitingPrice: bigint;
  /** What it can give at most; null: nobody has said. */
  readonly powerW: number | null;
  readonly active: boolean;
  readonly inRepair: boolean;
}

/** The same value when nothing is new. */
export function change<D extends DeviceFields>(device: D, fields: Partial<DeviceFields>): D {
  const isNew = (Object.keys(fields) as (keyof DeviceFields)[]).some((name) => fields[name] !== device[name]);
  return isNew ? { ...device, ...fields } : device;
}
