import type { Clock, Database, Logger, Runtime } from '@forecourt/service-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Config } from './config.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { catalogueOver } from './offer/catalogue.ts';
import { createDiscountCache, type DiscountsAt } from './offer/discount-cache.ts';
import type { Catalogue } from './offer/offer.ts';
import { createMemory, type Memory } from './placement/memory.ts';
import { newOrderNumber } from './placement/number.ts';
import { createBasisReader, createOrderStore, type ReadBasis, type StoreOrder } from './placement/together.ts';

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
}

export function createDeps(config: Pick<Config, 'CURRENCY'>, runtime: Runtime): Deps {
  const { database, clock, log, onClose } = runtime;
  const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool, { schema: 'orders' }) });
  onClose('prisma', () => prisma.$disconnect());
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
  };
}
