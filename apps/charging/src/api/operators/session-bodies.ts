import { z } from 'zod';
import type { Portion } from '../../money/money.ts';
import type { Refund } from '../../refund/store.ts';
import {
  billedWaitingSec,
  durationSec,
  type Flag,
  type Origin,
  type Session,
  type State,
} from '../../session/session.ts';
import { instant, major, Time } from './common.ts';

export const states = [
  'requested',
  'held',
  'starting',
  'charging',
  'waiting',
  'finished',
  'failed',
] as const satisfies readonly State[];
export const origins = ['app', 'card', 'free', 'found'] as const satisfies readonly Origin[];
export const flags = [
  'late_start',
  'meter_jumped',
  'meter_fell',
  'superseded',
  'silent',
  'no_stop',
  'no_end',
  'unknown_payer',
  'unpaid',
  'hold_lost',
] as const satisfies readonly Flag[];

export const SessionBody = z
  .object({
    id: z.string(),
    number: z.int().describe('transactionId of OCPP 1.6, remoteStartId of 2.0.1'),
    state: z.enum(states),
    origin: z.enum(origins).describe('found: the station told of it after the fact, or nobody knows the card'),
    customerId: z.string().nullable(),
    stationId: z.string(),
    deviceId: z.string(),
    deviceNumber: z.string(),
    protocol: z.string().nullable(),
    transactionId: z.string().nullable().describe("The station's name for it; null: it has not begun"),
    idToken: z.string().nullable(),
    currency: z.string(),
    price: z.number().describe('Of a kWh'),
    waitingPrice: z.number().describe('Of a minute'),
    requestedAt: Time,
    startedAt: Time.nullable(),
    stopAskedAt: Time.nullable(),
    stoppedAt: Time.nullable(),
    endedAt: Time.nullable(),
    heardAt: Time.nullable(),
    energyWh: z.int(),
    powerW: z.int().nullable(),
    durationSec: z.int(),
    waitingSec: z.int().describe('That is paid for'),
    amount: z.number(),
    held: z.number().describe('In the wallet, for this session'),
    paid: z.number(),
    refunded: z.number(),
    unpaid: z.number().describe('What it costs beyond what was paid, once it is over'),
    reason: z.string().nullable().describe("Why it ended, in OCPP's words or ours"),
    flag: z.enum(flags).nullable().describe('What a person should look at'),
  })
  .meta({ id: 'ChargingSession' });

export const PortionBody = z
  .object({
    n: z.int(),
    kind: z.enum(['hold', 'charge']),
    key: z.string().describe('At payments'),
    wanted: z.number(),
    amount: z.number(),
    captured: z.number(),
    status: z.enum(['asked', 'placed', 'refused', 'captured', 'released']),
    askedAt: Time,
  })
  .meta({ id: 'SessionPortion' });

export const RefundBody = z
  .object({
    key: z.string(),
    amount: z.number(),
    reason: z.string(),
    operatorId: z.string(),
    status: z.enum(['asked', 'done', 'refused']),
    askedAt: Time,
    endedAt: Time.nullable(),
  })
  .meta({ id: 'PurchaseRefund' });

const sumOf = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

export function toSessionBody(session: Session, portions: readonly Portion[], now: Date): z.input<typeof SessionBody> {
  const money = (amount: bigint) => major(amount, session.currency);
  const held = sumOf(
    portions.map(({ kind, status, amount }) => (kind === 'hold' && status === 'placed' ? amount : 0n)),
  );
  const owes = session.state === 'finished' && session.customerId !== null;
  return {
    id: session.id,
    number: session.number,
    state: session.state,
    origin: session.origin,
    customerId: session.customerId,
    stationId: session.stationId,
    deviceId: session.deviceId,
    deviceNumber: session.deviceNumber,
    protocol: session.protocol,
    transactionId: session.transactionId,
    idToken: session.idToken,
    currency: session.currency,
    price: money(session.price),
    waitingPrice: money(session.waitingPrice),
    requestedAt: session.requestedAt.toISOString(),
    startedAt: instant(session.startedAt),
    stopAskedAt: instant(session.stopAskedAt),
    stoppedAt: instant(session.stoppedAt),
    endedAt: instant(session.endedAt),
    heardAt: instant(session.heardAt),
    energyWh: Number(session.energyWh),
    powerW: session.powerW,
    durationSec: durationSec(session, now),
    waitingSec: billedWaitingSec(session, now),
    amount: money(session.amount),
    held: money(held),
    paid: money(session.paid),
    refunded: money(session.refunded),
    unpaid: owes ? money(session.amount - session.paid) : 0,
    reason: session.reason,
    flag: session.flag,
  };
}

export const toPortionBody = (
  { id, currency }: Session,
  { n, kind, wanted, amount, captured, status, askedAt }: Portion,
): z.input<typeof PortionBody> => ({
  n,
  kind,
  key: `session:${id}:${n}`,
  wanted: major(wanted, currency),
  amount: major(amount, currency),
  captured: major(captured, currency),
  status,
  askedAt: askedAt.toISOString(),
});

export const toRefundBody = (currency: string, refund: Refund): z.input<typeof RefundBody> => ({
  key: refund.key,
  amount: major(refund.amount, currency),
  reason: refund.reason,
  operatorId: refund.operatorId,
  status: refund.status,
  askedAt: refund.askedAt.toISOString(),
  endedAt: instant(refund.endedAt),
});
