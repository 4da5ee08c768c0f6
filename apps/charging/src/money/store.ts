import type { SqlTx } from '@forecourt/messaging';
import type { Portion } from './money.ts';

/** Of these sessions, each in the order of its portions. */
export async function readPortions(tx: SqlTx, sessionIds: readonly string[]): Promise<Map<string, Portion[]>> {
  const rows = await tx.$queryRaw<(Portion & { sessionId: string })[]>`
    SELECT session_id AS "sessionId", n, kind, wanted, amount, status, take, captured, asked_at AS "askedAt"
      FROM session_hold WHERE session_id = ANY(${sessionIds}::text[]) ORDER BY session_id, n`;
  const portions = new Map<string, Portion[]>();
  for (const { sessionId, ...portion } of rows) {
    const those = portions.get(sessionId);
    if (those) those.push(portion);
    else portions.set(sessionId, [portion]);
  }
  return portions;
}

export async function savePortions(
  tx: SqlTx,
  portions: readonly (Portion & { readonly sessionId: string })[],
): Promise<void> {
  if (portions.length === 0) return;
  const rows = JSON.stringify(portions, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
  await tx.$executeRaw`
    INSERT INTO session_hold (session_id, n, kind, wanted, amount, status, take, captured, asked_at)
    SELECT "sessionId", n, kind, wanted, amount, status, take, captured, "askedAt"
      FROM jsonb_to_recordset(${rows}::jsonb) AS row ("sessionId" text, n int, kind text, wanted bigint, amount bigint,
           status text, take bigint, captured bigint, "askedAt" timestamptz)
    ON CONFLICT (session_id, n) DO UPDATE SET amount = excluded.amount, status = excluded.status, take = excluded.take,
           captured = excluded.captured`;
}
