import { lockAggregate, type SqlTx } from '@forecourt/messaging';

type Locking = Pick<SqlTx, '$executeRaw'>;

/**
 * The first statement of a transaction that changes one product. Products are written side by side, but never while the whole
 * catalogue is: their paths and prices follow from categories and discounts.
 */
export async function lockProduct(tx: Locking, productId: string): Promise<void> {
  await lockAggregate(tx, 'product', productId);
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtext(current_schema() || '.catalogue'), 0)`;
}

/**
 * The first statement of a transaction about anything else: new products, categories, manufacturers, countries, discounts, imports. It
 * waits for all products' transactions and keeps new ones out, so it may touch any of them without a lock each.
 */
export async function lockCatalogue(tx: Locking): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.catalogue'), 0)`;
}
