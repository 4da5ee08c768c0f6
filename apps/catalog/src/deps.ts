import type { SqlTx } from '@forecourt/messaging';
import type { Clock, Database, Logger, Runtime } from '@forecourt/service-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Revisions, watchRevisions } from './change-log/revision.ts';
import type { Config } from './config.ts';
import { createDirectoryReader, type DirectoryReader } from './directory/reader.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { createRegister, type Register } from './listing/register.ts';
import { createListedFinder, type FindListed } from './listing/service.ts';
import { createShelf, type Shelf } from './listing/shelf.ts';
import { createVocabulary, type Vocabulary } from './search/vocabulary.ts';
import { createNews, type News } from './sync/news.ts';

export type Db = PrismaClient;
export type Tx = Prisma.TransactionClient;

export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly currency: string;
  readonly db: Db;
  /** Hand-written SQL, for what is hot. */
  readonly database: Database;
  readonly revisions: Revisions;
  readonly news: News;
  readonly directory: DirectoryReader;
  readonly shelf: Shelf;
  readonly register: Register;
  readonly vocabulary: Vocabulary;
  readonly findListed: FindListed;
  /** A transaction that changes the catalogue; a minute long at most unless told. */
  change<T>(work: (tx: Tx) => Promise<T>, options?: { mostMs?: number }): Promise<T>;
  /** The same for consumers, which need no Prisma. */
  transact<T>(work: (tx: SqlTx) => Promise<T>): Promise<T>;
}

type Surroundings = Pick<Runtime, 'database' | 'clock' | 'log' | 'onClose'>;

export function createDeps(config: Pick<Config, 'CURRENCY'>, { database, clock, log, onClose }: Surroundings): Deps {
  const db = new PrismaClient({
    adapter: new PrismaPg(database.pool, { schema: 'catalog' }),
    transactionOptions: { maxWait: 5_000, timeout: 60_000 },
  });
  onClose('prisma', () => db.$disconnect());

  const revisions = watchRevisions(database, clock);
  const thenLookAgain = <T>(work: Promise<T>) => work.finally(revisions.expire);
  return {
    clock,
    log,
    currency: config.CURRENCY,
    db,
    database,
    revisions,
    news: createNews(revisions),
    directory: createDirectoryReader(database, revisions, clock),
    shelf: createShelf(revisions, clock),
    register: createRegister({ database, revisions, clock, log }),
    vocabulary: createVocabulary(database, revisions),
    findListed: createListedFinder(database),
    change: (work, { mostMs = 60_000 } = {}) => thenLookAgain(db.$transaction(work, { timeout: mostMs })),
    transact: (work) => thenLookAgain(database.transaction(work)),
  };
}
