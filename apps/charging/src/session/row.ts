import type { Session } from './session.ts';

/** A row as it is in the table, with what is known of its station's line. */
export interface SessionRow {
  id: string;
  uuid: string;
  number: number;
  version: number;
  state: Session['state'];
  origin: Session['origin'];
  customer_id: string | null;
  station_id: string;
  device_id: string;
  device_number: string;
  protocol: string | null;
  currency: string;
  price: bigint;
  waiting_price: bigint;
  grace_sec: number;
  waiting_cap_sec: number;
  most_power_w: number;
  id_token: string | null;
  remote_start_id: number | null;
  transaction_id: string | null;
  start_key: string | null;
  assumed: boolean;
  meter_start_wh: bigint | null;
  meter_from_wh: bigint | null;
  meter_wh: bigint | null;
  counted_wh: bigint;
  doubted_wh: bigint | null;
  metered_at: Date | null;
  energy_wh: bigint;
  power_w: number | null;
  charging_state: Session['chargingState'];
  waited_sec: number;
  waiting_since: Date | null;
  requested_at: Date;
  start_asked_at: Date | null;
  started_at: Date | null;
  charged_at: Date | null;
  stop_asked_at: Date | null;
  stopped_at: Date | null;
  unplugged_at: Date | null;
  ended_at: Date | null;
  heard_at: Date | null;
  reason: string | null;
  flag: Session['flag'];
  amount: bigint;
  paid: bigint;
  refunded: bigint;
  settled: bigint | null;
  attempts: number;
  not_before: Date | null;
  station_attempts: number;
  station_not_before: Date | null;
  quiet_until: Date | null;
}

export const fromRow = (row: SessionRow): Session => ({
  id: row.id,
  uuid: row.uuid,
  number: row.number,
  version: row.version,
  state: row.state,
  origin: row.origin,
  customerId: row.customer_id,
  stationId: row.station_id,
  deviceId: row.device_id,
  deviceNumber: row.device_number,
  protocol: row.protocol,
  currency: row.currency,
  price: row.price,
  waitingPrice: row.waiting_price,
  graceSec: row.grace_sec,
  waitingCapSec: row.waiting_cap_sec,
  mostPowerW: row.most_power_w,
  idToken: row.id_token,
  remoteStartId: row.remote_start_id,
  transactionId: row.transaction_id,
  startKey: row.start_key,
  assumed: row.assumed,
  register: {
    startWh: row.meter_start_wh,
    fromWh: row.meter_from_wh,
    lastWh: row.meter_wh,
    countedWh: row.counted_wh,
    doubtedWh: row.doubted_wh,
  },
  meteredAt: row.metered_at,
  energyWh: row.energy_wh,
  powerW: row.power_w,
  chargingState: row.charging_state,
  waiting: { waitedSec: row.waited_sec, since: row.waiting_since },
  requestedAt: row.requested_at,
  startAskedAt: row.start_asked_at,
  startedAt: row.started_at,
  chargedAt: row.charged_at,
  stopAskedAt: row.stop_asked_at,
  stoppedAt: row.stopped_at,
  unpluggedAt: row.unplugged_at,
  endedAt: row.ended_at,
  heardAt: row.heard_at,
  reason: row.reason,
  flag: row.flag,
  amount: row.amount,
  paid: row.paid,
  refunded: row.refunded,
  settled: row.settled,
  attempts: row.attempts,
  notBefore: row.not_before,
  stationAttempts: row.station_attempts,
  stationNotBefore: row.station_not_before,
  quietUntil: row.quiet_until,
});

/** The columns that change, as the table names them; dates and bigints become text, which Postgres reads as what they are. */
export const columnsOf = ({ session, dueAt }: Kept) => ({
  id: session.id,
  version: session.version,
  state: session.state,
  origin: session.origin,
  customer_id: session.customerId,
  price: session.price,
  waiting_price: session.waitingPrice,
  id_token: session.idToken,
  protocol: session.protocol,
  transaction_id: session.transactionId,
  start_key: session.startKey,
  assumed: session.assumed,
  meter_start_wh: session.register.startWh,
  meter_from_wh: session.register.fromWh,
  meter_wh: session.register.lastWh,
  counted_wh: session.register.countedWh,
  doubted_wh: session.register.doubtedWh,
  metered_at: session.meteredAt,
  energy_wh: session.energyWh,
  power_w: session.powerW,
  charging_state: session.chargingState,
  waited_sec: session.waiting.waitedSec,
  waiting_since: session.waiting.since,
  start_asked_at: session.startAskedAt,
  started_at: session.startedAt,
  charged_at: session.chargedAt,
  stop_asked_at: session.stopAskedAt,
  stopped_at: session.stoppedAt,
  unplugged_at: session.unpluggedAt,
  ended_at: session.endedAt,
  heard_at: session.heardAt,
  reason: session.reason,
  flag: session.flag,
  amount: session.amount,
  paid: session.paid,
  settled: session.settled,
  attempts: session.attempts,
  not_before: session.notBefore,
  station_attempts: session.stationAttempts,
  station_not_before: session.stationNotBefore,
  quiet_until: session.quietUntil,
  due_at: dueAt,
});

export const asJson = (value: unknown) =>
  JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part));

/** A session as it is to be stored, and when a worker looks at it next. */
export interface Kept {
  readonly session: Session;
  readonly dueAt: Date | null;
}
