import type { Clock, Database, Logger, Runtime } from '@forecourt/service-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Config } from './config.ts';
import { PrismaClient } from './generated/prisma/client.ts';

export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  /** ISO 4217; what every wallet is in. */
  readonly currency: string;
  /** Hand-written SQL: everything that moves money. */
  readonly database: Database;
  /** What operators look up. */
  readonly prisma: PrismaClient;
}

export function createDeps(config: Pick<Config, 'CURRENCY'>, runtime: Runtime): Deps {
  const { database, clock, log, onClose } = runtime;
  const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool, { schema: 'payments' }) });
  onClose('prisma', () => prisma.$disconnect());
  return { clock, log, currency: config.CURRENCY, database, prisma };
}
