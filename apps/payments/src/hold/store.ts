import type { SqlTx } from '@forecourt/messaging';

/** The keys of holds that are placed and past their time, the oldest first. */
export async function listOverdue(db: Pick<SqlTx, '$queryRaw'>, now: Date, most: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ key: string }[]>`
    SELECT key FROM hold WHERE status = 'placed' AND expires_at <= ${now}::timestamptz
    ORDER BY expires_at LIMIT ${most}::int`;
  return rows.map(({ key }) => key);
}
