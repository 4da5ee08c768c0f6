import type { SqlTx } from './sql-tx.ts';

/**
 * The first statement of every transaction that writes about an aggregate; held until the transaction ends.
 * It waits before the transaction has an id, so that versions, transaction ids and events of one aggregate keep one
 * order: a row lock is taken too late for that. Lock several in the order of their ids. A collision of hashes only
 * makes two aggregates wait for one another.
 */
export async function lockAggregate(tx: Pick<SqlTx, '$executeRaw'>, kind: string, id: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.' || ${kind}::text), hashtext(${id}::text))`;
}
