import type { SqlTx } from '@forecourt/messaging';
import type { Clock } from '@forecourt/service-kit';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { findLastVerification } from '../verification/store.ts';

export interface LedgerMetrics {
  /** What became of an act: done, or the code of its refusal. */
  readonly acts: Counter<'act' | 'outcome'>;
  /** How many acts shared a transaction. */
  readonly together: Histogram;
}

interface Source {
  readonly database: Pick<SqlTx, '$queryRaw'>;
  readonly clock: Clock;
}

export function createLedgerMetrics(registry: Registry, { database, clock }: Source): LedgerMetrics {
  const registers = [registry];
  new Gauge({
    name: 'payments_holds_overdue',
    help: 'Holds that are past their time and were not given back yet.',
    registers,
    async collect() {
      // A database that is away keeps nobody from the other metrics.
      const overdue = await countOverdue(database, clock()).catch(() => null);
      if (overdue !== null) this.set(overdue);
    },
  });
  // Each by itself: the registry collects them side by side, and what one sets for another is told a scrape too late.
  new Gauge({
    name: 'payments_ledger_verified_timestamp_seconds',
    help: 'When the whole ledger was added up last.',
    registers,
    async collect() {
      const last = await findLastVerification(database).catch(() => null);
      if (last !== null) this.set(last.begunAt.getTime() / 1000);
    },
  });
  new Gauge({
    name: 'payments_ledger_differences',
    help: 'What did not add up when the whole ledger was added up last; anything but 0 is an alarm.',
    registers,
    async collect() {
      const last = await findLastVerification(database).catch(() => null);
      if (last !== null) this.set(last.differences.length);
    },
  });
  return {
    acts: new Counter({
      name: 'payments_ledger_acts_total',
      help: 'Charges, holds, captures and so on that were asked for, by what came of them.',
      labelNames: ['act', 'outcome'],
      registers,
    }),
    together: new Histogram({
      name: 'payments_ledger_acts_together',
      help: 'Acts that shared a transaction.',
      buckets: [1, 2, 4, 8, 16, 32, 64],
      registers,
    }),
  };
}

async function countOverdue(db: Pick<SqlTx, '$queryRaw'>, now: Date): Promise<number> {
  const [row] = await db.$queryRaw<[{ overdue: number }]>`
    SELECT count(*)::int AS overdue FROM hold WHERE status = 'placed' AND expires_at <= ${now}::timestamptz`;
  return row.overdue;
}
