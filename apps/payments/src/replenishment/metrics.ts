import type { SqlTx } from '@forecourt/messaging';
import type { Clock } from '@forecourt/service-kit';
import { Gauge, type Registry } from 'prom-client';

/** A worker looks every second; what has waited for so long, none does. */
const graceMs = 60_000;

interface Source {
  readonly database: Pick<SqlTx, '$queryRaw'>;
  readonly clock: Clock;
}

export function registerReplenishmentMetrics(registry: Registry, { database, clock }: Source): void {
  new Gauge({
    name: 'payments_invoices_overdue',
    help: 'Invoices that somebody should have looked at a minute ago or more, and that nobody has in hand.',
    registers: [registry],
    async collect() {
      const now = clock();
      const dueBefore = new Date(now.getTime() - graceMs);
      // A database that is away keeps nobody from the other metrics.
      const overdue = await countOverdue(database, { now, dueBefore }).catch(() => null);
      if (overdue !== null) this.set(overdue);
    },
  });
}

async function countOverdue(
  db: Pick<SqlTx, '$queryRaw'>,
  { now, dueBefore }: { now: Date; dueBefore: Date },
): Promise<number> {
  const [row] = await db.$queryRaw<[{ overdue: number }]>`
    SELECT count(*)::int AS overdue FROM invoice
    WHERE due_at <= ${dueBefore}::timestamptz AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz)`;
  return row.overdue;
}
