import type { SqlTx } from '@forecourt/messaging';
import type { AuthorizationStatus } from './saying.ts';

/** A customer's card or tag, as sessions see it. */
export interface Card {
  readonly token: string;
  readonly groupToken: string | null;
  readonly customerId: string;
  readonly blocked: boolean;
  readonly expiresAt: Date | null;
}

export async function findCard(tx: Pick<SqlTx, '$queryRaw'>, token: string): Promise<Card | null> {
  const [card] = await tx.$queryRaw<Card[]>`
    SELECT token, group_token AS "groupToken", customer_id AS "customerId", blocked, expires_at AS "expiresAt"
      FROM card WHERE token = upper(${token}::text)`;
  return card ?? null;
}

/** Whether a card of a group charges at a station, which any other card of the group may end. */
export async function isOfGroupThere(
  tx: Pick<SqlTx, '$queryRaw'>,
  { stationId, groupToken }: { stationId: string; groupToken: string },
): Promise<boolean> {
  const [found] = await tx.$queryRaw<[{ there: boolean }]>`
    SELECT EXISTS (SELECT FROM session JOIN card ON card.token = session.id_token
                    WHERE session.station_id = ${stationId} AND session.state IN ('charging', 'waiting')
                      AND session.stopped_at IS NULL AND card.group_token = ${groupToken}) AS there`;
  return found.there;
}

export function statusOf(card: Card | null, now: Date): Exclude<AuthorizationStatus, 'ConcurrentTx'> {
  if (!card) return 'Invalid';
  if (card.blocked) return 'Blocked';
  return card.expiresAt && card.expiresAt <= now ? 'Expired' : 'Accepted';
}
