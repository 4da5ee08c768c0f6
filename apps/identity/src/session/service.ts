import { sessionRevoked } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { enqueueAll, outboxRow, type SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import type { Deps } from '../deps.ts';
import { type EndReason, judge, refreshExpiry, type Visit } from './session.ts';
import {
  type EndedSession,
  endSession,
  endSessionOf,
  endSessionsOf,
  findToken,
  insertSession,
  listSessionsOf,
  type NewSession,
  type OpenSession,
  type SessionOwner,
  spendToken,
} from './store.ts';
import { hashOf, newRefreshToken, signAccessToken, successorOf, type TokenPair, tokenIdBeside } from './token.ts';

/** A session that is made but not stored yet, and its first pair of tokens. */
export interface PreparedSession {
  readonly session: NewSession;
  readonly tokens: TokenPair;
}

export async function prepareSession(
  deps: Deps,
  owner: { customerId: string; roles: readonly string[] },
  visit: Visit,
  now: Date,
): Promise<PreparedSession> {
  const { keyRing } = deps;
  const key = await keyRing.current();
  const sessionId = newObjectId(now);
  const refreshToken = newRefreshToken();
  const accessToken = await signAccessToken(key, {
    ...deps.tokenRules,
    ...owner,
    sessionId,
    issuedAt: now,
    tokenId: tokenIdBeside(refreshToken),
  });
  const session = {
    id: sessionId,
    customerId: owner.customerId,
    visit,
    tokenHash: hashOf(refreshToken),
    keyId: key.id,
    openedAt: now,
    expiresAt: refreshExpiry(now),
  };
  return { session, tokens: { accessToken, refreshToken } };
}

export const openSession = (tx: SqlTx, { session }: PreparedSession): Promise<void> => insertSession(tx, session);

/** Spends the token for a new pair; within the grace a spent one gets that same pair again, after it all is over. */
export async function refresh(deps: Deps, refreshToken: string): Promise<TokenPair> {
  const { database, clock, keyRing, secrets } = deps;
  const now = clock();
  const key = await keyRing.current();
  const successor = successorOf(secrets.refreshTokens, refreshToken);
  const owner = await spendToken(database, {
    hash: hashOf(refreshToken),
    successorHash: hashOf(successor),
    keyId: key.id,
    now,
    successorExpiresAt: refreshExpiry(now),
  });
  if (!owner) return repeat(deps, refreshToken, successor, now);
  return pair(deps, key.id, owner, successor, now);
}

async function repeat(deps: Deps, refreshToken: string, successor: string, now: Date): Promise<TokenPair> {
  const { database, log } = deps;
  const token = await findToken(database, hashOf(refreshToken));
  switch (judge(token, now)) {
    case 'repeat': {
      const issued = await findToken(database, hashOf(successor));
      // Not found: TOKEN_SECRET was replaced within these seconds, and nobody can make that pair again.
      if (!issued) throw invalid();
      return pair(deps, issued.keyId, issued, successor, issued.issuedAt);
    }
    case 'stolen': {
      const { sessionId, customerId } = token as SessionOwner;
      await endStolen(deps, sessionId, now);
      log.warn({ customerId, sessionId }, 'a spent refresh token was used again; its session is ended');
      throw invalid();
    }
    default:
      throw invalid();
  }
}

const endStolen = ({ database }: Deps, sessionId: string, now: Date): Promise<void> =>
  database.transaction(async (tx) => {
    const reason = 'refresh_reused';
    const ended = await endSession(tx, sessionId, reason, now);
    await tellEnded(tx, ended, reason, now);
    for (const { customerId: subjectId } of ended) {
      const facts = { sessionId, reason };
      await recordAct(tx, { act: 'session.ended', actor: { role: 'system' }, subjectId, facts, at: now });
    }
  });

async function pair(
  deps: Deps,
  keyId: string,
  owner: SessionOwner,
  refreshToken: string,
  issuedAt: Date,
): Promise<TokenPair> {
  const key = await deps.keyRing.find(keyId);
  if (!key) throw invalid();
  const { customerId, sessionId, roles } = owner;
  const tokenId = tokenIdBeside(refreshToken);
  const facts = { ...deps.tokenRules, customerId, sessionId, roles, issuedAt, tokenId };
  return { accessToken: await signAccessToken(key, facts), refreshToken };
}

const invalid = () => new AppError('refresh_token_invalid', 'The refresh token is invalid or has expired.');

export const logOut = ({ database, clock }: Deps, sessionId: string): Promise<void> =>
  database.transaction(async (tx) => {
    const now = clock();
    await tellEnded(tx, await endSession(tx, sessionId, 'logout', now), 'logout', now);
  });

/** So many are shown: a list for people, who look for the ones that were used last. */
const mostShown = 100;

export const listSessions = (
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  customerId: string,
): PromiseLike<OpenSession[]> => listSessionsOf(database, customerId, clock(), mostShown);

/** One login of a customer, ended by them from another one, or by an operator. */
export const endSessionOfCustomer = (
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  { customerId, sessionId, actor }: { customerId: string; sessionId: string; actor: Actor },
): Promise<void> =>
  database.transaction(async (tx) => {
    const now = clock();
    const reason = actor.role === 'customer' ? 'ended_by_customer' : 'ended_by_operator';
    const ended = await endSessionOf(tx, { customerId, sessionId, reason, now });
    if (ended.length === 0) throw new AppError('session_not_found', 'There is no such session.');
    await tellEnded(tx, ended, reason, now);
    await recordAct(tx, { act: 'session.ended', actor, subjectId: customerId, facts: { sessionId }, at: now });
  });

/** Every session of the customer but the one that is to go on, in the caller's transaction; gives how many there were. */
export async function endAllSessions(
  tx: SqlTx,
  customerId: string,
  reason: EndReason,
  now: Date,
  { except = null }: { except?: string | null } = {},
): Promise<number> {
  const ended = await endSessionsOf(tx, customerId, reason, now, except);
  await tellEnded(tx, ended, reason, now);
  return ended.length;
}

/** The end is the only thing ever told of a session, so its version is 1 and no lock is needed to order it. */
export const tellEnded = (tx: SqlTx, sessions: readonly EndedSession[], reason: EndReason, revokedAt: Date) =>
  enqueueAll(
    tx,
    sessions.map(({ sessionId, customerId }) =>
      outboxRow(sessionRevoked, { sessionId, version: 1, customerId, reason, revokedAt }),
    ),
  );
