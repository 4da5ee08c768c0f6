import {
  type Clock,
  createWrites,
  type Database,
  type Logger,
  type Runtime,
  type Writes,
} from '@forecourt/service-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Callbacks, createCallbacks } from './callback/callback.ts';
import type { Config } from './config.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { createLedgerMetrics } from './ledger/metrics.ts';
import { createLedger, type Ledger } from './ledger/together.ts';
import type { PaymentProvider } from './provider/provider.ts';
import { createProvider } from './providers/providers.ts';
import { createErrands, type Errands } from './replenishment/errands.ts';
import { registerReplenishmentMetrics } from './replenishment/metrics.ts';
import { type Patience, usualPatience } from './replenishment/patience.ts';
import { limitsOf, type ReplenishmentLimits } from './replenishment/settings.ts';

export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  /** ISO 4217; what every wallet is in. */
  readonly currency: string;
  /** Hand-written SQL: everything that moves money. */
  readonly database: Database;
  /** What others ask for by the thousand: charges, holds and their ends. */
  readonly ledger: Ledger;
  /** What operators look up. */
  readonly prisma: PrismaClient;
  readonly provider: PaymentProvider;
  readonly limits: ReplenishmentLimits;
  readonly patience: Patience;
  readonly callbacks: Callbacks;
  readonly errands: Errands;
  /** Said when a provider gave a hint; the worker listens. */
  readonly hints: Writes;
  /** Says that an event may be waiting, for what is done outside of requests. */
  readonly wrote: () => void;
}

export function createDeps(config: Config, runtime: Runtime): Deps {
  const { database, clock, log, metrics, onClose, writes } = runtime;
  const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool, { schema: 'payments' }) });
  onClose('prisma', () => prisma.$disconnect());
  const provider = createProvider(config, runtime);
  onClose('payment provider', provider.close);
  const errands = createErrands();
  onClose('errands', errands.close);
  registerReplenishmentMetrics(metrics.registry, { database, clock });
  return {
    clock,
    log,
    currency: config.CURRENCY,
    database,
    ledger: createLedger({
      database,
      clock,
      currency: config.CURRENCY,
      metrics: createLedgerMetrics(metrics.registry, { database, clock }),
      wrote: writes.happened,
    }),
    prisma,
    provider,
    limits: limitsOf(config, config.CURRENCY),
    patience: usualPatience,
    callbacks: createCallbacks({ secret: config.CALLBACK_SECRET, publicUrl: config.PUBLIC_URL }),
    errands,
    hints: createWrites(),
    wrote: writes.happened,
  };
}
