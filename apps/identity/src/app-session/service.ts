import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import type { ExchangedToken } from '../session/exchanged-tokens.ts';
import { noteUseEverySeconds, type Visit } from '../session/session.ts';
import { graceEnd, hashOf, mostUnused, newAppToken, tokenExpiry } from './app-session.ts';
import { insertAppSession, insertSuccessor, useToken } from './store.ts';

/** What an app keeps until it asks for the next one. */
export interface IssuedAppToken {
  readonly sessionId: string;
  /** Here and at the app alone in clear. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** A login in an app, in the transaction that proves who it is. */
export async function openAppSession(
  tx: Pick<SqlTx, '$executeRaw'>,
  { customerId, visit, now }: { customerId: string; visit: Visit; now: Date },
): Promise<IssuedAppToken> {
  const [sessionId, token, expiresAt] = [newObjectId(now), newAppToken(), tokenExpiry(now)];
  await insertAppSession(tx, { sessionId, customerId, visit, tokenHash: hashOf(token), openedAt: now, expiresAt });
  return { sessionId, token, expiresAt };
}

/**
 * A fresh token for a session of an app, which goes on for as long as the token. A session of another kind gets none: what
 * its caller holds is good for minutes, and must not become good for weeks.
 */
export async function renewAppSession(
  tx: Pick<SqlTx, '$executeRaw'>,
  { sessionId, customerId, now }: { sessionId: string; customerId: string; now: Date },
): Promise<IssuedAppToken> {
  const [token, expiresAt] = [newAppToken(), tokenExpiry(now)];
  if (!(await insertSuccessor(tx, { sessionId, customerId, tokenHash: hashOf(token), now, expiresAt, mostUnused }))) {
    throw new AppError('proof_needed', 'Sign in with a code, in the app.');
  }
  return { sessionId, token, expiresAt };
}

/** The gateway goes on with what it gets. No role is in it: an app of drivers does not act as an operator for weeks. */
export async function exchangeAppToken(
  { database, clock, exchangedTokens }: Pick<Deps, 'database' | 'clock' | 'exchangedTokens'>,
  token: string,
): Promise<ExchangedToken> {
  const now = clock();
  const noteUsesBefore = new Date(now.getTime() - noteUseEverySeconds * 1000);
  const holder = await useToken(database, { hash: hashOf(token), now, graceEnd: graceEnd(now), noteUsesBefore });
  if (!holder) throw new AppError('unauthenticated', 'The token is not valid.');
  return exchangedTokens.tokenFor({ ...holder, roles: [] }, now);
}
