import type { SqlTx } from '@forecourt/messaging';
import type { Clock } from '@forecourt/service-kit';
import { Gauge, Histogram, type Registry } from 'prom-client';

export interface SessionMetrics {
  /** How many messages of meters shared a transaction. */
  readonly together: Histogram;
}

interface Source {
  readonly database: Pick<SqlTx, '$queryRaw'>;
  readonly clock: Clock;
}

/** A worker that lives looks at what is due within a second or two. */
const overdueSec = 30;

export function createSessionMetrics(registry: Registry, { database, clock }: Source): SessionMetrics {
  const registers = [registry];
  new Gauge({
    name: 'charging_sessions',
    help: 'Sessions that are not over, by their state.',
    labelNames: ['state'],
    registers,
    async collect() {
      // A database that is away keeps nobody from the other metrics.
      const counts = await countByState(database).catch(() => null);
      if (counts === null) return;
      this.reset();
      for (const { state, count } of counts) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'charging_sessions_overdue',
    help: 'Sessions that nobody has looked at half a minute after their time; anything but 0 for long is an alarm.',
    registers,
    async collect() {
      const overdue = await countOverdue(database, new Date(clock().getTime() - overdueSec * 1_000)).catch(() => null);
      if (overdue !== null) this.set(overdue);
    },
  });
  return {
    together: new Histogram({
      name: 'charging_meter_messages_together',
      help: 'Messages of meters that shared a transaction.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128],
      registers,
    }),
  };
}

async function countByState(db: Pick<SqlTx, '$queryRaw'>): Promise<{ state: string; count: number }[]> {
  return await db.$queryRaw`
    SELECT state, count(*)::int AS count FROM session
    WHERE state IN ('requested', 'held', 'starting', 'charging', 'waiting') GROUP BY state`;
}

async function countOverdue(db: Pick<SqlTx, '$queryRaw'>, before: Date): Promise<number> {
  const [row] = await db.$queryRaw<[{ overdue: number }]>`
    SELECT count(*)::int AS overdue FROM session
    WHERE due_at < ${before}::timestamptz AND (taken_until IS NULL OR taken_until < ${before}::timestamptz)`;
  return row.overdue;
}
