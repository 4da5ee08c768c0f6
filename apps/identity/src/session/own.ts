import { AppError } from '@forecourt/errors';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import { lockCustomer } from '../customer/service.ts';
import type { Deps } from '../deps.ts';
import { endAllSessions, tellEnded } from './service.ts';
import { endSessionOrDeviceOf, type ListedSession, listEverySessionOf } from './store.ts';

/*
 * A customer's own look at where they are signed in: a browser and an app with a key are the same to them.
 */

/** People look for those that were used last; all others they end at once. */
const mostListed = 100;

export const listAllSessions = (
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  customerId: string,
): PromiseLike<ListedSession[]> => listEverySessionOf(database, customerId, clock(), mostListed);

interface Ending {
  readonly customerId: string;
  readonly sessionId: string;
  readonly actor: Actor;
}

export const endOneSession = (
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  { customerId, sessionId, actor }: Ending,
): Promise<void> =>
  database.transaction(async (tx) => {
    const now = clock();
    const ended = await endSessionOrDeviceOf(tx, { customerId, sessionId, now });
    if (ended.length === 0) throw new AppError('session_not_found', 'There is no such session.');
    await tellEnded(tx, ended, 'ended_by_customer', now);
    await recordAct(tx, { act: 'session.ended', actor, subjectId: customerId, facts: { sessionId }, at: now });
  });

/** All but the one in which it is asked for. */
export const endOtherSessions = ({ db, clock }: Pick<Deps, 'db' | 'clock'>, { customerId, sessionId, actor }: Ending) =>
  db.$transaction(async (tx) => {
    await lockCustomer(tx, customerId);
    const now = clock();
    const ended = await endAllSessions(tx, customerId, 'ended_by_customer', now, { except: sessionId });
    if (ended === 0) return;
    await recordAct(tx, { act: 'session.ended', actor, subjectId: customerId, facts: { sessions: ended }, at: now });
  });
