import { AppError } from '@forecourt/errors';
import type { Deps } from '../deps.ts';
import type { ExchangedToken } from '../session/exchanged-tokens.ts';
import { noteUseEverySeconds } from '../session/session.ts';
import { hashOf } from './service-account.ts';
import { useKey } from './store.ts';

/** The gateway goes on with what it gets: the subject is the account, the session its key. */
export async function exchangeKey(
  { database, clock, exchangedTokens }: Pick<Deps, 'database' | 'clock' | 'exchangedTokens'>,
  key: string,
): Promise<ExchangedToken> {
  const now = clock();
  const noteUsesBefore = new Date(now.getTime() - noteUseEverySeconds * 1000);
  const holder = await useKey(database, { hash: hashOf(key), now, noteUsesBefore });
  if (!holder) throw new AppError('unauthenticated', 'The key is not valid.');
  const { accountId: customerId, keyId: sessionId, roles } = holder;
  return exchangedTokens.tokenFor({ customerId, sessionId, roles }, now);
}
