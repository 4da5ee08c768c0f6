import { createHash, randomUUID } from 'node:crypto';
import type { Payload } from './line.ts';

export interface Saying {
  readonly action: string;
  readonly payload: Payload;
}

export interface Charge {
  /** The card that was shown, or the token by which the station was asked. */
  readonly token: string;
  /** Of a charge that a station of 2.0.1 was asked for. */
  readonly remoteStartId?: number;
  /** Named by the central system in 1.6, by the station in 2.0.1. */
  transaction: string;
  /** 2.0.1 counts its events. */
  events: number;
}

/** What a station says, in its version's words. */
export interface Words {
  readonly protocol: string;
  boot(): Saying;
  status(word: 'Available' | 'Charging', at: Date): Saying;
  start(charge: Charge, registerWh: number, at: Date): Saying;
  /** The central system's name for the charge, of its answer to a start; null: it has none. */
  named(answer: Payload): string | null;
  meter(charge: Charge, registerWh: number, at: Date): Saying;
  stop(charge: Charge, registerWh: number, at: Date): Saying;
}

/** Constant, for all cars. */
export const powerW = 22_000;

export const newCharge = (wish: Pick<Charge, 'token' | 'remoteStartId'>): Charge => ({
  ...wish,
  transaction: randomUUID(),
  events: 0,
});

const sampled = (registerWh: number, at: Date, context: string) => [
  {
    timestamp: at.toISOString(),
    sampledValue: [
      { value: String(registerWh), context, measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
      { value: String(powerW), context, measurand: 'Power.Active.Import', unit: 'W' },
    ],
  },
];

const words16: Words = {
  protocol: 'ocpp1.6',
  boot: () => ({
    action: 'BootNotification',
    payload: { chargePointVendor: 'Bench', chargePointModel: 'One', firmwareVersion: '1.0' },
  }),
  status: (status, at) => ({
    action: 'StatusNotification',
    payload: { connectorId: 1, status, errorCode: 'NoError', timestamp: at.toISOString() },
  }),
  start: ({ token }, meterStart, at) => ({
    action: 'StartTransaction',
    payload: { connectorId: 1, idTag: token, meterStart, timestamp: at.toISOString() },
  }),
  named: ({ transactionId }) => String(transactionId),
  meter: ({ transaction }, registerWh, at) => ({
    action: 'MeterValues',
    payload: {
      connectorId: 1,
      transactionId: Number(transaction),
      meterValue: sampled(registerWh, at, 'Sample.Periodic'),
    },
  }),
  stop: ({ transaction }, meterStop, at) => ({
    action: 'StopTransaction',
    payload: { transactionId: Number(transaction), meterStop, timestamp: at.toISOString(), reason: 'EVDisconnected' },
  }),
};

const sampled201 = (registerWh: number, at: Date, context: string) => [
  {
    timestamp: at.toISOString(),
    sampledValue: [
      { value: registerWh, context, measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' } },
      { value: powerW, context, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W' } },
    ],
  },
];

function event(charge: Charge, eventType: string, triggerReason: string, at: Date, more: Payload): Saying {
  const { transactionInfo, ...rest } = more as { transactionInfo: Payload };
  const payload = {
    eventType,
    triggerReason,
    timestamp: at.toISOString(),
    seqNo: charge.events++,
    transactionInfo: { transactionId: charge.transaction, ...transactionInfo },
    ...rest,
  };
  return { action: 'TransactionEvent', payload };
}

const words201: Words = {
  protocol: 'ocpp2.0.1',
  boot: () => ({
    action: 'BootNotification',
    payload: { reason: 'PowerUp', chargingStation: { vendorName: 'Bench', model: 'Two', firmwareVersion: '1.0' } },
  }),
  status: (word, at) => ({
    action: 'StatusNotification',
    payload: {
      evseId: 1,
      connectorId: 1,
      connectorStatus: word === 'Charging' ? 'Occupied' : word,
      timestamp: at.toISOString(),
    },
  }),
  start: (charge, registerWh, at) =>
    event(charge, 'Started', charge.remoteStartId === undefined ? 'Authorized' : 'RemoteStart', at, {
      transactionInfo: {
        chargingState: 'Charging',
        ...(charge.remoteStartId !== undefined && { remoteStartId: charge.remoteStartId }),
      },
      evse: { id: 1, connectorId: 1 },
      idToken: { idToken: charge.token, type: charge.remoteStartId === undefined ? 'ISO14443' : 'Central' },
      meterValue: sampled201(registerWh, at, 'Transaction.Begin'),
    }),
  named: () => null,
  meter: (charge, registerWh, at) =>
    event(charge, 'Updated', 'MeterValuePeriodic', at, {
      transactionInfo: {},
      meterValue: sampled201(registerWh, at, 'Sample.Periodic'),
    }),
  stop: (charge, registerWh, at) =>
    event(charge, 'Ended', 'EVDeparted', at, {
      transactionInfo: { stoppedReason: 'EVDisconnected' },
      meterValue: sampled201(registerWh, at, 'Transaction.End'),
    }),
};

/** Every second one is of the newer version. */
export const wordsOf = (n: number): Words => (n % 2 === 0 ? words16 : words201);

export const identityOf = (n: number): string => `bench-${n}`;
export const stationIdOf = (n: number): string => `bbbbbbbbbbbbbbb${String(n).padStart(9, '0')}`;
export const deviceIdOf = (n: number): string => `ccccccccccccccc${String(n).padStart(9, '0')}`;
export const cardOf = (n: number): string => `BENCH${n}`;
export const passwordOf = (n: number): string => createHash('sha256').update(`station ${n}`).digest('hex').slice(0, 40);
export const authorizationOf = (n: number): string =>
  `Basic ${Buffer.from(`${identityOf(n)}:${passwordOf(n)}`).toString('base64')}`;
