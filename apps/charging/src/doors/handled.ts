import { createHash } from 'node:crypto';
import type { SqlTx } from '@forecourt/messaging';
import type { Payload } from '../ocpp/frame.ts';

export interface CallName {
  readonly stationId: string;
  readonly messageId: string;
  /** Of action and payload: small stations count their messages from 1 again after each start. */
  readonly hash: string;
  readonly receivedAt: Date;
}

/** As long as the partitions of the ledger last. */
const rememberedDays = 14;

export const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);

/** The answer that this very call got; null: it is a new one. */
export async function findAnswer(
  tx: Pick<SqlTx, '$queryRaw'>,
  { stationId, messageId, hash, receivedAt }: CallName,
): Promise<Payload | null> {
  const [known] = await tx.$queryRaw<{ answer: Payload }[]>`
    SELECT answer FROM handled_call
     WHERE station_id = ${stationId} AND message_id = ${messageId} AND hash = ${hash}
       AND received_on > (${receivedAt}::timestamptz AT TIME ZONE 'UTC')::date - ${rememberedDays}::int
     ORDER BY received_on DESC LIMIT 1`;
  return known?.answer ?? null;
}

export async function keepAnswer(
  tx: Pick<SqlTx, '$executeRaw'>,
  { stationId, messageId, hash, receivedAt }: CallName,
  answer: Payload,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO handled_call (received_on, station_id, message_id, hash, answer)
    VALUES ((${receivedAt}::timestamptz AT TIME ZONE 'UTC')::date, ${stationId}, ${messageId}, ${hash},
            ${JSON.stringify(answer)}::jsonb)
    ON CONFLICT DO NOTHING`;
}
