import type { DeviceState } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';
import { newUuid } from '@forecourt/service-kit';
import type { ConnectorStatus } from '../src/device/device.ts';

let made = 0;
/** Of its own in this file's database; ordered by making. */
export const anId = (): string => `65f1a2b3${(made++).toString(16).padStart(16, '0')}`;

const somewhen = new Date('2026-01-01T00:00:00Z');

export interface StationWishes {
  id?: string;
  identity?: string;
  status?: 'accepted' | 'pending' | 'blocked';
  protocol?: 'ocpp1.6' | 'ocpp2.0.1';
  passwordHash?: string | null;
  /** Whether somebody holds its socket; true unless told. */
  connected?: boolean;
  disconnectedAt?: Date | null;
}

/** A station that is accepted and connected, unless told otherwise. */
export async function aStation(tx: SqlTx, wishes: StationWishes = {}): Promise<{ id: string; identity: string }> {
  const { id = anId(), status = 'accepted', protocol = 'ocpp1.6', connected = true } = wishes;
  const identity = wishes.identity ?? `CP-${id.slice(-6)}`;
  await tx.$executeRaw`
    INSERT INTO station (id, identity, status, protocol, password_hash, instance, connected_at, disconnected_at, created_at)
    VALUES (${id}, ${identity}, ${status}, ${protocol}, ${wishes.passwordHash ?? null}, ${connected ? 'test' : null},
            ${somewhen}::timestamptz, ${wishes.disconnectedAt ?? null}::timestamptz, ${somewhen}::timestamptz)`;
  return { id, identity };
}

export interface DeviceWishes {
  id?: string;
  /** One is made unless told. */
  stationId?: string;
  connector?: number;
  number?: string;
  longitude?: number;
  latitude?: number;
  currency?: string;
  /** Minor units. */
  price?: bigint;
  waitingPrice?: bigint;
  powerW?: number | null;
  active?: boolean;
  inRepair?: boolean;
  status?: ConnectorStatus | null;
  state?: DeviceState;
}

/** A device that is free, on a station of its own, unless told otherwise. */
export async function aDevice(tx: SqlTx, wishes: DeviceWishes = {}): Promise<{ id: string; stationId: string }> {
  const { id = anId(), connector = 1, longitude = 106.9, latitude = 47.9, currency = 'UAH' } = wishes;
  const { price = 70_000n, waitingPrice = 10_000n, active = true, inRepair = false, state = 'Idle' } = wishes;
  const stationId = wishes.stationId ?? (await aStation(tx)).id;
  const status = wishes.status === undefined ? 'Available' : wishes.status;
  await tx.$executeRaw`
    INSERT INTO device (id, uuid, number, station_id, connector, longitude, latitude, currency, price, waiting_price, power_w,
                        active, in_repair, status, status_at, state, created_at, changed_at)
    VALUES (${id}, ${newUuid()}::uuid, ${wishes.number ?? `№ ${id.slice(-6)}`}, ${stationId}, ${connector}, ${longitude},
            ${latitude}, ${currency}, ${price}, ${waitingPrice}, ${wishes.powerW ?? null}::int, ${active}, ${inRepair}, ${status}::text,
            ${status === null ? null : somewhen}::timestamptz, ${state}, ${somewhen}::timestamptz, ${somewhen}::timestamptz)`;
  return { id, stationId };
}

export interface CardWishes {
  customerId: string;
  token?: string;
  groupToken?: string | null;
  blocked?: boolean;
  expiresAt?: Date | null;
}

/** A customer's card, which may be used, unless told otherwise. */
export async function aCard(tx: SqlTx, wishes: CardWishes): Promise<{ id: string; token: string }> {
  const { customerId, groupToken = null, blocked = false, expiresAt = null } = wishes;
  const id = anId();
  const token = wishes.token ?? `CARD${id.slice(-8)}`.toUpperCase();
  await tx.$executeRaw`
    INSERT INTO card (id, token, group_token, customer_id, blocked, expires_at, created_at)
    VALUES (${id}, ${token}, ${groupToken}::text, ${customerId}, ${blocked}, ${expiresAt}::timestamptz, ${somewhen}::timestamptz)`;
  return { id, token };
}
