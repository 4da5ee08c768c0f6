import type { SqlTx } from '@forecourt/messaging';
import type { Change } from './change-log.ts';

/** Many changes in one INSERT, in their order. */
export async function appendChanges(
  tx: Pick<SqlTx, '$executeRaw'>,
  changes: readonly Change[],
  { actor, now }: { actor: string; now: Date },
): Promise<void> {
  if (changes.length === 0) return;
  const rows = JSON.stringify(changes, (_key, value) => (typeof value === 'bigint' ? Number(value) : value));
  await tx.$executeRaw`
    INSERT INTO change_log (at, kind, thing_id, version, change, actor, data)
    SELECT ${now}::timestamptz, kind, id, version, change, ${actor}::text, data
    FROM jsonb_to_recordset(${rows}::jsonb) AS row (kind text, id text, version int, change text, data jsonb)`;
}
