import type { DeviceState } from '@forecourt/contracts';

/** A charging session, as it was last heard of. */
export interface Charge {
  readonly sessionId: string;
  readonly customerId: string;
  readonly deviceId: string;
  readonly version: number;
  readonly state: 'starting' | 'charging' | 'waiting' | 'finished' | 'failed';
  readonly energyWh: number;
  /** Without the time that the cable stayed in afterwards. */
  readonly durationSec: number;
  /** That is paid for. */
  readonly waitingSec: number;
  readonly amount: bigint;
  /** Of `amount`. */
  readonly paid: bigint;
  readonly currency: string;
}

/** What the driver's apps were told of it. */
export interface Told {
  readonly version: number;
  /** null: nothing yet. */
  readonly state: Charge['state'] | null;
  readonly amount: bigint | null;
  readonly paid: bigint;
  readonly device: DeviceState;
  readonly at: Date | null;
}

/** What there is to tell now. */
export interface News {
  /** How it goes. */
  readonly progress: boolean;
  /** All that it costs was paid. */
  readonly payment: boolean;
  /** The device, which has another state than was told; null: it has not. */
  readonly device: DeviceState | null;
  /** There is more to tell, but not yet. */
  readonly again: Date | null;
}

/** How it goes is told no more often, but for another state, which is told at once. */
export const toldEveryMs = 1_000;

export const isOver = ({ state }: Pick<Charge, 'state'>): boolean => state === 'finished' || state === 'failed';

export function newsOf(charge: Charge, told: Told, device: DeviceState | null, now: Date): News {
  const again = hasMoved(charge, told) ? notBefore(charge, told, now) : null;
  return {
    progress: hasMoved(charge, told) && again === null,
    payment: charge.amount > 0n && charge.paid >= charge.amount && charge.paid !== told.paid,
    device: device !== null && device !== told.device && !isForgotten(charge, told) ? device : null,
    again,
  };
}

/** What is over is told once more only if it comes to something else. */
const hasMoved = (charge: Charge, told: Told): boolean =>
  charge.version > told.version && !(isOver(charge) && charge.state === told.state && charge.amount === told.amount);

function notBefore(charge: Charge, { state, at }: Told, now: Date): Date | null {
  if (at === null || state !== charge.state) return null;
  const next = new Date(at.getTime() + toldEveryMs);
  return next > now ? next : null;
}

/** The driver knows that it is over and that the device is free: what becomes of that now is somebody else's. */
const isForgotten = (charge: Charge, told: Told): boolean =>
  isOver(charge) && told.state === charge.state && told.device !== 'Busy';

/** As it will be when the news were told. */
export const toldOf = (charge: Charge, told: Told, { progress, payment, device }: News, now: Date): Told => ({
  ...(progress
    ? { version: charge.version, state: charge.state, amount: charge.amount, at: now }
    : { version: told.version, state: told.state, amount: told.amount, at: told.at }),
  paid: payment ? charge.paid : told.paid,
  device: device ?? told.device,
});
