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
import { PrismaClient } from './generated/prisma/client.ts';
import { type Payments, paymentsOver } from './money/payments.ts';
import { catalogueOver } from './offer/catalogue.ts';
import { createDiscountCache, type DiscountsAt } from './offer/discount-cache.ts';
import type { Catalogue } from './offer/offer.ts';
import { createMemory, type Memory } from './placement/memory.ts';
import { newOrderNumber } from './placement/number.ts';
import { createBasisReader, createOrderStore, type ReadBasis, type StoreOrder } from './placement/together.ts';
import { measureSubscriptions } from './subscription/metrics.ts';
import type { SubscriptionRules } from './subscription/plan.ts';
import { subscriptionRulesOf } from './subscription/settings.ts';

export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly currency: string;
  /** Hand-written SQL: placing, buyers' lists and everything that writes. */
  readonly database: Database;
  /** What operators look up. */
  readonly prisma: PrismaClient;
  readonly catalogue: Catalogue;
  readonly discountsAt: DiscountsAt;
  readonly memory: Memory;
  readonly readBasis: ReadBasis;
  readonly storeOrder: StoreOrder;
  readonly newOrderNumber: () => string;
  readonly customers: Customers;
  readonly payments: Payments;
  readonly subscriptionRules: SubscriptionRules;
  readonly secureCookies: boolean;
  /** Said when something may have to be done at once; the workers listen. */
  readonly work: Writes;
  /** Says that an event may be waiting, for what is done outside of requests. */
  readonly wrote: () => void;
}

export function createDeps(config: Config, runtime: Runtime): Deps {
  const { database, clock, log, metrics, onClose, writes } = runtime;
  const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool, { schema: 'orders' }) });
  onClose('prisma', () => prisma.$disconnect());
  measureSubscriptions(metrics.registry, { database, clock });
  return {
    clock,
    log,
    currency: config.CURRENCY,
    database,
    prisma,
    catalogue: catalogueOver(() => runtime.nats),
    discountsAt: createDiscountCache(database),
    memory: createMemory(),
    readBasis: createBasisReader(database),
    storeOrder: createOrderStore(database),
    newOrderNumber,
    customers: customersOver(() => runtime.nats),
    payments: paymentsOver(() => runtime.nats),
    subscriptionRules: subscriptionRulesOf(config),
    secureCookies: config.NODE_ENV === 'production',
    work: createWrites(),
    wrote: writes.happened,
  };
}
