import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import type { ExchangedToken } from '../session/exchanged-tokens.ts';
import { noteUseEverySeconds, type Visit } from '../session/session.ts';
import { hashOf, newSiteToken, sessionExpiry } from './site-session.ts';
import { insertSiteSession, useSiteToken } from './store.ts';

/** A login in a browser that keeps one token, in the transaction that proves who it is. Gives the token, here alone in clear. */
export async function openSiteSession(
  tx: Pick<SqlTx, '$executeRaw'>,
  { customerId, visit, now }: { customerId: string; visit: Visit; now: Date },
): Promise<string> {
  const [sessionId, token] = [newObjectId(now), newSiteToken()];
  const expiresAt = sessionExpiry(now);
  await insertSiteSession(tx, { sessionId, customerId, visit, tokenHash: hashOf(token), openedAt: now, expiresAt });
  return token;
}

/** The gateway goes on with what it gets. No role is in it: what a browser sends by itself does not act as an operator. */
export async function exchangeSiteToken(
  { database, clock, exchangedTokens }: Pick<Deps, 'database' | 'clock' | 'exchangedTokens'>,
  token: string,
): Promise<ExchangedToken> {
  const now = clock();
  const noteUsesBefore = new Date(now.getTime() - noteUseEverySeconds * 1000);
  const holder = await useSiteToken(database, { hash: hashOf(token), now, noteUsesBefore });
  if (!holder) throw new AppError('unauthenticated', 'The token is not valid.');
  return exchangedTokens.tokenFor({ ...holder, roles: [] }, now);
}
