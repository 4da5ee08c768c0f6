import { z } from 'zod';
import { defineEvent, defineRequest } from './define.ts';
import { customerExport } from './export.ts';
import { Currency, Instant, MinorUnits, ObjectId, Version } from './values.ts';

/**
 * What a driver can do with a device. Idle: start it. Busy: in use, reserved or starting. Repair: taken out of service, by
 * an operator or by itself. Error: faulted, or not connected.
 */
export const DeviceState = z.enum(['Idle', 'Busy', 'Repair', 'Error']);
export type DeviceState = z.output<typeof DeviceState>;

/** Longitude and latitude, in degrees. */
const Location = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);

const device = {
  deviceId: ObjectId,
  /** What is written on it. */
  number: z.string().min(1).max(40),
  location: Location,
  currency: Currency,
  /** Of a kWh. */
  price: MinorUnits,
  /** Of a minute in which the cable stays in after the charge. */
  waitingPrice: MinorUnits,
};

export const deviceChanged = defineEvent('charging.device.changed.v1', {
  summary: 'A device as it is now; also the first word of a new one. `active` false: it is not shown any more.',
  aggregate: 'deviceId',
  data: z.object({ ...device, version: Version, state: DeviceState, active: z.boolean(), changedAt: Instant }),
});

const progress = {
  sessionId: ObjectId,
  version: Version,
  /** null: nobody that we know, as at a device that is free for all. */
  customerId: ObjectId.nullable(),
  deviceId: ObjectId,
  energyWh: z.int().nonnegative(),
  /** Since the device began; without the time that the cable stayed in afterwards. */
  durationSec: z.int().nonnegative(),
  /** That is paid for. */
  waitingSec: z.int().nonnegative(),
  /** What it costs so far, or has cost. */
  amount: MinorUnits,
  currency: Currency,
  at: Instant,
};

export const sessionStarted = defineEvent('charging.session.started.v1', {
  summary: 'Money is held, and a device has been asked to start, or has started by itself.',
  aggregate: 'sessionId',
  data: z.object({ ...progress, state: z.enum(['starting', 'charging']) }),
});

export const sessionMetered = defineEvent('charging.session.metered.v1', {
  summary: 'A running session has moved on: another state, or another reading of its meter.',
  aggregate: 'sessionId',
  data: z.object({ ...progress, state: z.enum(['starting', 'charging', 'waiting']) }),
});

export const sessionFinished = defineEvent('charging.session.finished.v1', {
  summary:
    'A session is over: a purchase, or nothing came of it and it costs nothing. Told again when more of it was paid, or when it turns out to cost something else.',
  aggregate: 'sessionId',
  data: z.object({
    ...progress,
    state: z.enum(['finished', 'failed']),
    /** Of `amount`; the rest is still owed. */
    paid: MinorUnits,
  }),
});

export const readRunningSession = defineRequest('charging.session.read-running', {
  summary:
    'The device on which a customer’s session runs, as it was priced when that began; of several the newest. null: none does.',
  request: z.object({ customerId: ObjectId }),
  reply: z.object({ device: z.object(device).nullable() }),
});

export const exportChargingOfCustomer = defineRequest('charging.customer.export', customerExport);
