import {
  type Clock,
  createWrites,
  type Database,
  type Logger,
  type Runtime,
  type Writes,
} from '@forecourt/service-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Config } from './config.ts';
import { type Customers, customersOver } from './customer/customers.ts';
import { type DeviceSettings, deviceSettingsOf } from './device/settings.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { createDeviceMap, type DeviceMap } from './map/copy.ts';
import { type Payments, paymentsOver } from './money/payments.ts';
import { type ReceiptSettings, receiptSettingsOf } from './receipt/settings.ts';
import { type ReservationSettings, reservationSettingsOf } from './reservation/settings.ts';
import { createMeter, type Meter } from './session/metering.ts';
import { createSessionMetrics, type SessionMetrics } from './session/metrics.ts';
import { type SessionSettings, sessionSettingsOf } from './session/settings.ts';
import { createLines, type Lines } from './station/lines.ts';
import { createLineMetrics } from './station/metrics.ts';
import { type StationSettings, stationSettingsOf } from './station/settings.ts';

export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  /** ISO 4217; what devices are priced in. */
  readonly currency: string;
  /** Hand-written SQL: sessions, and all that stations send by the thousand. */
  readonly database: Database;
  /** What operators look up and keep. */
  readonly prisma: PrismaClient;
  readonly deviceSettings: DeviceSettings;
  readonly receiptSettings: ReceiptSettings;
  readonly reservationSettings: ReservationSettings;
  /** What drivers see. */
  readonly map: DeviceMap;
  readonly stationSettings: StationSettings;
  /** The stations whose sockets this process has. */
  readonly lines: Lines;
  readonly sessionSettings: SessionSettings;
  readonly sessionMetrics: SessionMetrics;
  readonly payments: Payments;
  readonly customers: Customers;
  /** Books meter values, with those that come at the same time. */
  readonly meter: Meter;
  /** Said when a session may have something to do at once; the worker listens. */
  readonly sessionWork: Writes;
  /** Says that an event may be waiting, for what is done outside of requests. */
  readonly wrote: () => void;
}

export function createDeps(config: Config, runtime: Runtime): Deps {
  const { clock, log, database, metrics, nats, onClose, writes } = runtime;
  const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool, { schema: 'charging' }) });
  onClose('prisma', () => prisma.$disconnect());
  const changing = {
    clock,
    database,
    deviceSettings: deviceSettingsOf(config),
    sessionSettings: sessionSettingsOf(config, config.CURRENCY),
    sessionMetrics: createSessionMetrics(metrics.registry, { database, clock }),
    sessionWork: createWrites(),
    wrote: writes.happened,
  };
  return {
    ...changing,
    log,
    currency: config.CURRENCY,
    prisma,
    payments: paymentsOver(nats),
    customers: customersOver(nats),
    meter: createMeter(changing),
    map: createDeviceMap({ database, log }),
    receiptSettings: receiptSettingsOf(config),
    reservationSettings: reservationSettingsOf(config),
    stationSettings: stationSettingsOf(config),
    lines: createLines({ nats, metrics: createLineMetrics(metrics.registry) }),
  };
}
