import type { SqlTx } from '@forecourt/messaging';
import type { Given } from './refund.ts';

export interface Refund extends Given {
  readonly key: string;
  readonly sessionId: string;
  readonly reason: string;
  readonly operatorId: string;
  readonly askedAt: Date;
  readonly endedAt: Date | null;
}

/** Of these purchases, oldest first. */
export const listRefunds = (db: Pick<SqlTx, '$queryRaw'>, sessionIds: readonly string[]): PromiseLike<Refund[]> =>
  db.$queryRaw<Refund[]>`
    SELECT key, n, session_id AS "sessionId", amount, reason, operator_id AS "operatorId", status,
           asked_at AS "askedAt", ended_at AS "endedAt"
      FROM session_refund WHERE session_id = ANY(${sessionIds}::text[]) ORDER BY asked_at, key, n`;

/** With what of the purchase is given back by then; under its lock. */
export async function insertRefund(
  tx: Pick<SqlTx, '$executeRaw'>,
  parts: readonly Omit<Refund, 'status' | 'endedAt'>[],
): Promise<void> {
  for (const { key, n, sessionId, amount, reason, operatorId, askedAt } of parts) {
    await tx.$executeRaw`
      INSERT INTO session_refund (key, n, session_id, amount, reason, operator_id, status, asked_at)
      VALUES (${key}, ${n}::int4, ${sessionId}, ${amount}::int8, ${reason}, ${operatorId}, 'asked', ${askedAt}::timestamptz)`;
    await tx.$executeRaw`UPDATE session SET refunded = refunded + ${amount}::int8 WHERE id = ${sessionId}`;
  }
}

/** What payments said of it; under its lock. What was refused is not given back. */
export async function endRefund(
  tx: Pick<SqlTx, '$executeRaw'>,
  { key, n, sessionId, amount }: Refund,
  { done, now }: { done: boolean; now: Date },
): Promise<void> {
  const ended = await tx.$executeRaw`
    UPDATE session_refund SET status = ${done ? 'done' : 'refused'}, ended_at = ${now}::timestamptz
     WHERE session_id = ${sessionId} AND key = ${key} AND n = ${n}::int4 AND status = 'asked'`;
  if (done || ended === 0) return;
  await tx.$executeRaw`UPDATE session SET refunded = refunded - ${amount}::int8 WHERE id = ${sessionId}`;
}

/** Nobody has heard payments' answer about them for a while. */
export const listForgotten = (
  db: Pick<SqlTx, '$queryRaw'>,
  { askedBefore, most }: { askedBefore: Date; most: number },
): PromiseLike<{ sessionId: string }[]> =>
  db.$queryRaw<{ sessionId: string }[]>`
    SELECT session_id AS "sessionId" FROM session_refund
     WHERE status = 'asked' AND asked_at < ${askedBefore}::timestamptz
     GROUP BY session_id ORDER BY min(asked_at) LIMIT ${most}::int4`;
