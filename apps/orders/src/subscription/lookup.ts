import type { SubscriptionReason, SubscriptionState } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { fromRow, type StoredPackage, type SubscriptionRow, toPackage } from './row.ts';
import type { Period, Subscription } from './subscription.ts';

type Reads = Pick<SqlTx, '$queryRaw'>;

export async function findOwner(db: Reads, id: string): Promise<string | null> {
  const [row] = await db.$queryRaw<{ customerId: string }[]>`
    SELECT customer_id AS "customerId" FROM subscription WHERE id = ${id}`;
  return row?.customerId ?? null;
}

/** What a customer may use now, the one first that ends first. */
export async function listInForce(
  db: Reads,
  customerId: string,
  now: Date,
): Promise<{ productNumber: number; until: Date }[]> {
  return await db.$queryRaw`
    SELECT product_number AS "productNumber", until FROM subscription
    WHERE customer_id = ${customerId} AND state = 'active' AND until > ${now}::timestamptz ORDER BY until, id`;
}

/** Newest first. A page that is not full tells the total by itself. */
export async function listSubscriptionsOf(
  db: Reads,
  customerId: string,
  { page, limit }: { page: number; limit: number },
): Promise<{ items: Subscription[]; total: number }> {
  const offset = (page - 1) * limit;
  const rows = await db.$queryRaw<SubscriptionRow[]>`
    SELECT * FROM subscription WHERE customer_id = ${customerId}
    ORDER BY id DESC LIMIT ${limit}::int OFFSET ${offset}::int`;
  const items = rows.map(fromRow);
  const isLast = items.length < limit && (items.length > 0 || page === 1);
  if (isLast) return { items, total: offset + items.length };
  const [row] = await db.$queryRaw<[{ total: number }]>`
    SELECT count(*)::int AS total FROM subscription WHERE customer_id = ${customerId}`;
  return { items, total: row.total };
}

export interface SubscriptionFilter {
  readonly state?: SubscriptionState | undefined;
  readonly reason?: SubscriptionReason | undefined;
  readonly customerId?: string | undefined;
  readonly productId?: string | undefined;
  readonly endsFrom?: Date | undefined;
  readonly endsTo?: Date | undefined;
  /** The last one of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Newest first, to the second. */
export async function listSubscriptions(
  { subscription }: PrismaClient,
  { state, reason, customerId, productId, endsFrom, endsTo, after, limit }: SubscriptionFilter,
): Promise<Subscription[]> {
  const rows = await subscription.findMany({
    where: {
      ...(state && { state }),
      ...(reason && { reason }),
      ...(customerId && { customerId }),
      ...(productId && { productId }),
      ...((endsFrom || endsTo) && { until: { ...(endsFrom && { gte: endsFrom }), ...(endsTo && { lt: endsTo }) } }),
      ...(after && { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map(fromPrisma);
}

export interface Told {
  readonly what: SubscriptionReason;
  readonly state: SubscriptionState;
  readonly until: Date | null;
  readonly at: Date;
  readonly by: string | null;
  readonly note: string | null;
}

export interface WholeSubscription {
  readonly subscription: Subscription;
  readonly periods: readonly Period[];
  readonly history: readonly Told[];
}

export async function findWhole(
  { subscription, subscriptionHistory }: PrismaClient,
  id: string,
): Promise<WholeSubscription | null> {
  const [row, history] = await Promise.all([
    subscription.findUnique({ where: { id }, include: { periods: { orderBy: { n: 'asc' } } } }),
    subscriptionHistory.findMany({
      where: { subscriptionId: id },
      orderBy: { id: 'asc' },
      omit: { subscriptionId: true, id: true },
    }),
  ]);
  if (!row) return null;
  const { periods, ...rest } = row;
  return {
    subscription: fromPrisma(rest),
    periods: periods.map(({ subscriptionId: _, terms, ...period }) => ({
      ...(period as unknown as Omit<Period, 'terms'>),
      terms: toPackage(terms as unknown as StoredPackage),
    })),
    history: history as unknown as Told[],
  };
}

/** Prisma gives what a row has under our own names; JSON it takes for anything. */
function fromPrisma(row: { next: unknown }): Subscription {
  const {
    dueAt: _due,
    takenUntil: _taken,
    ...subscription
  } = row as unknown as Omit<Subscription, 'next'> & {
    next: StoredPackage | null;
    dueAt: Date | null;
    takenUntil: Date | null;
  };
  return { ...subscription, next: subscription.next && toPackage(subscription.next) };
}
