import type { SqlTx } from '@forecourt/messaging';

const keptHours = 48;
const batch = 5_000;

/** Forgets keys that are old enough, some at a time, so that no statement takes long. */
export async function sweepIdempotencyKeys(db: Pick<SqlTx, '$executeRaw'>, now: Date): Promise<number> {
  const before = new Date(now.getTime() - keptHours * 3_600_000);
  for (let swept = 0; ; ) {
    const deleted = await db.$executeRaw`
      DELETE FROM idempotency_keys WHERE (scope, key) IN (
        SELECT scope, key FROM idempotency_keys WHERE created_at < ${before} LIMIT ${batch}::int)`;
    swept += deleted;
    if (deleted < batch) return swept;
  }
}
