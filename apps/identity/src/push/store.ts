import type { SqlTx } from '@forecourt/messaging';
import { newUuid } from '@forecourt/service-kit';
import type { Push } from './push.ts';

/**
 * In your transaction; a worker tells them once that has committed, to each customer in this order. Who has no app that could listen is passed over.
 */
export async function queuePushes(tx: Pick<SqlTx, '$executeRaw'>, pushes: readonly Push[]): Promise<void> {
  const now = Date.now();
  // Ids of one millisecond are in no order, and what is told together is to be told in its own.
  const rows = JSON.stringify(pushes.map((push, n) => ({ id: newUuid(new Date(now + n)), ...push })));
  await tx.$executeRaw`
    INSERT INTO push (id, customer_id, name, wrapped, bare, created_at)
    SELECT id, "customerId", name, wrapped, bare, now()
    FROM json_to_recordset(${rows}::json) AS row (id uuid, "customerId" text, name text, wrapped json, bare json)
    WHERE "customerId" IN (SELECT customer_id FROM push_topic)`;
}

export interface QueuedPush extends Omit<Push, 'customerId'> {
  readonly id: string;
  /** null: the customer is nobody's any more. */
  readonly topic: string | null;
  /** So late it is not told any more. */
  readonly isStale: boolean;
}

/** Oldest first. */
export const listPushes = (
  db: Pick<SqlTx, '$queryRaw'>,
  { limit, staleSeconds }: { limit: number; staleSeconds: number },
): PromiseLike<QueuedPush[]> =>
  db.$queryRaw<QueuedPush[]>`
    SELECT p.id, p.name, p.wrapped, p.bare, t.topic,
           p.created_at < now() - make_interval(secs => ${staleSeconds}::int) AS "isStale"
    FROM push AS p LEFT JOIN push_topic AS t USING (customer_id)
    ORDER BY p.created_at, p.id LIMIT ${limit}::int`;

export const deletePushes = (db: Pick<SqlTx, '$executeRaw'>, ids: readonly string[]): PromiseLike<number> =>
  db.$executeRaw`DELETE FROM push WHERE id = ANY (${ids}::uuid[])`;

export async function findTopics(
  db: Pick<SqlTx, '$queryRaw'>,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.$queryRaw<{ customerId: string; topic: string }[]>`
    SELECT customer_id AS "customerId", topic FROM push_topic WHERE customer_id = ANY (${customerIds}::text[])`;
  return new Map(rows.map(({ customerId, topic }) => [customerId, topic]));
}

/** What was still to be told, and where. */
export async function forgetPushes(tx: Pick<SqlTx, '$executeRaw'>, customerId: string): Promise<void> {
  await tx.$executeRaw`DELETE FROM push WHERE customer_id = ${customerId}`;
  await tx.$executeRaw`DELETE FROM push_topic WHERE customer_id = ${customerId}`;
}
