import type { SqlTx } from '@forecourt/messaging';
import { type StoredPackage, storedPackage, toPackage } from '../subscription/row.ts';
import type { PendingOrder } from './pending.ts';

type Reads = Pick<SqlTx, '$queryRaw'>;
type Writes = Pick<SqlTx, '$executeRaw'>;

interface PendingRow extends Omit<PendingOrder, 'terms'> {
  terms: StoredPackage | null;
}

export async function insertPending(tx: Writes, order: PendingOrder, dueAt: Date | null): Promise<void> {
  const { id, version, customerId, phone, language, productId, productNumber, sku, title, price, currency } = order;
  const { terms, status, orderedAt, expiresAt } = order;
  await tx.$executeRaw`
    INSERT INTO pending_order (id, version, customer_id, phone, language, product_id, product_number, sku, title, price,
      currency, package, status, ordered_at, expires_at, due_at)
    VALUES (${id}, ${version}::int, ${customerId}, ${phone}, ${language}, ${productId}, ${productNumber}::int, ${sku},
      ${JSON.stringify(title)}::jsonb, ${price}::bigint, ${currency}, ${terms && storedPackage(terms)}::jsonb, ${status},
      ${orderedAt}::timestamptz, ${expiresAt}::timestamptz, ${dueAt}::timestamptz)`;
}

export async function findPending(db: Reads, id: string): Promise<PendingOrder | null> {
  const [row] = await db.$queryRaw<PendingRow[]>`
    SELECT id, version, customer_id AS "customerId", phone, language, product_id AS "productId",
      product_number AS "productNumber", sku, title, price, currency, package AS terms, status, reason,
      code_request_id AS "codeRequestId", subscription_id AS "subscriptionId", order_id AS "orderId",
      ordered_at AS "orderedAt", expires_at AS "expiresAt", confirmed_at AS "confirmedAt", ended_at AS "endedAt", attempts
    FROM pending_order WHERE id = ${id}`;
  return row ? { ...row, terms: row.terms && toPackage(row.terms) } : null;
}

/** Under its lock, a version further than it was read. */
export async function savePending(tx: Writes, order: PendingOrder, dueAt: Date | null): Promise<void> {
  const { id, version, status, reason, codeRequestId, subscriptionId, orderId, confirmedAt, endedAt, attempts } = order;
  const saved = await tx.$executeRaw`
    UPDATE pending_order SET version = ${version}::int, status = ${status}, reason = ${reason},
      code_request_id = ${codeRequestId}::uuid, subscription_id = ${subscriptionId}, order_id = ${orderId},
      confirmed_at = ${confirmedAt}::timestamptz, ended_at = ${endedAt}::timestamptz, attempts = ${attempts}::int,
      due_at = ${dueAt}::timestamptz
    WHERE id = ${id} AND version = ${version}::int - 1`;
  if (saved !== 1) throw new Error(`pending order ${id} was changed without its lock`);
}

/** Those that are due, the one first that has been so for longest; nobody else works on them until `lease`. */
export async function takeDue(
  db: Reads,
  { now, lease, most }: { now: Date; lease: Date; most: number },
): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE pending_order SET taken_until = ${lease}::timestamptz
    WHERE id = ANY (ARRAY(
      SELECT id FROM pending_order
      WHERE due_at <= ${now}::timestamptz AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz
        OR taken_until > ${farAhead(now, lease)}::timestamptz)
      ORDER BY due_at LIMIT ${most}::int FOR UPDATE SKIP LOCKED))
    RETURNING id`;
  return rows.map(({ id }) => id);
}

/** A mark that lies further ahead than anybody sets one is of a clock that ran ahead, and is not waited for. */
const farAhead = (now: Date, lease: Date) => new Date(2 * lease.getTime() - now.getTime());

export async function handBack(db: Writes, { id, lease }: { id: string; lease: Date }): Promise<void> {
  await db.$executeRaw`
    UPDATE pending_order SET taken_until = NULL WHERE id = ${id} AND taken_until = ${lease}::timestamptz`;
}

/** Nobody was told of it. */
export const deletePending = (db: Writes, id: string): PromiseLike<number> =>
  db.$executeRaw`DELETE FROM pending_order WHERE id = ${id} AND status = 'pending' AND code_request_id IS NULL`;

const keptDays = 30;
const batch = 5_000;

/** What came to nothing is forgotten after a while, some at a time, so that no statement takes long. */
export async function sweepPending(db: Writes, now: Date): Promise<void> {
  const before = new Date(now.getTime() - keptDays * 24 * 3_600_000);
  for (;;) {
    const deleted = await db.$executeRaw`
      DELETE FROM pending_order WHERE id IN (
        SELECT id FROM pending_order WHERE status = 'lapsed' AND ended_at < ${before}::timestamptz LIMIT ${batch}::int)`;
    if (deleted < batch) return;
  }
}
