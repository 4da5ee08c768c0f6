import type { SqlTx } from '@forecourt/messaging';

/**
 * The database has gone back in time, or came out of a dump, and counts its transactions anew: rows may carry ids from the
 * future, or ids among which new ones fall. All rows are brought before the first transaction, in the order of `seq`,
 * which is each thing's own order, and whoever follows has to begin again.
 */
export async function beginAnew(tx: Pick<SqlTx, '$executeRaw'>): Promise<void> {
  await tx.$executeRaw`UPDATE change_log SET xid = '0' WHERE xid <> '0'`;
  await tx.$executeRaw`UPDATE change_log_epoch SET epoch = replace(gen_random_uuid()::text, '-', '')`;
}
