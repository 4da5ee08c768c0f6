import type { DeviceState } from '@forecourt/contracts';

export type ReservationStatus = 'asked' | 'active' | 'used' | 'canceled' | 'expired' | 'refused';

export interface Reservation {
  readonly id: string;
  /** The station's name for it: reservationId. */
  readonly number: number;
  readonly deviceId: string;
  readonly customerId: string;
  /** With which alone the station lets this device be started. */
  readonly idToken: string;
  readonly status: ReservationStatus;
  readonly expiresAt: Date;
}

/** Why a device cannot be kept for somebody, or null: what they could not start they cannot keep either. */
export const whyNotKept = (state: DeviceState): 'device_busy' | 'device_offline' | null =>
  state === 'Idle' ? null : state === 'Busy' ? 'device_busy' : 'device_offline';

/**
 * What follows from a station's answer. One that knows no reservations keeps nothing by itself, but nobody else starts
 * the device through us. Of one that does not answer nobody knows, so that the driver is told no.
 */
export const kept = {
  accepted: null,
  not_supported: null,
  rejected: 'device_busy',
  offline: 'device_offline',
  failed: 'device_offline',
  timeout: 'device_timeout',
} as const;

/** As long as 1.6 takes, and in one case, since stations do not tell them apart. */
export const tokenFrom = (bytes: Uint8Array): string => `RV${Buffer.from(bytes).toString('hex').toUpperCase()}`;
export const tokenBytes = 9;
