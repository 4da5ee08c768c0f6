import type { SqlTx } from '@forecourt/messaging';
import type { Clock } from '@forecourt/service-kit';
import { Gauge, type Registry } from 'prom-client';

interface Source {
  readonly database: Pick<SqlTx, '$queryRaw'>;
  readonly clock: Clock;
}

/** A worker that lives looks at what is due within a second or two. */
const overdueSec = 30;

/** A neighbour was away for minutes by then, or something is wrong for good. */
const mostAttempts = 5;

export function measureSubscriptions(registry: Registry, { database, clock }: Source): void {
  const registers = [registry];
  new Gauge({
    name: 'orders_subscriptions',
    help: 'Subscriptions that are not over, by their state.',
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
    name: 'orders_due_failing',
    help: `Subscriptions and pending orders that were tried in vain ${mostAttempts} times or more; they are tried again, but anything but 0 for long is an alarm.`,
    registers,
    async collect() {
      const failing = await countFailing(database).catch(() => null);
      if (failing !== null) this.set(failing);
    },
  });
  new Gauge({
    name: 'orders_subscriptions_unclear',
    help: 'Subscriptions whose charge was refused because its key had paid for something else; each waits for an operator.',
    registers,
    async collect() {
      const unclear = await countUnclear(database).catch(() => null);
      if (unclear !== null) this.set(unclear);
    },
  });
  new Gauge({
    name: 'orders_due_overdue',
    help: 'Subscriptions and pending orders that nobody has looked at half a minute after their time; anything but 0 for long is an alarm.',
    registers,
    async collect() {
      const overdue = await countOverdue(database, new Date(clock().getTime() - overdueSec * 1_000)).catch(() => null);
      if (overdue !== null) this.set(overdue);
    },
  });
}

async function countByState(db: Pick<SqlTx, '$queryRaw'>): Promise<{ state: string; count: number }[]> {
  return await db.$queryRaw`
    SELECT state, count(*)::int AS count FROM subscription WHERE state IN ('unpaid', 'active') GROUP BY state`;
}

async function countOverdue(db: Pick<SqlTx, '$queryRaw'>, before: Date): Promise<number> {
  const [row] = await db.$queryRaw<[{ overdue: number }]>`
    SELECT count(*)::int AS overdue FROM (
      SELECT due_at, taken_until FROM subscription UNION ALL SELECT due_at, taken_until FROM pending_order) AS due
    WHERE due_at < ${before}::timestamptz AND (taken_until IS NULL OR taken_until < ${before}::timestamptz)`;
  return row.overdue;
}

async function countFailing(db: Pick<SqlTx, '$queryRaw'>): Promise<number> {
  const [row] = await db.$queryRaw<[{ failing: number }]>`
    SELECT count(*)::int AS failing FROM (
      SELECT attempts FROM subscription WHERE due_at IS NOT NULL
      UNION ALL SELECT attempts FROM pending_order WHERE due_at IS NOT NULL) AS due
    WHERE attempts >= ${mostAttempts}::int`;
  return row.failing;
}

async function countUnclear(db: Pick<SqlTx, '$queryRaw'>): Promise<number> {
  const [row] = await db.$queryRaw<[{ unclear: number }]>`
    SELECT count(*)::int AS unclear FROM subscription
    WHERE state IN ('unpaid', 'active') AND reason = 'charge_unclear'`;
  return row.unclear;
}
