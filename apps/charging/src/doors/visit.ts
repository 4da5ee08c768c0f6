import type { SqlTx } from '@forecourt/messaging';
import type { ConnectorStatus } from '../device/device.ts';
import type { Connection } from '../ocpp/connection.ts';
import { isOff, judge, type Stamp, type StationClock, seen, unseen } from './clock.ts';
import { instantIn } from './payload.ts';

/** What 2.0.1 says of a connector. */
export const evseStatuses = [
  'Available',
  'Occupied',
  'Reserved',
  'Unavailable',
  'Faulted',
] as const satisfies ConnectorStatus[];
export type EvseStatus = (typeof evseStatuses)[number];

/** Something that is configured in a station of 2.0.1. */
export interface Variable {
  readonly component: string;
  readonly variable: { readonly name: string };
  readonly attributeValue: string | null;
  readonly mutability: string | null;
}

/** What a station tells of its variables, in as many calls of its own as it takes. */
interface Report {
  readonly variables: Variable[];
  end(): void;
}

/** What is known of a station for as long as its line lasts; all of it can be lost with the process. */
export interface Visit {
  clock: StationClock;
  /** Whether what earlier visits learnt of its clock has been looked up. */
  clockKnown: boolean;
  /** Connectors that have said how they are, as they said it. */
  readonly said: Map<number, ConnectorStatus>;
  /** The connectors of each EVSE of 2.0.1, by `evse/connector`. */
  readonly plugs: Map<string, EvseStatus>;
  /** What is wrong with its messages, each once. */
  readonly faults: Set<string>;
  /** Reports of 2.0.1 that somebody waits for, by their numbers. */
  readonly reports: Map<number, Report>;
  /** Transactions of cables that nobody pays for yet, and the register when they went in. */
  readonly plugged: Map<string, bigint | null>;
}

const visits = new WeakMap<Connection, Visit>();

export function visitOf(connection: Connection): Visit {
  const known = visits.get(connection);
  if (known) return known;
  const visit: Visit = {
    clock: unseen,
    clockKnown: false,
    said: new Map(),
    plugs: new Map(),
    faults: new Set(),
    plugged: new Map(),
    reports: new Map(),
  };
  visits.set(connection, visit);
  return visit;
}

type Clocks = Pick<SqlTx, '$queryRaw' | '$executeRaw'>;

export interface Heard {
  readonly connection: Connection;
  readonly visit: Visit;
  readonly receivedAt: Date;
}

/** When it happened, of a message's own timestamp; on the way its station's clock is learnt. */
export async function stampOf(tx: Clocks, heard: Heard, timestamp: unknown): Promise<Stamp> {
  const { connection, visit, receivedAt } = heard;
  const ms = instantIn(timestamp);
  if (ms === null) return judge(null, receivedAt, null);
  if (isOff(ms, receivedAt) && !visit.clockKnown) await recall(tx, connection.stationId, visit);
  const before = visit.clock.aheadMs;
  visit.clock = seen(visit.clock, ms, receivedAt);
  const { aheadMs } = visit.clock;
  if (aheadMs !== null && hasMoved(before, aheadMs)) await remember(tx, connection.stationId, aheadMs);
  return judge(ms, receivedAt, aheadMs);
}

/** Of a value within a message of which the stamp is known already. */
export const instantOf =
  ({ visit, receivedAt }: Heard) =>
  (timestamp: unknown): Date =>
    judge(instantIn(timestamp), receivedAt, visit.clock.aheadMs).at;

/** It boots, and is told the time. */
export function forgetClock(visit: Visit): void {
  visit.clock = unseen;
  visit.clockKnown = true;
}

const noteworthyMs = 10_000;
const hasMoved = (before: number | null, after: number) => Math.abs(after - (before ?? 0)) > noteworthyMs;

async function recall(tx: Clocks, stationId: string, visit: Visit): Promise<void> {
  const [row] = await tx.$queryRaw<{ ahead: bigint | null }[]>`
    SELECT clock_ahead_ms AS ahead FROM station WHERE id = ${stationId}`;
  visit.clockKnown = true;
  if (row?.ahead != null && visit.clock.aheadMs === null) visit.clock = { ...visit.clock, aheadMs: Number(row.ahead) };
}

const remember = (tx: Clocks, stationId: string, aheadMs: number) =>
  tx.$executeRaw`UPDATE station SET clock_ahead_ms = ${BigInt(aheadMs)} WHERE id = ${stationId}`;
